"""A stack with sign-in: each user sees, and hears of, only their own jobs, and operators the stage; and Batch Transform end to end."""

import base64
import json
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import boto3
import pytest

from cli.api.user_token import fetch_token
from local.demo_user import create_user
from local.run_state import RunState
from recipes import npy
from tests.local.test_events import Socket, events_config, subscribed
from tests.local.test_stack import ask as ask_api
from tests.local.test_status import read_status
from tests.local.test_uploads import LIMIT_S, post_form

PASSWORD = "Correct-Horse-1"


@pytest.fixture(scope="module")
def tokens(signed: RunState) -> dict[str, str]:
    """The access tokens of two users."""
    cognito, found = boto3.client("cognito-idp", **signed.client_options()), {}
    for name in ("ada@example.com", "bob@example.com"):
        user = {**signed.demo_user, "username": name, "password": PASSWORD}
        create_user(cognito, user["user_pool_id"], name, PASSWORD)
        found[name.partition("@")[0]] = fetch_token(cognito, user).text
    return found


def ask(state: RunState, token: str, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(state.api_url + path, data=data, method=method, headers=headers)) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def finished(state: RunState, token: str, id_: str) -> dict[str, Any]:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        _, job = ask(state, token, "GET", f"/jobs/{id_}")
        if job["state"] in {"succeeded", "failed"}:
            return job
        time.sleep(0.1)
    raise AssertionError(f"job {id_} did not end")


def test_shows_nobody_without_a_token_anything(signed: RunState) -> None:
    assert ask(signed, "", "GET", "/jobs")[0] == 401
    assert ask(signed, "x.y.z", "POST", "/jobs", {"name": "a"})[0] == 401


def test_takes_no_token_that_somebody_made_or_that_is_for_another_client(signed: RunState, tokens: dict[str, str]) -> None:
    header, payload, signature = tokens["ada"].split(".")
    claims = decode(payload)
    forged = [
        f"{encode({**decode(header), 'alg': 'none'})}.{payload}.",
        f"{encode({**decode(header), 'alg': 'HS256'})}.{payload}.{signature}",
        f"{header}.{encode({**claims, 'exp': claims['exp'] + 3600})}.{signature}",
        f"{header}.{encode({**claims, 'sub': 'another'})}.{signature}",
        f"{header}.{encode({**claims, 'cognito:groups': ['operators']})}.{signature}",
    ]
    cognito, pool = boto3.client("cognito-idp", **signed.client_options()), signed.demo_user["user_pool_id"]
    flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    other = cognito.create_user_pool_client(UserPoolId=pool, ClientName="another", ExplicitAuthFlows=flows)["UserPoolClient"]["ClientId"]
    user = {**signed.demo_user, "client_id": other, "username": "ada@example.com", "password": PASSWORD}
    foreign = fetch_token(cognito, user).text
    assert decode(foreign.split(".")[1])["sub"] == claims["sub"]
    assert {ask(signed, token, "GET", "/jobs")[0] for token in (*forged, foreign)} == {401}
    _, job = ask(signed, tokens["ada"], "POST", "/jobs", {"name": "a.npy"})
    assert listen(signed, tokens["ada"], job["channel"])["type"] == "subscribe_success"
    for token in (*forged, foreign):
        assert listen(signed, token, job["channel"])["errors"][0]["errorType"] == "UnauthorizedException"


def listen(state: RunState, token: str, channel: str) -> dict[str, Any]:
    """Return what the Event API says to a subscription, or to the connection before it."""
    auth = {"host": "h", "Authorization": token}
    with Socket(state.port + 3, auth) as page:
        said = page.ask(type="connection_init")
        return page.subscribe(channel, auth) if said["type"] == "connection_ack" else said


def decode(part: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def encode(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def test_shows_each_their_own_jobs_and_no_others(signed: RunState, tokens: dict[str, str]) -> None:
    status, job = ask(signed, tokens["ada"], "POST", "/jobs", {"name": "hers.npy"})
    assert status == 201
    assert post_form(job["upload"], npy.write(bytes(784), (1, 784))) == 204
    assert finished(signed, tokens["ada"], job["id"])["state"] == "succeeded"
    assert ask(signed, tokens["bob"], "GET", f"/jobs/{job['id']}")[0] == 404
    assert ask(signed, tokens["bob"], "GET", "/jobs")[1]["jobs"] == []


@pytest.mark.parametrize(("who", "heard"), [("ada", True), ("bob", False)])
def test_tells_only_the_owner(signed: RunState, tokens: dict[str, str], who: str, heard: bool) -> None:
    _, job = ask(signed, tokens["ada"], "POST", "/jobs", {"name": f"{uuid4().hex}.npy"})
    with subscribed(events_config(signed.page_url)["url"], job["channel"], token=tokens[who]) as told:
        assert "connected" in next(told)
        if heard:
            assert "subscribed" in next(told)
            assert post_form(job["upload"], npy.write(bytes(784), (1, 784))) == 204
            assert next(told)["data"]["state"] == "succeeded"
        else:
            assert "Unauthorized" in next(told)["error"]


def test_lets_nobody_listen_to_all_channels_of_an_owner(signed: RunState, tokens: dict[str, str]) -> None:
    _, job = ask(signed, tokens["ada"], "POST", "/jobs", {"name": "a.npy"})
    everyone = str(Path(job["channel"]).parent / "*")
    for channel in (everyone, "/jobs/*"):
        assert listen(signed, tokens["ada"], channel)["errors"][0]["errorType"] == "UnauthorizedException"


def test_shows_the_stage_to_operators_only(signed: RunState) -> None:
    cognito = boto3.client("cognito-idp", **signed.client_options())
    user = {**signed.demo_user, "username": "stranger@example.com", "password": PASSWORD}
    create_user(cognito, user["user_pool_id"], user["username"], PASSWORD)
    assert ask_api(f"{signed.api_url}/status")[0] == 401
    status, _, problem = ask_api(f"{signed.api_url}/status", authorization=f"Bearer {fetch_token(cognito, user).text}")
    assert (status, problem["type"]) == (403, "urn:inferstack:problem:forbidden")
    cognito.admin_add_user_to_group(UserPoolId=user["user_pool_id"], Username=user["username"], GroupName="operators")
    told = read_status(signed, authorization=f"Bearer {fetch_token(cognito, user).text}")
    assert told["endpoint"]["kind"] == "cpu"
    assert told["endpoint"]["variants"] == [{"name": "AllTraffic", "weight": 1.0, "instances": 1, "wanted_instances": 1}]
    demo = fetch_token(cognito, signed.demo_user).text  # who runs it here is an operator
    assert read_status(signed, authorization=f"Bearer {demo}")["stage"] == "local"


def test_hands_a_large_upload_to_batch_transform_and_puts_its_rows_together(signed: RunState, tokens: dict[str, str]) -> None:
    rows = b"\n".join([",".join([str(label)] * 784).encode() for label in (0, 9)] * 400 + [b"no row"])
    assert len(rows) > 1_000_000
    _, job = ask(signed, tokens["ada"], "POST", "/jobs", {"name": "large.csv", "csv": True})
    assert post_form(job["upload"], rows) == 204
    done = finished(signed, tokens["ada"], job["id"])
    assert (done["state"], done["summary"]["rows"], done["summary"]["failed"]) == ("succeeded", 801, 1)
    assert done["summary"]["failures"][0]["row"] == 801
    assert [result["name"] for result in done["results"]] == ["predictions.jsonl", "predictions.csv"]
    with urlopen(done["results"][0]["url"]) as answer:
        lines = [json.loads(line) for line in answer]
    assert [line["row"] for line in lines] == list(range(1, 802))
    # The same picture gets the same answer, wherever it stands: no row was shifted.
    for first in (0, 1):
        assert len({json.dumps(line["probabilities"]) for line in lines[first:800:2]}) == 1
    assert lines[0]["probabilities"] != lines[1]["probabilities"]
