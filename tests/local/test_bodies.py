"""Bodies as tools send them, through the gateway: it hands text on as text, and all else in base64."""

import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.run_state import RunState

ROOT = Path(__file__).resolve().parents[2]
SEVEN = ROOT / "docs/seven.png"
PNG = SEVEN.read_bytes()
ZERO = json.dumps([0] * 784).encode()


def run_curl(stack: RunState, *arguments: str) -> dict[str, Any]:
    command = ["curl", "-s", f"{stack.api_url}/predictions", *arguments]
    answer: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    return answer


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/octet-stream", None])
def test_unpacks_gzip_whatever_its_type(stack: RunState, content_type: str | None) -> None:
    headers = {"content-encoding": "gzip", **({"content-type": content_type} if content_type else {})}
    answer = httpx.post(f"{stack.api_url}/predictions", content=gzip.compress(ZERO), headers=headers)
    assert (answer.status_code, len(answer.json().get("predictions", []))) == (200, 1), answer.text


def test_answers_what_curl_sends(stack: RunState) -> None:
    form = run_curl(stack, "-F", f"image=@{SEVEN}", "-F", f"other=@{SEVEN};filename=b.png", "-F", "note=x")
    assert [(each["name"], each["label"]) for each in form["predictions"]] == [("seven.png", 7), ("b.png", 7)]
    assert run_curl(stack, "--data-binary", f"@{SEVEN}")["predictions"][0]["label"] == 7
    assert run_curl(stack, "-d", json.dumps([0] * 784))["predictions"]


def test_names_what_curl_broke(stack: RunState) -> None:
    assert "--data-binary" in run_curl(stack, "-d", f"@{SEVEN}")["advice"]
    assert "application/octet-stream" in run_curl(stack, "-H", "content-type: text/plain", "--data-binary", f"@{SEVEN}")["advice"]
    assert "boundary" in run_curl(stack, "-H", "content-type: multipart/form-data", "--data-binary", "--x")["detail"]
