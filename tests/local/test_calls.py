"""What the tests of this folder made the stack's roles do, against what their policies allow: nothing is missing, and nothing is left over.

It runs after all the others, on the trace that the emulator kept of their calls.
"""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from deployment.paths import EMULATOR_PYTHON, ROOT
from local.run_state import RunState
from recipes import npy
from tests.local.conftest import Client

STACKS = ("Storage", "Inference", "Registry", "Training", "Web")
HELPERS = ("CustomCDKBucketDeployment",)  # of CDK's own; the emulator does without their functions
# Statements that these tests do not need, by role and one of the actions, and who does.
NEEDED_ELSEWHERE = {
    ("UploadsProcessRole", "s3:ListBucketVersions"): "without it S3 calls a missing object forbidden, says AWS's page of GetObject",
    ("TrainingEvaluateRole", "sagemaker:DescribeModelPackage"): "the champion is a package once one was rolled out: training/champion.py",
}
WHOLE = {"test_uploads.py", "test_transform.py", "test_rollout.py", "test_pipeline.py", "test_feedback.py"}
Replay = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def policies(stack: RunState, client: Client) -> dict[str, list[dict[str, Any]]]:
    """The statements of each role of the stacks, as they are deployed."""
    iam, cloudformation, found = client("iam"), client("cloudformation"), {}
    for name in STACKS:
        for resource in cloudformation.describe_stack_resources(StackName=f"Inferstack-local-{name}")["StackResources"]:
            if resource["ResourceType"] == "AWS::IAM::Role" and not resource["LogicalResourceId"].startswith(HELPERS):
                role = resource["PhysicalResourceId"]
                documents = [
                    iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
                    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]
                ]
                found[role] = [statement for document in documents for statement in document["Statement"]]
    return found


@pytest.fixture(scope="module")
def large_upload(stack: RunState, client: Client) -> Iterator[None]:
    """Batch Transform's calls, which no other test of the shared stack makes: for it every upload is large, for a moment."""
    functions = client("lambda")
    (name,) = [each["FunctionName"] for each in functions.list_functions()["Functions"] if "UploadsProcessFunction" in each["FunctionName"]]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {**variables, "TRANSFORM_OVER_BYTES": "1"}})
    s3, key = client("s3"), f"inbox/{uuid4().hex}.npy"
    s3.put_object(Bucket=stack.uploads_bucket, Key=key, Body=npy.write(bytes(2 * 784), (2, 28, 28)))
    deadline = time.monotonic() + 60
    while not any(each["Key"].endswith("/summary.json") for each in list_objects(s3, stack.results_bucket, key)):
        assert time.monotonic() < deadline, "the transform job did not end"
        time.sleep(0.1)
    yield
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def list_objects(s3: Any, bucket: str, prefix: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/").get("Contents", [])
    return found


@pytest.fixture(scope="module")
def replayed(request: pytest.FixtureRequest, stack_dir: Path, policies: dict[str, list[dict[str, Any]]]) -> Replay:
    """The calls, decided again by the emulator's evaluator with each policy, and without each of its statements."""
    if not {Path(item.path).name for item in request.session.items} >= WHOLE:
        pytest.skip(f"the calls of {', '.join(sorted(WHOLE))} are needed: run all of tests/local")
    request.getfixturevalue("large_upload")
    calls = [json.loads(line) for line in (stack_dir / "logs/calls.jsonl").read_text().splitlines()]
    given = json.dumps({"policies": policies, "calls": calls})
    command = [EMULATOR_PYTHON, "-m", "emulator.ministack.replay"]
    done = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, timeout=60, check=True)
    result: Replay = json.loads(done.stdout)
    return result


def test_makes_no_call_that_no_statement_allows(replayed: Replay) -> None:
    denied = [(call["principal"], call["action"], call["resource"]) for role in replayed.values() for call in role["denied"]]
    assert denied == []


def test_has_no_statement_that_no_call_needs(replayed: Replay, policies: dict[str, list[dict[str, Any]]]) -> None:
    unused = [
        f"{role}: {statement['Action']} on {statement['Resource']}"
        for role, found in replayed.items()
        for statement, call in zip(policies[role], found["used_by"], strict=True)
        if call is None and not is_needed_elsewhere(role, statement)
    ]
    assert unused == []
    assert sum(len(statements) for statements in policies.values()) > 40


def is_needed_elsewhere(role: str, statement: dict[str, Any]) -> bool:
    return any(name in role and action in statement["Action"] for name, action in NEEDED_ELSEWHERE)
