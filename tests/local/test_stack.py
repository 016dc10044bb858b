"""The deployed stack, as its users meet it: over HTTP, through S3, and on this machine's ports."""

import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from local.run_state import RunState
from tests.local.conftest import Client

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "recipes/digits/golden"
CASES = json.loads((GOLDEN / "cases.json").read_text())
TYPES = {".png": "image/png", ".jpg": "image/jpeg"}


def ask(url: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], Any]:
    request = Request(url, data=body, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urlopen(request, timeout=30) as response:
            content, status, found = response.read(), response.status, response.headers
    except HTTPError as error:
        with error:
            content, status, found = error.read(), error.code, error.headers
    is_json = "json" in found.get("content-type", "")
    return status, {name.lower(): value for name, value in found.items()}, json.loads(content) if is_json else content


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_answers_every_golden_picture(stack: RunState, case: dict[str, Any]) -> None:
    picture = GOLDEN / case["file"]
    status, _, answer = ask(f"{stack.api_url}/predictions", picture.read_bytes(), content_type=TYPES[picture.suffix])
    assert status == 200
    (prediction,) = answer["predictions"]
    assert prediction["label"] == case["label"]
    assert sum(prediction["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert answer["model"]["variant"] == "AllTraffic"
    assert answer["request_id"]


def test_carries_every_byte_to_the_function(stack: RunState) -> None:
    status, headers, problem = ask(f"{stack.api_url}/predictions", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), content_type="image/png")
    assert (status, headers["content-type"], problem["type"]) == (400, "application/problem+json", "urn:inferstack:problem:malformed")


def test_tells_what_the_model_saw(stack: RunState) -> None:
    _, _, answer = ask(f"{stack.api_url}/predictions?include=pixels", (GOLDEN / "7.png").read_bytes(), content_type="image/png")
    assert len(answer["predictions"][0]["pixels"]) == 784


def test_names_the_model_and_is_healthy(stack: RunState) -> None:
    manifest = json.loads((ROOT / "recipes/digits/pretrained/manifest.json").read_text())
    status, _, model = ask(f"{stack.api_url}/model")
    assert (status, model["version"], model["sha256"]) == (200, manifest["version"], manifest["sha256"])
    assert ask(f"{stack.api_url}/health")[::2] == (200, {"status": "ok"})


def test_lets_pages_of_this_machine_in(stack: RunState) -> None:
    status, headers, _ = ask(f"{stack.api_url}/health", origin="http://localhost:5173")
    assert (status, headers["access-control-allow-origin"]) == (200, "*")


def test_has_nothing_at_other_paths(stack: RunState) -> None:
    status, headers, answer = ask(f"{stack.api_url}/nothing")
    assert (status, headers["content-type"]) == (404, "application/json")
    assert answer["message"]


def test_serves_the_page_with_its_policy_and_its_configuration(stack: RunState) -> None:
    status, headers, page = ask(f"{stack.page_url}/")
    assert (status, headers["content-type"]) == (200, "text/html")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert b"<script" in page
    assert ask(f"{stack.page_url}/config.json")[2]["apiUrl"] == stack.api_url


def test_keeps_the_dump_buckets_lifecycle(stack: RunState, client: Client) -> None:
    rules = client("s3").get_bucket_lifecycle_configuration(Bucket=stack.dump_bucket)["Rules"]
    moves = {
        rule["Filter"]["Prefix"]: [(move["Days"], move["StorageClass"]) for move in rule["Transitions"]]
        for rule in rules
        if "Transitions" in rule
    }
    assert moves["raw/"] == [(30, "STANDARD_IA"), (90, "GLACIER_IR")]
    assert not [prefix for prefix in moves if "models/".startswith(prefix)]


def test_lists_versions_of_keys_that_xml_cannot_hold(stack: RunState, client: Client) -> None:
    s3, folder = client("s3"), f"tests/{uuid4().hex}/"
    keys = sorted(f"{folder}{name}" for name in ("\x1b[2J.png", "a&amp;<b>.png", "a+b ü%41\n.png"))
    for key in keys:
        s3.put_object(Bucket=stack.dump_bucket, Key=key, Body=b"any")
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=stack.dump_bucket, Prefix=folder, PaginationConfig={"PageSize": 1})
    assert [each["Key"] for page in pages for each in page["Versions"]] == keys
