"""`inferstack models` over a group and a stack of ours, where the real rollout function looks whenever the command sleeps."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cli.main import app
from cli.models.rollout_wait import NotServed
from cli.stage.aws import AwsFailed
from tests.command import CliRunner
from tests.moto_aws import empty_account
from tests.rollout_world import arn
from tests.unit.cli.models_world import ModelsWorld


@pytest.fixture
def world() -> Iterator[ModelsWorld]:
    with empty_account():
        yield ModelsWorld()


@pytest.fixture
def served(world: ModelsWorld) -> ModelsWorld:
    """A stage that serves version 1, with version 2 to be decided."""
    world.group.add(1, "Approved")
    world.serve()
    world.group.add(2)
    return world


def test_lists_the_newest_first_with_score_and_who_serves(world: ModelsWorld) -> None:
    world.group.add(1, "Approved")
    world.serve()
    world.add_measured(2, accuracy=0.9912, weighted_recall=0.9)
    world.add_measured(10, accuracy=0.5)
    rows = world.read("list")
    assert [row["number"] for row in rows] == [*range(10, 0, -1), None]
    assert [(row["status"], row["serves"], row["metrics"].get("accuracy")) for row in (rows[0], rows[8], rows[9])] == [
        ("PendingManualApproval", False, 0.5),
        ("PendingManualApproval", False, 0.9912),
        ("Approved", True, None),
    ]
    nine = world.run("list", "--limit", "9")
    assert "accuracy 0.9912" in nine.stdout
    assert "Approved " not in nine.stdout
    assert "there are older versions: --limit shows more" in nine.stderr
    assert "--limit" not in world.run("list", "--limit", "10").stderr


def test_lists_a_version_whose_metrics_are_gone(world: ModelsWorld) -> None:
    world.add_measured(1, accuracy=0.9)
    world.dump.delete("models/1/statistics.json")
    assert world.read("list")[0]["metrics"] == {}


def test_says_what_serves_before_anything_is_registered(world: ModelsWorld) -> None:
    result = world.run("list")
    assert "no version yet" in result.stderr
    assert result.stdout.splitlines()[1].split(maxsplit=2) == ["shipped", "yes", "the deployment's own model"]


def test_lists_the_model_of_the_deployment_as_the_versions_are(world: ModelsWorld) -> None:
    (own,) = world.read("list")
    assert (own["number"], own["status"], own["serves"], own["metrics"]) == (None, "Shipped", True, {})
    world.group.add(1, "Approved")
    world.serve()
    version, own = world.read("list")
    assert version.keys() == own.keys()
    assert (version["serves"], own["serves"]) == (True, False)


def test_approves_and_follows_until_the_endpoint_serves_it(served: ModelsWorld) -> None:
    version = served.read("approve", "2", "--wait")
    assert (version["number"], version["status"], version["serves"]) == (2, "Approved", True)
    assert served.stack.status == "UPDATE_COMPLETE"


def test_returns_at_once_without_wait(served: ModelsWorld) -> None:
    version = served.read("approve", "2")
    assert (version["status"], version["serves"], served.clock.slept_s) == ("Approved", False, [])


def test_does_not_take_an_update_under_way_for_served(world: ModelsWorld) -> None:
    world.group.add(1, "Approved")
    world.serve()
    world.group.add(2, "Approved")
    world.rollout.advance()
    result = world.run("approve", "2")
    assert "version 2 serves" not in result.stdout
    assert result.exit_code == 0


def test_does_not_mix_two_looks_at_the_stack(served: ModelsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """An update that has not reached the endpoint yet is rolled back between the two."""
    look = served.stack.describe_endpoint

    def look_and_roll_back(**request: str) -> dict[str, Any]:
        endpoint = look(**request)
        if served.stack.status == "UPDATE_IN_PROGRESS":
            served.stack.roll_back(("EndpointEndpoint", "no capacity"))
        return endpoint

    monkeypatch.setattr(served.stack, "describe_endpoint", look_and_roll_back)
    result = served.run("approve", "2", "--wait")
    assert "version 2 is Rejected" in result.stderr


def test_says_why_a_version_was_rolled_back(served: ModelsWorld) -> None:
    served.end = lambda: served.stack.roll_back(("EndpointEndpoint", "ModelLatency went over 1 s"))
    result = served.run("approve", "2", "--wait", "--json")
    assert result.exit_code == 1
    assert "version 2 is Rejected: rolled back: EndpointEndpoint: ModelLatency went over 1 s" in json.loads(result.stdout)["error"]


def test_tries_a_version_again_that_was_rolled_back(served: ModelsWorld) -> None:
    served.end = lambda: served.stack.roll_back(("EndpointEndpoint", "no capacity"))
    assert served.run("approve", "2", "--wait").exit_code == 1
    served.end = served.stack.end
    assert served.read("approve", "2", "--wait")["serves"]


def test_says_that_a_newer_version_serves_on(world: ModelsWorld) -> None:
    world.group.add(3, "Approved")
    world.serve()
    result = world.run("approve", "2", "--wait")
    assert (result.exit_code, world.clock.slept_s) == (0, [])
    assert "version 3 is approved and newer" in result.stderr


def test_stops_waiting_when_a_newer_version_comes_first(served: ModelsWorld) -> None:
    served.looks = False
    slept = served.clock.sleep

    def sleep(seconds: float) -> None:
        slept(seconds)
        served.group.add(3, "Approved")

    served.clock.sleep = sleep  # type: ignore[method-assign]
    result = served.run("approve", "2", "--wait")
    assert result.exit_code == 1
    assert "version 3 is approved and newer" in result.stderr


def test_stops_waiting_where_the_stack_needs_a_person(served: ModelsWorld) -> None:
    def end() -> None:
        served.stack.status = "UPDATE_ROLLBACK_FAILED"
        served.looks = False

    served.end = end
    result = served.run("approve", "2", "--wait")
    assert "the endpoint's stack is UPDATE_ROLLBACK_FAILED" in result.stderr


def test_gives_up_after_hours(served: ModelsWorld) -> None:
    sleep = served.clock.sleep
    served.clock.sleep = lambda seconds: sleep(500 * seconds)  # type: ignore[method-assign]  # thousands of polls would take a minute
    served.looks = False
    result = served.run("approve", "2", "--wait")
    assert "does not serve after 3 hours" in result.stderr
    assert 3 * 3600 <= sum(served.clock.slept_s) < 4 * 3600


def test_knows_which_versions_there_are(served: ModelsWorld) -> None:
    assert "has no version 7; there are 1 to 2" in served.run("approve", "7").stderr


def test_goes_back_to_the_newest_approved_version_before(world: ModelsWorld) -> None:
    for version, status in enumerate(("Approved", "Approved", "Rejected", "Approved"), 1):
        world.group.add(version, status)
    world.serve()
    version = world.read("rollback", "--reason", "sevens come\nout as ones", "--wait")
    assert (version["number"], version["serves"]) == (2, True)
    assert world.group.status(4)[1] == "rolled back by hand: sevens come out as ones"
    assert world.stack.parameters["ModelPackageArn"] == arn(2)


def test_takes_the_first_approval_back(served: ModelsWorld) -> None:
    result = served.run("rollback", "--reason", "any", "--wait")
    assert result.exit_code == 0, result.output
    assert "the deployment's own model serves" in result.stdout
    assert served.group.status(1) == ("Rejected", "rolled back by hand: any")
    assert served.stack.parameters["ModelPackageArn"] == ""


def test_says_what_is_on_its_way_back_without_wait(served: ModelsWorld) -> None:
    assert served.read("rollback").items() >= {"number": None, "serves": False}.items()


def test_stops_waiting_for_the_own_model_when_a_version_is_approved(served: ModelsWorld) -> None:
    slept = served.clock.sleep

    def sleep(seconds: float) -> None:
        slept(seconds)
        served.group.add(3, "Approved")

    served.clock.sleep = sleep  # type: ignore[method-assign]
    assert "version 3 is approved, so it serves" in served.run("rollback", "--wait").stderr


@pytest.mark.parametrize(("arguments", "what"), [(["approve", "2"], "version 2"), (["rollback"], "the deployment's own model")])
def test_says_after_ctrl_c_that_the_rollout_goes_on(served: ModelsWorld, arguments: list[str], what: str) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    served.clock.sleep = interrupt  # type: ignore[method-assign]
    stopped = served.run(*arguments, "--wait")
    assert stopped.exit_code == 130
    assert f"the rollout of {what} goes on; `inferstack models list --stage dev`" in stopped.stderr


@pytest.mark.parametrize(
    ("failure", "goes_on"), [(AwsFailed("the AWS credentials have ended"), True), (NotServed("version 2 is Rejected: slow"), False)]
)
def test_says_that_a_rollout_goes_on_which_it_can_no_longer_follow(served: ModelsWorld, failure: AwsFailed, goes_on: bool) -> None:
    def fail(_: float) -> None:
        raise failure

    served.clock.sleep = fail  # type: ignore[method-assign]
    stopped = served.run("approve", "2", "--wait")
    assert stopped.exit_code == 1
    assert ("the rollout of version 2 goes on; `inferstack models list --stage dev`" in stopped.stderr) == goes_on
    assert str(failure) in stopped.stderr


def test_rolls_nothing_back_before_the_first_version(world: ModelsWorld) -> None:
    result = world.run("rollback")
    assert result.exit_code == 1
    assert "nothing to roll back" in result.stderr
    advice = " ".join(result.stderr.split())
    assert "deploy with another model_dir, or approve a version that `inferstack models list --stage dev` shows" in advice


def test_rolls_nothing_back_that_a_newer_version_is_about_to_replace(world: ModelsWorld) -> None:
    world.group.add(1, "Approved")
    world.serve()
    world.group.add(2, "Approved")
    result = world.run("rollback")
    assert result.exit_code == 1
    assert "version 2 is approved and newer than 1" in result.stderr
    assert world.group.status(1)[0] == "Approved"


def test_refuses_a_stage_that_does_not_exist() -> None:
    assert CliRunner().invoke(app, ["models", "list", "--stage", "moon"]).exit_code == 2


@pytest.mark.parametrize("versions", [("1", "1"), ("1", "01"), ("shipped", "shipped"), ("0", "1"), ("1", "best"), ("-1", "1")])
def test_compares_two_versions_and_nothing_else(world: ModelsWorld, versions: tuple[str, str]) -> None:
    assert world.run("compare", *versions).exit_code == 2
