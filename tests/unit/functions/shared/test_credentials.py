"""The credentials of a function's role."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.credentials import ContainerProvider
from botocore.utils import ContainerMetadataFetcher

from functions.shared.aws import container_credentials
from functions.shared.aws.container_credentials import AGAIN_S, EARLY_S, TRIES, ContainerCredentials, open_container_credentials
from functions.shared.aws.credentials import Credentials
from functions.shared.aws.http_response import Answer
from functions.shared.aws.role import find_credentials
from recipes.errors import InvalidSettings
from tests.fakes import FakeClock

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
URL = "http://127.0.0.1:9001/2021-04-23/credentials"  # as Lambda's own
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": URL, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a-token"}
HOUR_S = 3600.0


def test_are_those_in_the_environment() -> None:
    assert find_credentials(KEYS)() == Credentials("AKIDEXAMPLE", "secret")
    assert find_credentials({**KEYS, "AWS_SESSION_TOKEN": "session"})().token == "session"
    assert find_credentials({**KEYS, **CONTAINER})() == Credentials("AKIDEXAMPLE", "secret")


@pytest.mark.parametrize("missing", KEYS)
def test_are_refused_where_there_are_none(missing: str) -> None:
    with pytest.raises(InvalidSettings, match="Lambda sets both"):
        find_credentials({**KEYS, missing: ""})


def test_are_not_in_what_is_printed() -> None:
    printed = repr(find_credentials({**KEYS, "AWS_SESSION_TOKEN": "session"})())
    assert "secret" not in printed
    assert "session" not in printed


class Address:
    """What gives credentials: another set at each request, each valid for an hour, or what it is told to answer."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.requests, self.answers = clock, list[tuple[str, str, dict[str, str]]](), list[Answer | Exception]()

    def send(self, method: str, target: str, headers: Mapping[str, str], _: bytes, *, wait_s: float, most_bytes: int) -> Answer:
        self.requests.append((method, target, dict(headers)))
        assert wait_s < 10 < most_bytes
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        return Answer(200, {}, describe(self.clock.now_s + HOUR_S, len(self.requests)), is_whole=True)


def describe(ends_s: float, number: int) -> bytes:
    ends = datetime.fromtimestamp(ends_s, UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"AccessKeyId": f"AK{number}", "SecretAccessKey": "secret", "Token": f"T{number}", "Expiration": ends}).encode()


def connect() -> tuple[ContainerCredentials, Address]:
    clock = FakeClock()
    address = Address(clock)
    credentials = ContainerCredentials("127.0.0.1:9001", "/2021-04-23/credentials", "a-token", address, now=clock, sleep=clock.sleep)
    return credentials, address


def test_at_an_address_are_asked_for_when_they_are_needed_and_kept() -> None:
    """Lambda takes the snapshot of a function that has started: what it held would be restored, and be over by then."""
    credentials, address = connect()
    assert address.requests == []
    assert {credentials() for _ in range(3)} == {Credentials("AK1", "secret", "T1")}
    headers = {"host": "127.0.0.1:9001", "accept": "application/json", "connection": "close", "authorization": "a-token"}
    assert address.requests == [("GET", "/2021-04-23/credentials", headers)]


def test_are_renewed_before_they_are_over() -> None:
    credentials, address = connect()
    credentials()
    address.clock.now_s += HOUR_S - EARLY_S - 1
    assert credentials().access_key == "AK1"
    address.clock.now_s += 2
    assert credentials() == Credentials("AK2", "secret", "T2")


FAILURES: list[Answer | Exception] = [
    TimeoutError("late"),
    ConnectionError("lost"),
    Answer(403, {}, b"bad token", is_whole=True),
    Answer(500, {}, b"", is_whole=True),
    Answer(200, {}, b"<html>", is_whole=True),
    Answer(200, {}, b"[]", is_whole=True),
    Answer(200, {}, b"{}", is_whole=True),
    Answer(200, {}, describe(0, 1).replace(b"1970", b"when"), is_whole=True),
]


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_that_cannot_be_renewed_are_used_until_they_are_over(failure: Answer | Exception) -> None:
    credentials, address = connect()
    credentials()
    address.answers = [failure] * TRIES
    address.clock.now_s += HOUR_S - 60
    assert credentials().access_key == "AK1"
    address.answers = [failure] * TRIES
    address.clock.now_s += 61
    with pytest.raises(ConnectionError, match="AWS_CONTAINER_CREDENTIALS_FULL_URI gives no credentials") as caught:
        credentials()
    assert "secret" not in str(caught.value)
    address.answers = []
    assert credentials().access_key.startswith("AK")


def test_that_are_valid_wait_for_an_address_that_hangs_once_in_a_while() -> None:
    """Else each request to AWS would wait for it, and the threads of an upload one after another."""
    credentials, address = connect()
    credentials()
    address.clock.now_s += HOUR_S - 60
    address.answers = [TimeoutError("late")] * 3 * TRIES
    for _ in range(5):
        assert credentials().access_key == "AK1"
    assert len(address.requests) == 1 + TRIES
    address.clock.now_s += AGAIN_S
    address.answers = []
    assert credentials().access_key == f"AK{2 + TRIES}"


def test_are_asked_for_again_where_a_connection_was_lost_while_the_function_slept() -> None:
    credentials, address = connect()
    address.answers = [ConnectionError("lost"), TimeoutError("late")]
    assert credentials().access_key == "AK3"


ADDRESSES = [
    *(URL, "http://localhost/v1", "http://[::1]:80/v1", "http://169.254.170.2/v2", "http://169.254.170.23/v1", "http://[fd00:ec2::23]/v1"),
    *("https://credentials.example.test/", "http://127.0.0.2/v1"),
    *("http://example.test/v1", "http://10.0.0.1/v1", "http://169.254.169.254/latest", "http://localhost.example.test/v1"),
    *("http://127.example.test/v1", "http://127.0.0.1.example.test/v1", "http://127.1/v1", "http://[::ffff:127.0.0.1]/v1"),
]


@pytest.mark.parametrize("url", ADDRESSES)
def test_are_asked_from_the_addresses_that_botocore_takes(url: str) -> None:
    environment = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url}
    try:
        ContainerMetadataFetcher()._validate_allowed_url(url)
    except ValueError:
        with pytest.raises(InvalidSettings, match="without TLS"):
            find_credentials(environment)
    else:
        assert isinstance(find_credentials(environment), ContainerCredentials)


def test_are_refused_with_a_token_that_would_be_another_header() -> None:
    with pytest.raises(InvalidSettings, match="AWS_CONTAINER_AUTHORIZATION_TOKEN"):
        open_container_credentials({**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\r\nx-evil: 1"})


def test_are_what_botocore_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[Any]()

    class Session:
        def send(self, request: Any) -> Any:
            asked.append(request)
            return type("Response", (), {"status_code": 200, "content": describe(4e9, 1)})

    theirs = ContainerProvider(CONTAINER, ContainerMetadataFetcher(Session())).load().get_frozen_credentials()
    address = Address(FakeClock())
    monkeypatch.setattr(container_credentials, "Connections", lambda *_: address)
    ours = find_credentials(CONTAINER)
    address.answers = [Answer(200, {}, describe(4e9, 1), is_whole=True)]
    assert ours() == Credentials(theirs.access_key, theirs.secret_key, theirs.token)
    ((method, target, headers),) = address.requests
    assert (method, f"http://{headers['host']}{target}") == (asked[0].method, asked[0].url)
    sent = {name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in asked[0].headers.items()}
    assert {name: headers[name] for name in ("accept", "authorization")} == {name: sent[name] for name in ("accept", "authorization")}
