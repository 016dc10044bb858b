"""`inferstack models` over a group and a stack of ours, where the real rollout function looks whenever the command sleeps."""

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.services import Services
from functions.rollout.endpoint_stack import EndpointStack
from functions.rollout.model_packages import ModelPackages
from functions.rollout.service import Service
from tests import tiny_model
from tests.fakes import FakeClock
from tests.moto_aws import Bucket, empty_account
from tests.rollout_world import GROUP, ROLE, STACK, FakeCloudFormation, PackageGroup, arn


class World:
    """A stage, and what happens in it while the command waits: first the function looks, then the update ends as it is set to.

    SageMaker and S3 are moto's; the stack is not (see FakeCloudFormation).
    """

    def __init__(self) -> None:
        self.group, self.stack, self.dump, self.clock = PackageGroup(), FakeCloudFormation(), Bucket("dump"), FakeClock()
        self.rollout = Service(ModelPackages(self.group.client, GROUP), EndpointStack(self.stack, STACK, ROLE))
        self.end: Callable[[], None] = self.stack.end
        self.looks = True

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        if self.stack.status.endswith("_IN_PROGRESS"):
            self.end()
        if self.looks:
            self.rollout.advance()

    def add_measured(self, version: int, **metrics: float) -> None:
        """Register a version with the metrics that its pipeline measured."""
        key = f"models/{version}/statistics.json"
        values = {name: {"value": value, "standard_deviation": "NaN"} for name, value in metrics.items()}
        self.dump.put(key, json.dumps({"multiclass_classification_metrics": {"confusion_matrix": {}, **values}}).encode())
        statistics = {"ContentType": "application/json", "S3Uri": f"s3://dump/{key}"}
        self.group.add(version, ModelMetrics={"ModelQuality": {"Statistics": statistics}})

    def serve(self) -> None:
        """Have the newest approved version served."""
        self.rollout.advance()
        self.stack.end()

    def run(self, *arguments: str) -> Result:
        clients = {"cloudformation": self.stack, "sagemaker": self.group.client, "s3": self.dump.client}
        services = Services(connect_aws=lambda stage: clients.__getitem__, sleep=self.sleep, clock=self.clock)
        return CliRunner().invoke(app, ["models", *arguments, "--stage", "dev"], obj=services)

    def read(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture
def world() -> Iterator[World]:
    with empty_account():
        yield World()


@pytest.fixture
def served(world: World) -> World:
    """A stage that serves version 1, with version 2 to be decided."""
    world.group.add(1, "Approved")
    world.serve()
    world.group.add(2)
    return world


def test_lists_the_newest_first_with_score_and_who_serves(world: World) -> None:
    world.group.add(1, "Approved")
    world.serve()
    world.add_measured(2, accuracy=0.9912, weighted_recall=0.9)
    world.add_measured(10, accuracy=0.5)
    rows = world.read("list")
    assert [row["number"] for row in rows] == list(range(10, 0, -1))
    assert [(row["status"], row["serves"], row["metrics"].get("accuracy")) for row in (rows[0], rows[8], rows[9])] == [
        ("PendingManualApproval", False, 0.5),
        ("PendingManualApproval", False, 0.9912),
        ("Approved", True, None),
    ]
    table = world.run("list", "--limit", "9").stdout
    assert "accuracy 0.9912" in table
    assert "Approved " not in table


def test_lists_a_version_whose_metrics_are_gone(world: World) -> None:
    world.add_measured(1, accuracy=0.9)
    world.dump.delete("models/1/statistics.json")
    assert world.read("list")[0]["metrics"] == {}


def test_says_what_serves_before_anything_is_registered(world: World) -> None:
    result = world.run("list")
    assert "no version yet" in result.stdout
    assert "the model it was deployed with" in result.stderr


def test_approves_and_follows_until_the_endpoint_serves_it(served: World) -> None:
    version = served.read("approve", "2", "--wait")
    assert (version["number"], version["status"], version["serves"]) == (2, "Approved", True)
    assert served.stack.status == "UPDATE_COMPLETE"


def test_returns_at_once_without_wait(served: World) -> None:
    version = served.read("approve", "2")
    assert (version["status"], version["serves"], served.clock.slept_s) == ("Approved", False, [])


def test_does_not_take_an_update_under_way_for_served(world: World) -> None:
    world.group.add(1, "Approved")
    world.serve()
    world.group.add(2, "Approved")
    world.rollout.advance()
    result = world.run("approve", "2")
    assert "version 2 serves" not in result.stdout
    assert result.exit_code == 0


def test_says_why_a_version_was_rolled_back(served: World) -> None:
    served.end = lambda: served.stack.roll_back(("EndpointEndpoint", "ModelLatency went over 1 s"))
    result = served.run("approve", "2", "--wait", "--json")
    assert result.exit_code == 1
    assert isinstance(result.exception, Exception)
    assert "version 2 is Rejected: rolled back: EndpointEndpoint: ModelLatency went over 1 s" in str(result.exception)


def test_tries_a_version_again_that_was_rolled_back(served: World) -> None:
    served.end = lambda: served.stack.roll_back(("EndpointEndpoint", "no capacity"))
    assert served.run("approve", "2", "--wait").exit_code == 1
    served.end = served.stack.end
    assert served.read("approve", "2", "--wait")["serves"]


def test_says_that_a_newer_version_serves_on(world: World) -> None:
    world.group.add(3, "Approved")
    world.serve()
    result = world.run("approve", "2", "--wait")
    assert (result.exit_code, world.clock.slept_s) == (0, [])
    assert "version 3 is approved and newer" in result.stderr


def test_stops_waiting_when_a_newer_version_comes_first(served: World) -> None:
    served.looks = False
    slept = served.clock.sleep

    def sleep(seconds: float) -> None:
        slept(seconds)
        served.group.add(3, "Approved")

    served.clock.sleep = sleep  # type: ignore[method-assign]
    result = served.run("approve", "2", "--wait")
    assert result.exit_code == 1
    assert "version 3 is approved and newer" in str(result.exception)


def test_stops_waiting_where_the_stack_needs_a_person(served: World) -> None:
    def end() -> None:
        served.stack.status = "UPDATE_ROLLBACK_FAILED"
        served.looks = False

    served.end = end
    result = served.run("approve", "2", "--wait")
    assert "the endpoint's stack is UPDATE_ROLLBACK_FAILED" in str(result.exception)


def test_gives_up_after_hours(served: World) -> None:
    sleep = served.clock.sleep
    served.clock.sleep = lambda seconds: sleep(500 * seconds)  # type: ignore[method-assign]  # thousands of polls would take a minute
    served.looks = False
    result = served.run("approve", "2", "--wait")
    assert "does not serve after 3 hours" in str(result.exception)
    assert 3 * 3600 <= sum(served.clock.slept_s) < 4 * 3600


def test_knows_which_versions_there_are(served: World) -> None:
    assert "has no version 7; there are 1 to 2" in str(served.run("approve", "7").exception)


def test_goes_back_to_the_newest_approved_version_before(world: World) -> None:
    for version, status in enumerate(("Approved", "Approved", "Rejected", "Approved"), 1):
        world.group.add(version, status)
    world.serve()
    version = world.read("rollback", "--reason", "sevens come out as ones", "--wait")
    assert (version["number"], version["serves"]) == (2, True)
    assert world.group.status(4)[1] == "rolled back by hand: sevens come out as ones"
    assert world.stack.parameters["ModelPackageArn"] == arn(2)


def test_rolls_nothing_back_where_nothing_would_take_its_place(served: World) -> None:
    result = served.run("rollback")
    assert (result.exit_code, served.group.status(1)[0]) == (1, "Approved")
    assert "version 1 is the only approved one" in result.stderr


def test_rolls_nothing_back_before_the_first_version(world: World) -> None:
    result = world.run("rollback")
    assert result.exit_code == 1
    assert "nothing to roll back" in result.stderr


def test_rolls_nothing_back_that_a_newer_version_is_about_to_replace(world: World) -> None:
    world.group.add(1, "Approved")
    world.serve()
    world.group.add(2, "Approved")
    result = world.run("rollback")
    assert result.exit_code == 1
    assert "version 2 is approved and newer than 1" in result.stderr
    assert world.group.status(1)[0] == "Approved"


def test_refuses_a_stage_that_does_not_exist() -> None:
    assert CliRunner().invoke(app, ["models", "list", "--stage", "moon"]).exit_code == 2


def add_model(tmp_path: Path, world: World, version: int) -> None:
    """Register a version that has a model."""
    folder, packed, key = tiny_model.write(tmp_path / str(version)), io.BytesIO(), f"models/{version}/model.tar.gz"
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for file in ("model.onnx", "manifest.json"):
            tar.add(folder / file, file)
    world.dump.put(key, packed.getvalue())
    types = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["application/json"]}
    world.group.add(version, InferenceSpecification={"Containers": [{"Image": "any", "ModelDataUrl": f"s3://dump/{key}"}], **types})


def test_compares_two_versions_as_they_would_serve(world: World, tmp_path: Path) -> None:
    for version in (1, 2):
        add_model(tmp_path, world, version)
    page = tmp_path / "1-2.html"
    comparison = world.read("compare", "1", "2", "--limit", "100", "--out", str(page))
    assert list(comparison["models"]) == ["version 1", "version 2"]
    assert (comparison["rows"], comparison["disagreement"]["differ"], comparison["report"]) == (100, 0, str(page))
    assert "version 2: mistakes" in page.read_text()
    assert "disagree on 0" in world.run("compare", "1", "2", "--limit", "100", "--out", str(page)).stdout


def test_compares_no_version_with_itself(world: World) -> None:
    assert world.run("compare", "1", "1").exit_code == 2


def test_says_which_version_has_no_archive(world: World, tmp_path: Path) -> None:
    add_model(tmp_path, world, 1)
    world.group.add(2)
    assert "version 2 names no model.tar.gz" in str(world.run("compare", "1", "2").exception)
