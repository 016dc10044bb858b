"""`inferstack models` over a group and a stack of ours, where the real rollout function looks whenever the command sleeps."""

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from cli.main import app
from cli.outside import Outside
from functions.rollout.endpoint_stack import EndpointStack
from functions.rollout.model_packages import ModelPackages
from functions.rollout.service import Service
from tests import tiny_model
from tests.fakes import FakeClock
from tests.moto_aws import empty_account
from tests.rollout_world import GROUP, ROLE, STACK, FakeCloudFormation, PackageGroup, arn


@dataclass
class S3:
    """Objects by their s3:// address."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - AWS's names
        try:
            return {"Body": io.BytesIO(self.objects[f"s3://{Bucket}/{Key}"])}
        except KeyError:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "The specified key does not exist."}}, "GetObject") from None


class World:
    """A stage, and what happens in it while the command waits: first the function looks, then the update ends as it is told to."""

    def __init__(self) -> None:
        self.group, self.stack, self.s3, self.clock = PackageGroup(), FakeCloudFormation(), S3(), FakeClock()
        self.rollout = Service(ModelPackages(self.group.client, GROUP), EndpointStack(self.stack, STACK, ROLE))
        self.end: Callable[[], None] = self.stack.end
        self.looks = True

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        if self.stack.status.endswith("_IN_PROGRESS"):
            self.end()
        if self.looks:
            self.rollout.advance()

    def serve(self, *versions: int) -> None:
        """Have these versions registered and approved, and the last served."""
        for version in versions:
            self.group.add(version, "Approved")
        self.rollout.advance()
        self.stack.end()

    def add(self, version: int, **figures: float) -> None:
        url = f"s3://dump/models/{version}/statistics.json"
        metrics = {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": url}}}
        said = {name: {"value": value, "standard_deviation": "NaN"} for name, value in figures.items()}
        self.s3.objects[url] = json.dumps({"multiclass_classification_metrics": {"confusion_matrix": {}, **said}}).encode()
        self.group.add(version, ModelMetrics=metrics)

    def run(self, *arguments: str) -> Result:
        clients = {"cloudformation": self.stack, "sagemaker": self.group.client, "s3": self.s3}
        world = Outside(aws=lambda stage: clients.__getitem__, sleep=self.sleep, clock=self.clock)
        return CliRunner().invoke(app, ["models", *arguments, "--stage", "dev"], obj=world)

    def said(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture
def world() -> Iterator[World]:
    with empty_account():
        yield World()


def test_lists_the_newest_first_with_score_and_who_serves(world: World) -> None:
    world.serve(1)
    world.add(2, accuracy=0.9912, weighted_recall=0.9)
    world.add(10, accuracy=0.5)
    rows = world.said("list")
    assert [row["number"] for row in rows] == list(range(10, 0, -1))
    assert [(row["status"], row["serves"], row["metrics"].get("accuracy")) for row in (rows[0], *rows[-2:])] == [
        ("PendingManualApproval", False, 0.5),
        ("PendingManualApproval", False, 0.9912),
        ("Approved", True, None),
    ]
    table = world.run("list", "--limit", "9").stdout
    assert "accuracy 0.9912" in table
    assert "Approved " not in table


def test_lists_a_version_whose_figures_are_gone(world: World) -> None:
    world.add(1, accuracy=0.9)
    world.s3.objects.clear()
    assert world.said("list")[0]["metrics"] == {}


def test_says_what_serves_before_anything_is_registered(world: World) -> None:
    result = world.run("list")
    assert "no version yet" in result.stdout
    assert "the model it was deployed with" in result.stderr


def test_approves_and_follows_until_the_endpoint_serves_it(world: World) -> None:
    world.serve(1)
    world.group.add(2)
    told = world.said("approve", "2", "--wait")
    assert (told["number"], told["status"], told["serves"]) == (2, "Approved", True)
    assert world.stack.status == "UPDATE_COMPLETE"


def test_returns_at_once_when_it_is_not_to_wait(world: World) -> None:
    world.serve(1)
    world.group.add(2)
    told = world.said("approve", "2")
    assert (told["status"], told["serves"], world.clock.slept_s) == ("Approved", False, [])


def test_does_not_take_an_update_under_way_for_served(world: World) -> None:
    world.serve(1)
    world.group.add(2, "Approved")
    world.rollout.advance()
    result = world.run("approve", "2")
    assert "version 2 serves" not in result.stdout
    assert result.exit_code == 0


def test_tells_why_a_version_was_rolled_back(world: World) -> None:
    world.serve(1)
    world.group.add(2)
    world.end = lambda: world.stack.roll_back(("EndpointEndpoint", "ModelLatency went over 1 s"))
    result = world.run("approve", "2", "--wait", "--json")
    assert result.exit_code == 1
    assert isinstance(result.exception, Exception)
    assert "version 2 is Rejected: rolled back: EndpointEndpoint: ModelLatency went over 1 s" in str(result.exception)


def test_tries_a_version_again_that_was_rolled_back(world: World) -> None:
    world.serve(1)
    world.group.add(2)
    world.end = lambda: world.stack.roll_back(("EndpointEndpoint", "no capacity"))
    assert world.run("approve", "2", "--wait").exit_code == 1
    world.end = world.stack.end
    assert world.said("approve", "2", "--wait")["serves"]


def test_says_that_a_newer_version_serves_on(world: World) -> None:
    world.serve(3)
    world.group.add(2)
    result = world.run("approve", "2", "--wait")
    assert (result.exit_code, world.clock.slept_s) == (0, [])
    assert "version 3 is approved and newer" in result.stderr


def test_stops_waiting_when_a_newer_version_comes_first(world: World) -> None:
    world.serve(1)
    world.group.add(2)
    world.looks = False
    slept = world.clock.sleep

    def sleep(seconds: float) -> None:
        slept(seconds)
        world.group.add(3, "Approved")

    world.clock.sleep = sleep  # type: ignore[method-assign]
    result = world.run("approve", "2", "--wait")
    assert result.exit_code == 1
    assert "version 3 is approved and newer" in str(result.exception)


def test_stops_waiting_where_the_stack_needs_a_person(world: World) -> None:
    world.serve(1)
    world.group.add(2)

    def end() -> None:
        world.stack.status = "UPDATE_ROLLBACK_FAILED"
        world.looks = False

    world.end = end
    result = world.run("approve", "2", "--wait")
    assert "the endpoint's stack is UPDATE_ROLLBACK_FAILED" in str(result.exception)


def test_gives_up_after_hours(world: World) -> None:
    world.serve(1)
    world.group.add(2)
    world.looks = False
    sleep = world.clock.sleep
    world.clock.sleep = lambda seconds: sleep(seconds + 600)  # type: ignore[method-assign]  # time flies: 5,400 looks take minutes
    result = world.run("approve", "2", "--wait")
    assert "does not serve after 3 hours" in str(result.exception)
    assert 3 * 3600 <= sum(world.clock.slept_s) < 4 * 3600


def test_knows_which_versions_there_are(world: World) -> None:
    for version in (1, 2):
        world.group.add(version)
    assert "has no version 7; there are 1 to 2" in str(world.run("approve", "7").exception)


def test_goes_back_to_the_newest_approved_version_before(world: World) -> None:
    world.serve(1, 2, 4)
    world.group.add(3, "Rejected")
    told = world.said("rollback", "--reason", "sevens come out as ones", "--wait")
    assert (told["number"], told["serves"]) == (2, True)
    assert world.group.status(4)[1] == "rolled back by hand: sevens come out as ones"
    assert world.stack.parameters["ModelPackageArn"] == arn(2)


def test_rolls_nothing_back_where_nothing_would_take_its_place(world: World) -> None:
    world.serve(1)
    world.group.add(2)
    result = world.run("rollback")
    assert (result.exit_code, world.group.status(1)[0]) == (1, "Approved")
    assert "version 1 is the only approved one" in result.stderr


def test_rolls_nothing_back_before_the_first_version(world: World) -> None:
    result = world.run("rollback")
    assert result.exit_code == 1
    assert "nothing to roll back" in result.stderr


def test_rolls_nothing_back_that_a_newer_version_is_about_to_replace(world: World) -> None:
    world.serve(1)
    world.group.add(2, "Approved")
    result = world.run("rollback")
    assert result.exit_code == 1
    assert "version 2 is approved and newer than 1" in result.stderr
    assert world.group.status(1)[0] == "Approved"


def test_refuses_a_stage_that_is_none(world: World) -> None:
    assert CliRunner().invoke(app, ["models", "list", "--stage", "moon"]).exit_code == 2


def archive(tmp_path: Path, world: World, version: int) -> None:
    """Register a version that has a model."""
    folder, packed, url = tiny_model.write(tmp_path / str(version)), io.BytesIO(), f"s3://dump/models/{version}/model.tar.gz"
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name in ("model.onnx", "manifest.json"):
            tar.add(folder / name, name)
    world.s3.objects[url] = packed.getvalue()
    world.group.add(version, InferenceSpecification={"Containers": [{"Image": "any", "ModelDataUrl": url}]})


def test_compares_two_versions_as_they_would_serve(world: World, tmp_path: Path) -> None:
    for version in (1, 2):
        archive(tmp_path, world, version)
    page = tmp_path / "1-2.html"
    told = world.said("compare", "1", "2", "--limit", "100", "--out", str(page))
    assert (list(told["models"]), told["rows"], told["disagreement"]["differ"]) == (["version 1", "version 2"], 100, 0)
    assert told["report"] == str(page)
    assert "version 2: mistakes" in page.read_text()
    assert "disagree on 0" in world.run("compare", "1", "2", "--limit", "100", "--out", str(page)).stdout


def test_compares_no_version_with_itself(world: World) -> None:
    assert world.run("compare", "1", "1").exit_code == 2


def test_says_which_version_has_no_archive(world: World, tmp_path: Path) -> None:
    archive(tmp_path, world, 1)
    world.group.add(2)
    assert "version 2 names no model.tar.gz" in str(world.run("compare", "1", "2").exception)
