"""The functions' own InvokeEndpoint on the running stack: its signature is checked whole, as AWS does."""

import time
from collections.abc import Iterator

import pytest

from functions.shared.aws.address import find_runtime
from functions.shared.aws.connections import Connections
from functions.shared.aws.http_response import Answer
from functions.shared.aws.role import find_credentials
from functions.shared.aws.signature_v4 import sign_headers
from local.run_state import RunState
from recipes import npy

DIGIT = npy.write(bytes(784), (1, 28, 28), "uint8")


class Caller:
    """Whoever signs an invocation of the stack's endpoint, and sends it or something else."""

    def __init__(self, stack: RunState) -> None:
        self.address, self.credentials = find_runtime(stack.aws, stack.aws["AWS_REGION"]), find_credentials(stack.aws)()
        self.path, self.region, self.now_s = f"/endpoints/{stack.endpoint}/invocations", stack.aws["AWS_REGION"], time.time()
        self.connections = Connections(self.address, 2)

        self.service = "sagemaker"

    def send(self, *, path: str = "", body: bytes = DIGIT, **changed: str) -> Answer:
        headers = {"host": self.address.authority, "content-type": "application/x-npy", "accept": "application/json"}
        options = {"region": self.region, "service": self.service, "now_s": self.now_s}
        signed = sign_headers("POST", self.path, headers, DIGIT, self.credentials, **options)  # type: ignore[arg-type]
        return self.connections.send("POST", path or self.path, {**signed, **changed}, body, wait_s=30, most_bytes=1_000_000)


@pytest.fixture
def caller(stack: RunState) -> Iterator[Caller]:
    made = Caller(stack)
    yield made
    made.connections.close()


def test_is_answered(caller: Caller) -> None:
    answer = caller.send()
    assert (answer.status, answer.headers["x-amzn-invoked-production-variant"]) == (200, "AllTraffic"), answer.body


def test_is_refused_with_another_body(caller: Caller) -> None:
    assert caller.send(body=DIGIT[:-1] + b"\x01").status == 403


def test_is_refused_on_another_path(caller: Caller) -> None:
    assert caller.send(path=f"{caller.path}?a=b").status == 403


@pytest.mark.parametrize(("header", "value"), [("accept", "text/csv"), ("content-type", "text/csv"), ("x-amz-date", "20261101T000000Z")])
def test_is_refused_with_another_header(caller: Caller, header: str, value: str) -> None:
    assert caller.send(**{header: value}).status == 403


def test_is_refused_by_another_key(caller: Caller) -> None:
    caller.credentials = caller.credentials._replace(secret_key="another")
    assert caller.send().status == 403


def test_is_refused_for_another_region(caller: Caller) -> None:
    caller.region = "eu-west-3"
    assert caller.send().status == 403


def test_does_not_arrive_for_another_service(caller: Caller) -> None:
    caller.service = "execute-api"
    assert caller.send().status >= 400


@pytest.mark.parametrize("age_s", [3600, -3600])
def test_is_refused_an_hour_off(caller: Caller, age_s: float) -> None:
    caller.now_s -= age_s
    assert caller.send().status == 403
