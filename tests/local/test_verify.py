"""`inferstack verify` on the stack that all share: serverless, without sign-in, digits."""

import json
from pathlib import Path

from typer.testing import CliRunner

from cli.main import app
from local.run_state import RunState
from tests.conftest import state_in
from tests.local.conftest import Client

SKIPPED_HERE = {
    "nobody without a sign-in",
    "nobody else's job",
    "somebody listens",
    "its metrics exist",
}


def test_proves_that_the_stack_works(stack: RunState, stack_dir: Path) -> None:
    with state_in(stack_dir):
        result = CliRunner().invoke(app, ["verify", "--rollout", "--json"])
    found = json.loads(result.stdout)
    assert [each for each in found["checks"] if each["status"] == "failed"] == []
    assert {each["name"] for each in found["checks"] if each["status"] == "skipped"} == SKIPPED_HERE
    assert result.exit_code == 0


def test_finds_a_dead_letter(stack: RunState, stack_dir: Path, client: Client) -> None:
    cloudformation, sqs = client("cloudformation"), client("sqs")
    (web,) = cloudformation.describe_stacks(StackName="Inferstack-local-Web")["Stacks"]
    queue = next(each["OutputValue"] for each in web["Outputs"] if each["OutputKey"] == "DeadLetterQueueUrl")
    sqs.send_message(QueueUrl=queue, MessageBody="{}")
    try:
        with state_in(stack_dir):
            result = CliRunner().invoke(app, ["verify", "--json"])
    finally:
        sqs.purge_queue(QueueUrl=queue)
    failed = [each["found"] for each in json.loads(result.stdout)["checks"] if each["status"] == "failed"]
    assert (result.exit_code, len(failed)) == (1, 1)
    assert "dead letters in" in failed[0]
