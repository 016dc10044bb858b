"""What the tests of this folder made the stack's roles do, against what their policies allow: nothing is missing, and nothing is left over.

It runs after all the others, on the trace that the emulator kept of their calls.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from local.run_state import RunState
from recipes import npy
from tests.conftest import list_denied
from tests.grants import Grant
from tests.held_grants import find_holder
from tests.local.conftest import Client, acting_as, find_role
from tests.local.removal import find_needs

WHOLE = {
    "test_lost_events.py",
    "test_uploads.py",
    "test_transform.py",
    "test_rollout.py",
    "test_pipeline.py",
    "test_feedback.py",
    "test_status.py",
}


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


@pytest.fixture(scope="module")
def aborted_results(stack: RunState, client: Client) -> None:
    """What the upload function does with results of several parts that it cannot finish, or that another call has finished."""
    s3 = acting_as(stack, client, find_role(client, "Web", "UploadsProcessRole"))("s3")
    for area in ("jobs", "inbox"):
        target = {"Bucket": stack.results_bucket, "Key": f"{area}/aborted/predictions.jsonl"}
        s3.abort_multipart_upload(**target, UploadId=s3.create_multipart_upload(**target)["UploadId"])


def list_objects(s3: Any, bucket: str, prefix: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/").get("Contents", [])
    return found


@pytest.fixture(scope="module")
def needs(request: pytest.FixtureRequest, stack: RunState, stack_dir: Path, client: Client) -> dict[Grant, dict[str, Any] | None]:
    """Each grant with a call that is denied without it."""
    if not {Path(item.path).name for item in request.session.items} >= WHOLE:
        pytest.skip(f"the calls of {', '.join(sorted(WHOLE))} are needed: run all of tests/local")
    for name in ("large_upload", "aborted_results"):
        request.getfixturevalue(name)
    return find_needs(stack, stack_dir, client)


def test_makes_no_call_that_no_statement_allows(stack: RunState, stack_dir: Path) -> None:
    """As every stack of these tests, which look at it when they stop it."""
    assert list_denied(stack_dir) == []


def test_grants_nothing_that_no_call_needs(needs: dict[Grant, dict[str, Any] | None]) -> None:
    assert len(needs) > 150
    assert sorted(grant for grant, call in needs.items() if call is None and find_holder(grant) is None) == []


def test_holds_nothing_elsewhere_that_a_call_needs(needs: dict[Grant, dict[str, Any] | None]) -> None:
    assert sorted(grant for grant, call in needs.items() if call is not None and find_holder(grant) is not None) == []
