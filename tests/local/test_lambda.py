"""What Lambda does to functions, as the emulator does it: their memory and their concurrency have limits, and variables tell them."""

import io
import json
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.local.conftest import Client, create_role

CODE = """
def tell(event, context):
    import os

    return dict(os.environ)


def handler(event, context):
    import time

    held = bytearray(b"x") * (event["mb"] << 20)
    time.sleep(event["mb"] / 10_000)
    return len(held)
"""


@pytest.fixture
def make_function(client: Client) -> Iterator[Callable[..., str]]:
    """Return a maker of functions that take as much memory as they are told; they are deleted afterwards."""
    functions, role = client("lambda"), create_role(client, "function", "lambda.amazonaws.com", ["logs:*"])
    made: list[str] = []

    def make(memory_mb: int, handler: str = "handler") -> str:
        name, code = f"test-{uuid4().hex[:8]}", io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.py", CODE)
        functions.create_function(
            FunctionName=name,
            Runtime=f"python3.{sys.version_info.minor}",
            Handler=f"index.{handler}",
            Role=role,
            MemorySize=memory_mb,
            Timeout=20,
            Code={"ZipFile": code.getvalue()},
        )
        made.append(name)
        return name

    yield make
    for name in made:
        functions.delete_function(FunctionName=name)


def create_stack(client: Client, reserved: int) -> str:
    """Create a stack with one function that reserves concurrency, and return its status and why it failed."""
    cloudformation, name = client("cloudformation"), f"test-{uuid4().hex[:8]}"
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": f"python3.{sys.version_info.minor}",
            "Handler": "index.handler",
            "Role": create_role(client, "function", "lambda.amazonaws.com", ["logs:*"]),
            "Code": {"ZipFile": CODE},
            "ReservedConcurrentExecutions": reserved,
        },
    }
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"Function": function}}))
    deadline = time.monotonic() + 60
    while (status := cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]).endswith("IN_PROGRESS"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    reasons = [each.get("ResourceStatusReason", "") for each in events if each["ResourceStatus"] == "CREATE_FAILED"]
    cloudformation.delete_stack(StackName=name)
    return f"{status}: {' '.join(reasons)}"


def invoke(client: Client, name: str, mb: int) -> tuple[str | None, Any]:
    response = client("lambda").invoke(FunctionName=name, Payload=json.dumps({"mb": mb}).encode())
    return response.get("FunctionError"), json.loads(response["Payload"].read())


def test_kills_a_function_that_takes_more_memory_than_it_has_and_runs_it_anew(client: Client, make_function: Callable[..., str]) -> None:
    name = make_function(256)
    error, payload = invoke(client, name, 2_000)
    assert (error, "signal: killed" in payload["errorMessage"]) == ("Unhandled", True)
    assert invoke(client, name, 50) == (None, 50 << 20)


def test_tells_a_function_what_lambda_tells_it(client: Client, make_function: Callable[..., str]) -> None:
    """AWS's defined runtime variables, but for those of custom runtimes and of a path that is not on this machine."""
    name = make_function(256, "tell")
    told = json.loads(client("lambda").invoke(FunctionName=name)["Payload"].read())
    expected = {
        "_HANDLER": "index.tell",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_REGION": "us-east-1",
        "TZ": ":UTC",
    }
    assert {key: told.get(key) for key in expected} == expected
    keys = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_LOG_STREAM_NAME", "LAMBDA_TASK_ROOT"}
    assert keys == {key for key in keys if told.get(key)}


def test_reserves_concurrency_only_where_a_hundred_stay_for_other_functions(client: Client, stack_dir: Path) -> None:
    conditions = stack_dir / "sagemaker.json"
    assert "CREATE_COMPLETE" in create_stack(client, 5)
    try:
        conditions.write_text(json.dumps({"quotas": {"Concurrent executions": 10}}))  # as a new account has
        assert "below its minimum value of [10]" in create_stack(client, 5)
    finally:
        conditions.unlink()
