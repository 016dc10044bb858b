"""`inferstack verify`, and the command and the curl that people use, on stacks with sign-in: by user on instances, and by signature."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.status.example_call import build_example_call
from deployment.paths import PYTHON, ROOT
from local.run_state import RunState, write_state
from tests.conftest import bring_up, state_in
from tests.local.test_operator_rights import list_rights


@pytest.fixture(scope="module")
def iam_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("iam")


@pytest.fixture(scope="module")
def iam(iam_dir: Path) -> Iterator[RunState]:
    """A stack whose callers sign their requests, of a recipe of numbers, with topics for its alarms."""
    with bring_up(iam_dir, auth="iam", recipe="house_price", alarm_email="operator@example.com") as state:
        yield state


def run(folder: Path, *arguments: str) -> tuple[int, Any]:
    with state_in(folder):
        result = CliRunner().invoke(app, [*arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def list_failed(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in found["checks"] if each["status"] == "failed"]


def call(state: RunState, folder: Path) -> dict[str, Any]:
    """Run the curl that `up` prints, in a shell as people do."""
    path = f"{PYTHON.parent}:/usr/bin:/bin"
    environment = {"PATH": path, "INFERSTACK_STATE_DIR": str(folder), "HOME": str(folder)}
    done = subprocess.run(build_example_call(state), shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def run_as_operator(state: RunState, folder: Path, own: Path) -> tuple[int, Any, set[str]]:
    """Run `verify` as a user of IAM who may do what operating.md lists for it; return also the actions that were asked, all allowed."""
    iam = boto3.client("iam", **state.client_options())
    statement = {"Effect": "Allow", "Action": sorted(list_rights("verify")), "Resource": "*"}
    iam.create_user(UserName="operator")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="operator", PolicyName="allowed", PolicyDocument=policy)
    key = iam.create_access_key(UserName="operator")["AccessKey"]
    keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    with state_in(own):
        write_state(replace(state, aws=state.aws | keys))
    code, found = run(own, "verify")
    calls = [json.loads(line) for line in (folder / "logs/calls.jsonl").read_text().splitlines()]
    asked = [call for call in calls if call["principal"].endswith("user/operator")]
    assert [call for call in asked if not call["allowed"]] == []
    return code, found, {call["action"] for call in asked}


def test_needs_what_is_listed_of_an_operator_whose_stack_has_users(signed: RunState, signed_dir: Path, tmp_path: Path) -> None:
    code, found, asked = run_as_operator(signed, signed_dir, tmp_path)
    assert (list_failed(found), code) == ([], 0)
    assert {action for action in list_rights("verify") if action.startswith("cognito-idp:")} <= asked <= list_rights("verify")


def test_needs_what_is_listed_of_an_operator_who_signs(iam: RunState, iam_dir: Path, tmp_path: Path) -> None:
    code, found, asked = run_as_operator(iam, iam_dir, tmp_path)
    assert (list_failed(found), code) == ([], 0)
    of_callers = {"execute-api:Invoke", "appsync:EventConnect", "appsync:EventSubscribe", "sns:ListSubscriptionsByTopic"}
    assert of_callers <= asked <= list_rights("verify")


def test_proves_that_a_stack_with_users_works(signed: RunState, signed_dir: Path) -> None:
    code, found = run(signed_dir, "verify", "--rollout")
    assert (list_failed(found), code) == ([], 0)


@pytest.mark.parametrize("authorization", ["Bearer a.b.c", "Basic dTpw", "anything"])
def test_takes_no_other_sign_in_for_a_signature(iam: RunState, authorization: str) -> None:
    """A token of the time when the stack had users was answered."""
    refusal = httpx.get(f"{iam.api_url}/model", headers={"authorization": authorization})
    assert (refusal.status_code, refusal.json()) == (403, {"message": "Forbidden"})


def test_proves_that_a_stack_with_signatures_works(iam: RunState, iam_dir: Path) -> None:
    code, found = run(iam_dir, "verify", "--rollout")
    assert (list_failed(found), code) == ([], 0)
    assert {each["status"] for each in found["checks"] if each["group"] == "alarms"} == {"passed"}


def test_finds_a_topic_that_cloudwatch_may_not_publish_to(iam: RunState, iam_dir: Path) -> None:
    """As enforce_ssl alone writes a topic's policy: a deny, and nothing that allows."""
    sns = boto3.client("sns", **iam.client_options())
    topic = sns.list_topics()["Topics"][0]["TopicArn"]
    right = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": topic, "Condition": insecure}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps({"Statement": [deny]}))
    try:
        code, found = run(iam_dir, "verify")
    finally:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=right)
    assert (code, [each["name"] for each in list_failed(found)]) == (1, ["topic lets CloudWatch publish"])
    assert topic in list_failed(found)[0]["found"]


def test_answers_the_printed_curl_and_the_command(signed: RunState, signed_dir: Path, iam: RunState, iam_dir: Path) -> None:
    assert call(signed, signed_dir)["predictions"][0]["label"] == 7
    assert call(iam, iam_dir)["predictions"][0]["value"] > 0
    _, (answer,) = run(signed_dir, "predict", str(ROOT / "docs/seven.png"))
    assert answer["predictions"][0]["label"] == 7
    assert run(signed_dir, "status")[1]["model_version"] == answer["model"]["version"]
    code, (upload,) = run(iam_dir, "upload", str(ROOT / "recipes/house_price/data.csv"), "--wait")
    assert (code, upload["job"]["state"]) == (0, "succeeded")
