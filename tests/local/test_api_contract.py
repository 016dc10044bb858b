"""Schemathesis on the running stack: whatever docs/openapi.yaml allows is answered, and as it says; whatever it forbids is refused.

`make test-api` tries for longer, and other requests each time.
"""

import os
import subprocess
from pathlib import Path

import httpx
import pytest

from local.run_state import RunState

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).parent / "api"
ALWAYS_THE_SAME = ["--seed", "1", "--max-examples", "15"]  # a number of requests, not a time: as many on a slow machine
SECONDS = os.environ.get("INFERSTACK_API_TEST_S")


def test_the_running_api_keeps_its_contract(stack: RunState, tmp_path: Path) -> None:
    budget = ["--max-time", SECONDS, "--max-examples", "100"] if SECONDS else ALWAYS_THE_SAME
    command = [
        ROOT / ".venvs/contract/bin/schemathesis",
        "--config-file",
        PROGRAMS / "schemathesis.toml",
        "run",
        ROOT / "docs/openapi.yaml",
    ]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(PROGRAMS)}
    done = subprocess.run(
        [*command, "--url", stack.api_url, *budget], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert "Tested: 17" in done.stdout


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", ["/predictions", "/jobs", "/health", "/nothing"])
def test_a_method_without_a_route_is_not_found(stack: RunState, method: str, path: str) -> None:
    answer = httpx.request(method, stack.api_url + path)
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})
