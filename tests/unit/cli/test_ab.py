"""The report: a listing counted by variant and version, and what it says in words."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.commands.ab import Model, compare, count, newest, outcomes
from cli.main import app
from cli.proportions import Counted
from functions.shared.object_store import Store
from functions.shared.predictions import Prediction
from tests.fake_s3 import FakeS3
from tests.unit.cli.world import FakeApi, outside

NOW_S = int(datetime.now(UTC).timestamp())
DAY_S = 86_400


class CountingS3(FakeS3):
    """Counts its listings, and refuses every read."""

    def __init__(self) -> None:
        super().__init__()
        self.listings = 0

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        self.listings += 1
        return super().list_objects_v2(**request)

    def get_object(self, **_: Any) -> dict[str, Any]:
        raise AssertionError("a report reads no object")


class FakeCloudFormation:
    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        assert StackName == "Inferstack-dev-Web"
        return {"Stacks": [{"Outputs": [{"OutputKey": "ResultsBucketName", "OutputValue": "results"}]}]}


def fill(s3: FakeS3, variant: str, right: int, total: int, *, version: str = "1", days_ago: int = 0) -> None:
    for number in range(total):
        prediction = Prediction(f"{variant}{number}", variant, version, NOW_S - days_ago * DAY_S, (7,))
        s3.put("results", prediction.outcome_key("digits", 0, right=number < right), b"")


def reported(s3: FakeS3, *arguments: str) -> Result:
    clients = {"s3": s3, "cloudformation": FakeCloudFormation()}
    world = outside(FakeApi(), aws=lambda _: clients.__getitem__)
    return CliRunner().invoke(app, ["ab", "report", "--stage", "dev", *arguments], obj=world, catch_exceptions=False)


def model(variant: str, right: int, total: int, *, version: str = "1", days: Iterable[str] = ("2026-11-01", "2026-11-21")) -> Model:
    return Model(variant, version, Counted(right, total), *days)


def test_shows_a_row_a_model_and_says_which_is_better() -> None:
    s3 = CountingS3()
    fill(s3, "champion", 970, 1000)
    fill(s3, "challenger", 90, 100)
    done = reported(s3)
    assert done.exit_code == 0
    assert "challenger  1        100       90     90.0%     82.6% to 94.5%" in done.stdout
    assert "champion is better by 7.0 points (2.4 to 14.5)" in done.stdout


def test_speaks_json_to_machines() -> None:
    s3 = CountingS3()
    fill(s3, "champion", 9, 10)
    fill(s3, "challenger", 8, 10)
    answer = json.loads(reported(s3, "--json").stdout)
    assert [(each["variant"], each["right"], each["outcomes"], each["accuracy"]) for each in answer["models"]] == [
        ("challenger", 8, 10, 0.8),
        ("champion", 9, 10, 0.9),
    ]
    (comparison,) = answer["comparisons"]
    assert comparison["difference"] == pytest.approx(-0.1)
    assert comparison["low"] < -0.1 < 0 < comparison["high"]
    assert comparison["more_outcomes"] == 378  # 199 of each, less the 20 there are


def test_says_so_when_nobody_said_anything() -> None:
    assert "nobody has said anything" in reported(CountingS3()).stdout
    assert json.loads(reported(CountingS3(), "--json").stdout)["models"] == []


def test_takes_only_the_last_days_if_asked() -> None:
    s3 = CountingS3()
    fill(s3, "champion", 5, 5, days_ago=8)
    fill(s3, "champion", 1, 2, days_ago=6, version="2")
    (only,) = json.loads(reported(s3, "--json", "--since", "7").stdout)["models"]
    assert (only["version"], only["outcomes"]) == ("2", 2)


def test_refuses_a_stage_there_is_not() -> None:
    assert reported(CountingS3(), "--stage", "production").exit_code == 2


def test_skips_what_is_older_without_listing_it_all() -> None:
    s3 = CountingS3()
    fill(s3, "champion", 2500, 2500, days_ago=20)
    fill(s3, "champion", 1, 2)
    since = datetime.now(UTC).date() - timedelta(days=3)
    assert len(list(outcomes(Store(s3, "results").list, "digits", since))) == 2
    assert s3.listings == 3
    assert len(list(outcomes(Store(s3, "results").list, "digits", date.min))) == 2502


def test_counts_nothing_of_another_recipe() -> None:
    s3 = CountingS3()
    fill(s3, "champion", 1, 1)
    assert list(outcomes(Store(s3, "results").list, "digit")) == []
    assert count(outcomes(Store(s3, "results").list, "digits"))[0].counted == Counted(1, 1)


def test_compares_what_answered_last_and_not_what_was_replaced() -> None:
    old = model("main", 5, 10, version="9", days=("2026-11-01", "2026-11-10"))
    new = model("main", 9, 10, version="10", days=("2026-11-10", "2026-11-21"))
    other = model("other", 9, 10)
    assert newest([old, new, other]) == newest([new, old, other]) == [new, other]


COMPARISONS = {
    "the other is better": ((800, 1000), (900, 1000), r"^b is better by 10\.0 points \(6\.9 to 13\.1\)$"),
    "more are needed for what is seen": (
        (40, 50),
        (45, 50),
        r"^no difference of a and b .* 298 more outcomes would tell one of 10\.0 points$",
    ),
    "more are needed for a point": (
        (95, 100),
        (95, 100),
        r"^no difference of a and b .* 14,\d{3} more outcomes would tell one of 1 point$",
    ),
    "all were right": ((10, 10), (10, 10), r"would tell one of 1 point$"),
    "all were wrong": ((0, 10), (0, 3), r"would tell one of 1 point$"),
    "nothing that matters": ((98_000, 100_000), (9_805, 10_000), r"^a and b are within 1 point of each other \(-0\.3 to \+0\.3\)$"),
}


@pytest.mark.parametrize(("one", "other", "says"), COMPARISONS.values(), ids=COMPARISONS)
def test_says_when(one: tuple[int, int], other: tuple[int, int], says: str) -> None:
    comparison = compare(model("a", *one), model("b", *other))
    assert re.search(says, comparison["says"]), comparison["says"]
    assert (comparison["more_outcomes"] > 0) == ("more outcomes" in comparison["says"])
