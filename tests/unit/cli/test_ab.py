"""The report: a listing counted by variant and version, and what it says in words."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from typer.testing import Result

from cli.main import app
from cli.models.proportions import Share
from cli.models.variant_comparison import compare_variants
from cli.models.variant_outcomes import VariantModel, count_outcomes, read_outcomes, select_newest
from functions.shared.object_store import Store, Stored
from functions.shared.predictions import Prediction
from tests.command import CliRunner
from tests.moto_aws import Bucket
from tests.unit.cli.world import FakeStacks, fake_services

DAY_S = 86_400
STACKS = FakeStacks({"Inferstack-dev-Web": {"ResultsBucketName": "results", "Recipe": "digits"}})


def fill(bucket: Bucket, variant: str, right: int, total: int, *, version: str = "1", days_ago: int = 0) -> None:
    made_s = int(datetime.now(UTC).timestamp()) - days_ago * DAY_S
    for number in range(total):
        prediction = Prediction(f"{variant}{number}", variant, version, made_s, (7,))
        bucket.put(prediction.outcome_key("digits", 0, right=number < right))


def run_report(bucket: Bucket, *arguments: str, stacks: FakeStacks = STACKS) -> Result:
    listing = SimpleNamespace(list_objects_v2=bucket.client.list_objects_v2)  # a report reads no object
    clients = {"s3": listing, "cloudformation": stacks}
    services = fake_services(connect_aws=lambda _: clients.__getitem__)
    return CliRunner().invoke(app, ["ab", "report", "--stage", "dev", *arguments], obj=services, catch_exceptions=False)


def model(variant: str, right: int, total: int, *, version: str = "1", days: Iterable[str] = ("2026-11-01", "2026-11-21")) -> VariantModel:
    return VariantModel(variant, version, Share(right, total), *days)


def test_shows_a_row_a_model_and_says_which_is_better(results: Bucket) -> None:
    fill(results, "champion", 40, 40)
    fill(results, "challenger", 15, 20)
    run = run_report(results)
    assert run.exit_code == 0
    assert "challenger  1        20        15     75.0%     53.1% to 88.8%" in run.stdout
    assert "champion is better by 25.0 points (8.6 to 46.9)" in run.stdout


def test_speaks_json_to_machines(results: Bucket) -> None:
    fill(results, "champion", 9, 10)
    fill(results, "challenger", 8, 10)
    document = json.loads(run_report(results, "--json").stdout)
    assert [(each["variant"], each["right"], each["outcomes"], each["accuracy"]) for each in document["models"]] == [
        ("challenger", 8, 10, 0.8),
        ("champion", 9, 10, 0.9),
    ]
    (comparison,) = document["comparisons"]
    assert comparison["difference"] == pytest.approx(-0.1)
    assert comparison["low"] < -0.1 < 0 < comparison["high"]
    assert comparison["more_outcomes"] == 378  # 199 of each, less the 20 there are


def test_says_so_when_there_is_no_feedback(results: Bucket) -> None:
    assert "there is no feedback" in run_report(results).stdout
    assert json.loads(run_report(results, "--json").stdout)["models"] == []


def test_takes_only_the_last_days_if_asked(results: Bucket) -> None:
    fill(results, "champion", 5, 5, days_ago=8)
    fill(results, "champion", 1, 2, days_ago=5, version="2")  # not 6: midnight may pass between this and the report
    (only,) = json.loads(run_report(results, "--json", "--since", "7").stdout)["models"]
    assert (only["version"], only["outcomes"]) == ("2", 2)


def test_refuses_a_stage_that_does_not_exist(results: Bucket) -> None:
    assert run_report(results, "--stage", "production").exit_code == 2


def test_skips_what_is_older_without_listing_it_all(results: Bucket) -> None:
    fill(results, "champion", 25, 25, days_ago=20)
    fill(results, "champion", 1, 2)
    store, pages = Store(results.client, "results"), list[int]()

    def list_page(prefix: str, *, after: str) -> list[Stored]:
        page = store.list(prefix, after=after, limit=10)
        pages.append(len(page))
        return page

    since = datetime.now(UTC).date() - timedelta(days=3)
    assert len(list(read_outcomes(list_page, "digits", since))) == 2
    assert pages == [10, 2, 0]
    assert len(list(read_outcomes(list_page, "digits", date.min))) == 27


def test_counts_nothing_of_another_recipe(results: Bucket) -> None:
    fill(results, "champion", 1, 1)
    list_objects = Store(results.client, "results").list
    assert list(read_outcomes(list_objects, "digit")) == []
    assert count_outcomes(read_outcomes(list_objects, "digits"))[0].share == Share(1, 1)


def test_counts_what_the_recipe_of_the_stage_answered_where_none_is_named(results: Bucket) -> None:
    prediction = Prediction("any", "main", "1", 1_795_251_600, (7,))
    results.put(prediction.outcome_key("salary", 0, right=True))
    stacks = FakeStacks({"Inferstack-dev-Web": {"ResultsBucketName": "results", "Recipe": "salary"}})
    document = json.loads(run_report(results, "--json", stacks=stacks).stdout)
    assert (document["recipe"], document["models"][0]["outcomes"]) == ("salary", 1)


def test_compares_what_answered_last_and_not_what_was_replaced() -> None:
    old = model("main", 5, 10, version="9", days=("2026-11-01", "2026-11-10"))
    new = model("main", 9, 10, version="10", days=("2026-11-10", "2026-11-21"))
    other = model("other", 9, 10)
    assert select_newest([old, new, other]) == select_newest([new, old, other]) == [new, other]


COMPARISONS = {
    "the other is better": ((800, 1000), (900, 1000), r"^b is better by 10\.0 points \(6\.9 to 13\.1\)$"),
    "more are needed for what is seen": (
        (40, 50),
        (45, 50),
        r"^a and b do not differ clearly yet: about 298 more outcomes would show a difference of 10\.0 points$",
    ),
    "more are needed for a point": (
        (95, 100),
        (95, 100),
        r"^a and b do not differ clearly yet: about 14,\d{3} more outcomes would show a difference of 1 point$",
    ),
    "all were right": ((10, 10), (10, 10), r"would show a difference of 1 point$"),
    "all were wrong": ((0, 10), (0, 3), r"would show a difference of 1 point$"),
    "nothing that matters": ((98_000, 100_000), (9_805, 10_000), r"^a and b are within 1 point of each other \(-0\.3 to \+0\.3\)$"),
}


@pytest.mark.parametrize(("one", "other", "says"), COMPARISONS.values(), ids=COMPARISONS)
def test_says_when(one: tuple[int, int], other: tuple[int, int], says: str) -> None:
    comparison = compare_variants(model("a", *one), model("b", *other))
    assert re.search(says, comparison["says"]), comparison["says"]
    assert (comparison["more_outcomes"] > 0) == ("more outcomes" in comparison["says"])
