"""`inferstack verify`: each check by itself, a table or JSON, an exit code; and a user that exists only meanwhile."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.api.user_token import SignInFailed
from cli.main import app
from cli.stage.aws import AwsFailed
from cli.verify.check import Check, CheckFailed, CheckSkipped, run_checks
from cli.verify.deployment import open_deployment
from cli.verify.temporary_user import TemporaryUser
from tests.command import CliRunner
from tests.fakes import FakeClock
from tests.unit.cli.test_sign_in import FakeCognito
from tests.unit.cli.verify.world import API, PAGE, World, build_deployment
from tests.unit.cli.world import fake_services


def fail(_: Any) -> str:
    raise CheckFailed("got 1, expected 2", "do that")


def crash(_: Any) -> str:
    raise KeyError("state")


def skip(_: Any) -> str:
    raise CheckSkipped("there is no mail")


def test_makes_each_check_by_itself(tmp_path: Path) -> None:
    checks = [Check("g", run.__name__, run, "do this") for run in (fail, crash, skip)] + [Check("g", "pass", lambda _: "well", "do this")]
    results = list(run_checks(checks, build_deployment(World(), tmp_path)))
    assert [(each.name, each.status, each.found, each.fix) for each in results] == [
        ("fail", "failed", "got 1, expected 2", "do that"),
        ("crash", "failed", "KeyError: 'state'", "do this"),
        ("skip", "skipped", "there is no mail", ""),
        ("pass", "passed", "well", ""),
    ]


def build_clients(world: World, *, auth: str = "none", without: str = "", recipes: str = "") -> Any:
    """Return the world's clients, with stacks that have outputs."""
    outputs = {
        "Auth": auth,
        "Recipe": "salary",
        "ApiUrl": API,
        "PageUrl": PAGE,
        "EndpointName": "endpoint",
        "ModelPackageGroupName": "group",
    }
    outputs |= {"Recipes": recipes} if recipes else {}
    outputs |= {"UploadsBucketName": "uploads", "ResultsBucketName": "results", "EventsUrl": "https://events.example/event"}

    class Stacks(type(world.connect("cloudformation"))):  # type: ignore[misc]
        def describe_stacks(self, **call: Any) -> dict[str, Any]:
            found: dict[str, Any] = super().describe_stacks(**call)
            found["Stacks"][0]["Outputs"] = [{"OutputKey": k, "OutputValue": v} for k, v in outputs.items() if k != without]
            return found

    return lambda _: lambda service: Stacks(world) if service == "cloudformation" else world.connect(service)


def verify(*arguments: str, auth: str = "none") -> tuple[int, str]:
    world = World()
    services = fake_services(world, connect_aws=build_clients(world, auth=auth))
    result = CliRunner().invoke(app, ["verify", "--stage", "dev", *arguments], obj=services)
    return result.exit_code, result.stdout


def test_prints_what_failed_with_what_to_do_and_exits_with_1() -> None:
    code, printed = verify()  # the world is one of digits, and this deployment's recipe is salary
    assert code == 1
    assert "\n  API: cold and warm latency\n    " in printed  # what to do stands apart
    assert "failed" in printed


def test_prints_json_for_machines() -> None:
    code, printed = verify("--json")
    document = json.loads(printed)
    assert (code, document["stage"]) == (1, "dev")
    assert document["passed"] + document["failed"] + document["skipped"] == len(document["checks"])
    assert document["checks"][0].keys() == {"group", "name", "status", "found", "fix", "seconds"}
    assert {each["status"] for each in document["checks"]} == {"passed", "failed", "skipped"}


def test_refuses_a_stage_that_there_is_not() -> None:
    assert CliRunner().invoke(app, ["verify", "--stage", "nope"]).exit_code == 2


def test_says_that_stacks_are_older_than_the_command(tmp_path: Path) -> None:
    services = fake_services(World(), connect_aws=build_clients(World(), without="Auth"))
    with pytest.raises(AwsFailed, match="no output Auth"), open_deployment("dev", services, tmp_path, 0):
        pass


class Pool(FakeCognito):
    """A user pool with its users."""

    users: set[str]

    def admin_create_user(self, Username: str, MessageAction: str, **_: Any) -> None:  # noqa: N803 - AWS's names
        assert MessageAction == "SUPPRESS"
        self.users = {Username}

    def admin_set_user_password(self, Password: str, **_: Any) -> None:  # noqa: N803
        self.password = Password

    def admin_add_user_to_group(self, Username: str, GroupName: str, **_: Any) -> None:  # noqa: N803
        assert Username in self.users
        self.group = GroupName

    def admin_delete_user(self, Username: str, **_: Any) -> None:  # noqa: N803
        self.users.remove(Username)


OUTPUTS = {"UserPoolId": "us-east-1_AbC123", "UserPoolClientId": "page"}


def test_signs_in_as_a_user_that_exists_only_meanwhile() -> None:
    pool = Pool()
    user = TemporaryUser(lambda _: pool, OUTPUTS)
    assert user.get_token() == user.get_token() == "a.b.c"
    assert (len(pool.calls), len(pool.users)) == (1, 1)
    user.delete()
    assert pool.users == set()


def test_removes_the_user_that_could_not_sign_in() -> None:
    pool = Pool(after="SOFTWARE_TOKEN_MFA")
    user = TemporaryUser(lambda _: pool, OUTPUTS)
    with pytest.raises(SignInFailed):
        user.get_token()
    user.delete()
    assert pool.users == set()


def test_becomes_an_operator_by_a_new_token_because_groups_stand_in_it() -> None:
    pool = Pool()
    user = TemporaryUser(lambda _: pool, OUTPUTS)
    user.get_token()
    user.join("operators")
    user.get_token()
    assert (pool.group, len(pool.calls), len(pool.users)) == ("operators", 2, 1)


def test_creates_the_user_that_joins() -> None:
    pool = Pool()
    user = TemporaryUser(lambda _: pool, OUTPUTS)
    user.join("operators")
    assert (pool.group, len(pool.users)) == ("operators", 1)


def test_has_no_user_where_a_token_is_given(tmp_path: Path) -> None:
    asked: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    services = fake_services(reply, connect_aws=build_clients(World(), auth="jwt"))
    with open_deployment("dev", services, tmp_path, 0, "mine") as deployment:
        deployment.api.send("GET", "/model")
        deployment.stranger.send("GET", "/model")
    assert [request.headers.get("authorization") for request in asked] == ["Bearer mine", None]


def test_renews_a_token_before_it_runs_out() -> None:
    pool, clock = Pool(), FakeClock()
    user = TemporaryUser(lambda _: pool, OUTPUTS, clock)
    user.get_token()
    clock.sleep(46 * 60)
    user.get_token()
    assert (len(pool.calls), len(pool.users)) == (2, 1)
