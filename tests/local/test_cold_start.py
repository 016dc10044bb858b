"""A serverless endpoint that starts, on the running stack: what everybody is told meanwhile, and that nothing starts it twice."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from local.run_state import RunState
from tests.local.conftest import Client

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 150
IDLE_S = 3  # so long a container is kept: an upload may ask a second time at once
SEVEN = (ROOT / "docs/seven.png").read_bytes()
Response = tuple[int, dict[str, Any], dict[str, str]]


@pytest.fixture
def set_conditions(stack: RunState, stack_dir: Path) -> Iterator[Callable[..., None]]:
    """Return what sets the emulator's conditions; afterwards it has its own again."""
    path = stack_dir / "sagemaker.json"
    yield lambda **conditions: path.write_text(json.dumps(conditions))
    path.unlink()


def ask(stack: RunState, method: str, path: str, body: bytes | None = None, content_type: str = "image/png") -> Response:
    """Return the status, the document and the headers of a response."""
    try:
        with urlopen(Request(stack.api_url + path, body, {"content-type": content_type}, method=method), timeout=60) as response:
            return response.status, json.load(response), {name.lower(): value for name, value in response.headers.items()}
    except HTTPError as error:
        return error.code, json.load(error), {name.lower(): value for name, value in error.headers.items()}


def count_starts(stack_dir: Path) -> int:
    return (stack_dir / "logs/emulator.log").read_text().count("a container starts")


def make_cold(stack: RunState, set_conditions: Callable[..., None], start_s: float) -> None:
    """Let the endpoint go cold, and take this long to start from now on."""
    set_conditions(idle_s=0, cold_start_s=0)
    ask(stack, "POST", "/predictions", SEVEN)
    time.sleep(IDLE_S + 0.5)
    set_conditions(idle_s=IDLE_S, cold_start_s=start_s)


def test_a_request_waits_for_an_endpoint_that_starts(stack: RunState, stack_dir: Path, set_conditions: Callable[..., None]) -> None:
    make_cold(stack, set_conditions, 3)
    before = count_starts(stack_dir)
    status, document, _ = ask(stack, "POST", "/predictions", SEVEN)
    assert (status, document["predictions"][0]["label"]) == (200, 7)
    assert count_starts(stack_dir) == before + 1


@pytest.mark.timeout(240)
def test_what_does_not_start_in_time_is_said_to_start_and_uploads_wait(
    stack: RunState, stack_dir: Path, client: Client, set_conditions: Callable[..., None]
) -> None:
    make_cold(stack, set_conditions, 45)  # an upload once waited for forty seconds at most
    before = count_starts(stack_dir)
    with ThreadPoolExecutor(1) as pool:
        upload = pool.submit(answer_upload, stack, client)
        status, problem, headers = ask(stack, "POST", "/predictions", SEVEN)
        assert (status, problem["type"]) == (503, "urn:inferstack:problem:endpoint-starting"), problem
        assert "did not answer in 26 s" in problem["detail"]
        assert int(headers["retry-after"]) >= 1
        status, problem, headers = ask(stack, "GET", "/health")
        assert (status, problem["type"], problem["detail"]) == (
            503,
            "urn:inferstack:problem:endpoint-starting",
            "the endpoint is starting",
        )
        assert int(headers["retry-after"]) >= 1
        assert count_starts(stack_dir) == before + 2  # one for the upload, one for the request, and none for what was asked of health
        assert upload.result()["state"] == "succeeded"
    assert count_starts(stack_dir) == before + 2  # the upload waited once


def answer_upload(stack: RunState, client: Client) -> dict[str, Any]:
    """Upload a picture, and return its summary once there is one."""
    client("s3").put_object(Bucket=stack.uploads_bucket, Key="inbox/cold/seven.png", Body=SEVEN)
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        listed = client("s3").list_objects_v2(Bucket=stack.results_bucket, Prefix="inbox/cold/").get("Contents", [])
        for each in listed:
            if each["Key"].endswith("summary.json"):
                summary: dict[str, Any] = json.load(client("s3").get_object(Bucket=stack.results_bucket, Key=each["Key"])["Body"])
                return summary
        time.sleep(0.2)
    raise AssertionError(listed)
