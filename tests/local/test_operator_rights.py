"""What an operator's role needs for each command, as docs/operating.md lists it: run here with that, and with that but one right."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from cli.main import app
from cli.services import Services
from deployment.paths import ROOT
from local.run_state import RunState
from tests.command import CliRunner
from tests.conftest import state_in
from tests.local.conftest import Client, acting_as, create_role
from tests.local.test_pipeline import TRY
from tests.local.test_rollout import wait_for_own_model

ALL = "cloudformation:DescribeStacks"
NAMED = re.compile(r"`([a-z0-9-]+:[A-Z]\w+)`")
VERSION = "VERSION"  # of a version that is registered
# With a limit of its own: the pipeline's tests on this stack look at what is run, and what was run before is not run again.
SETTINGS = [f"--set={name}={value}" for name, value in (TRY | {"Limit": "301"}).items()]
# The commands of each row, by its beginning.
COMMANDS = {
    "models list": ["models list", f"models compare shipped {VERSION} --limit 100"],
    "models approve": [f"models approve {VERSION} --wait", "models rollback --wait"],
    "pipeline run": ["pipeline data digits", "pipeline list digits", " ".join(["pipeline run digits", *SETTINGS])],
    "jobs dead": ["jobs dead", "jobs redrive"],
    "inbox": ["inbox", "ab report"],
    "logs": ["logs"],
    "verify": ["verify --rollout"],
}
# Of the list: what only Ctrl-C, a version's figures, a stage in AWS, a stage with sign-in or something to do makes a command ask.
NOT_ASKED_HERE = {
    "pipeline run": {"sagemaker:StopPipelineExecution"},
    "models approve": {"s3:GetObject"},
    "logs": {ALL},
    "inbox": {"s3:GetObject"},
    "verify": {
        *(f"cognito-idp:Admin{verb}" for verb in ("CreateUser", "SetUserPassword", "AddUserToGroup", "DeleteUser")),
        *("execute-api:Invoke", "appsync:EventConnect", "appsync:EventSubscribe", "cloudwatch:ListMetrics", "sns:ListSubscriptionsByTopic"),
        *("ecr:BatchGetImage", "ecr:DescribeImages"),
    },
}


def list_rights(row: str) -> set[str]:
    """Return the actions of the row that begins with a command."""
    rows = [line for line in (ROOT / "docs/operating.md").read_text().splitlines() if line.startswith("| `")]
    (place,) = [number for number, line in enumerate(rows) if line.startswith(f"| `{row}")]
    same = NAMED.findall(rows[place - 1]) if "the same" in rows[place] else []
    return {ALL, *same, *NAMED.findall(rows[place])}


@pytest.fixture(scope="module")
def version(client: Client, archive: str) -> Iterator[str]:
    """A version that is registered; what the deployment came with serves again afterwards."""
    containers = [{"Image": "inferstack/serving", "ModelDataUrl": archive}]
    specification = {"Containers": containers, "SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}
    arn = client("sagemaker").create_model_package(ModelPackageGroupName="inferstack-local-digits", InferenceSpecification=specification)
    yield arn["ModelPackageArn"].rpartition("/")[2]
    client("sagemaker").update_model_package(ModelPackageArn=arn["ModelPackageArn"], ModelApprovalStatus="Rejected")
    wait_for_own_model(client("cloudformation"))


Run = Callable[[str, set[str], str], tuple[Result, set[str]]]


@pytest.fixture(scope="module")
def run(stack: RunState, stack_dir: Path, client: Client, version: str) -> Run:
    """Run a command as a role with these rights; return its end, and the actions that roles of that name asked and were allowed."""

    def run_as(role: str, rights: set[str], command: str) -> tuple[Result, set[str]]:
        arn = create_role(client, role, "sagemaker.amazonaws.com", sorted(rights))
        services = Services(connect_aws=lambda stage, region="": acting_as(stack, client, arn))
        if command.startswith("jobs"):
            leave_dead_letter(stack, client)
        with state_in(stack_dir):
            done = CliRunner().invoke(app, [*command.replace(VERSION, version).split(), "--json"], obj=services)
        stop_executions(client)
        calls = [json.loads(line) for line in (stack_dir / "logs/calls.jsonl").read_text().splitlines()]
        return done, {call["action"] for call in calls if f"/{role}/" in call["principal"] and call["allowed"]}

    return run_as


@pytest.mark.parametrize("row", COMMANDS)
def test_a_command_needs_what_is_listed_and_no_more(row: str, run: Run) -> None:
    listed, asked = list_rights(row), set[str]()
    for command in COMMANDS[row]:
        done, asked = run(f"operator-{row.replace(' ', '-')}", listed, command)
        assert done.exit_code == 0, done.output
    assert asked <= listed
    assert listed - asked <= NOT_ASKED_HERE.get(row, set())


@pytest.mark.parametrize(
    ("row", "command", "missing"),
    [
        ("models list", "models list", ALL),
        ("models list", "models list", "sagemaker:ListModelPackages"),
        ("models list", "models list", "sagemaker:DescribeModelPackage"),
        ("models list", "models list", "sagemaker:DescribeEndpoint"),
        ("models list", f"models compare shipped {VERSION} --limit 100", "s3:GetObject"),
        ("models approve", f"models approve {VERSION} --wait", "sagemaker:UpdateModelPackage"),
        ("pipeline run", "pipeline data digits", "s3:PutObject"),
        ("pipeline run", "pipeline list digits", "sagemaker:ListPipelineExecutions"),
        ("pipeline run", "pipeline run digits", "sagemaker:DescribePipeline"),
        ("pipeline run", "pipeline run digits", "s3:ListBucket"),
        ("pipeline run", "pipeline run digits", "sagemaker:StartPipelineExecution"),
        ("pipeline run", "pipeline run digits --set=Limit=1900", "sagemaker:DescribePipelineExecution"),
        ("pipeline run", "pipeline run digits --set=Limit=1901", "sagemaker:ListPipelineExecutionSteps"),
        ("jobs dead", "jobs dead", "sqs:GetQueueAttributes"),
        ("jobs dead", "jobs dead", "sqs:ReceiveMessage"),
        ("inbox", "inbox", "s3:ListBucket"),
        ("logs", "logs", "logs:DescribeLogGroups"),
        ("logs", "logs", "logs:FilterLogEvents"),
    ],
)
def test_a_command_names_the_right_that_is_missing(row: str, command: str, missing: str, run: Run) -> None:
    done, _ = run("operator-without", list_rights(row) - {missing}, command)
    assert done.exit_code == 1
    refusal = json.loads(done.stdout)
    assert missing in refusal["error"]
    assert "ask for the right" in refusal["advice"]


def leave_dead_letter(stack: RunState, client: Client) -> None:
    """Leave a message that is done at once when it is back."""
    (web,) = client("cloudformation").describe_stacks(StackName="Inferstack-local-Web")["Stacks"]
    queue = next(each["OutputValue"] for each in web["Outputs"] if each["OutputKey"] == "DeadLetterQueueUrl")
    test_of_s3 = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": stack.uploads_bucket})
    client("sqs").send_message(QueueUrl=queue, MessageBody=test_of_s3)


def stop_executions(client: Client) -> None:
    """End what a command started and could not follow."""
    sagemaker = client("sagemaker")
    for each in sagemaker.list_pipeline_executions(PipelineName="inferstack-local-digits")["PipelineExecutionSummaries"]:
        if each["PipelineExecutionStatus"] == "Executing":
            sagemaker.stop_pipeline_execution(PipelineExecutionArn=each["PipelineExecutionArn"], ClientRequestToken="t" * 32)
