"""What an operator's role needs for each command, as docs/operating.md lists it: run here with that and no more."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.services import Services
from deployment.paths import ROOT
from local.run_state import RunState
from tests.conftest import state_in
from tests.local.conftest import Client, acting_as, create_role

ALL = "cloudformation:DescribeStacks"
NAMED = re.compile(r"`([a-z0-9-]+:[A-Z]\w+)`")
# Of the list: what only a stage in AWS, a stage with sign-in, or a version that somebody registered makes a command ask.
NOT_ASKED_HERE = {
    "verify": {
        *(f"cognito-idp:Admin{verb}" for verb in ("CreateUser", "SetUserPassword", "AddUserToGroup", "DeleteUser")),
        *("execute-api:Invoke", "appsync:EventConnect", "appsync:EventSubscribe", "cloudwatch:ListMetrics", "sns:ListSubscriptionsByTopic"),
        *("ecr:BatchGetImage", "ecr:DescribeImages"),
    },
    "models": {"s3:GetObject", "sagemaker:DescribeModelPackage"},
    "inbox": {"s3:GetObject"},
}


def list_rights(command: str) -> set[str]:
    """Return the actions of the row that begins with a command."""
    text = (ROOT / "docs/operating.md").read_text()
    (row,) = [line for line in text.splitlines() if line.startswith(f"| `{command}")]
    return {ALL, *NAMED.findall(row)}


@pytest.fixture
def run(stack: RunState, stack_dir: Path, client: Client) -> Callable[..., set[str]]:
    """Run a command as a role that may do what its row lists; return the actions that it asked, all of which were allowed."""

    def run_as_operator(row: str, *arguments: str) -> set[str]:
        name = f"operator-{arguments[0]}"
        role = create_role(client, name, "sagemaker.amazonaws.com", sorted(list_rights(row)))
        services = Services(connect_aws=lambda stage, region="": acting_as(stack, client, role))
        with state_in(stack_dir):
            done = CliRunner().invoke(app, [*arguments, "--json"], obj=services)
        assert done.exit_code == 0, done.output
        calls = [json.loads(line) for line in (stack_dir / "logs/calls.jsonl").read_text().splitlines()]
        asked = [call for call in calls if f"/{name}/" in call["principal"]]
        assert [call for call in asked if not call["allowed"]] == []
        return {call["action"] for call in asked}

    return run_as_operator


@pytest.mark.parametrize(
    ("row", "arguments"),
    [
        ("models list", ["models", "list"]),
        ("inbox", ["inbox"]),
        ("inbox", ["ab", "report"]),
        ("verify", ["verify", "--rollout"]),
    ],
)
def test_a_command_needs_what_is_listed_and_no_more(row: str, arguments: list[str], run: Callable[..., set[str]]) -> None:
    listed = list_rights(row)
    asked = run(row, *arguments)
    assert asked <= listed
    if arguments[0] in NOT_ASKED_HERE:
        assert listed - asked <= NOT_ASKED_HERE[arguments[0]]


def test_a_redrive_needs_what_is_listed_and_no_more(stack: RunState, client: Client, run: Callable[..., set[str]]) -> None:
    (web,) = client("cloudformation").describe_stacks(StackName="Inferstack-local-Web")["Stacks"]
    queue = next(each["OutputValue"] for each in web["Outputs"] if each["OutputKey"] == "DeadLetterQueueUrl")
    test_of_s3 = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": stack.uploads_bucket})
    client("sqs").send_message(QueueUrl=queue, MessageBody=test_of_s3)
    assert run("jobs dead", "jobs", "redrive", "--yes") == list_rights("jobs dead") - {"sqs:ChangeMessageVisibility"}
