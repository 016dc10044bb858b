"""The adapter to the endpoint: what each error means, and repeating a call only while there is time.

Over a fake of botocore's client: moto neither throttles nor fails nor hangs.
"""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ReadTimeoutError,
)

from functions.shared.endpoint.client import (
    API_WAIT_S,
    ATTEMPTS_AFTER_FAILURE,
    CONNECT_S,
    MAX_RESPONSE_BYTES,
    UPLOAD_WAIT_S,
    WAITS_S,
    Endpoint,
    create_client,
)
from functions.shared.endpoint.interface import EndpointResponse
from recipes import errors
from tests.fakes import FakeClock, FakeRuntime

URL = "https://runtime.example.test"


def refuse(code: str, message: str = "", **details: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, **details}, "InvokeEndpoint")


def model_error(status: int, body: str = "") -> ClientError:
    return refuse("ModelError", "Received an error from primary", OriginalStatusCode=status, OriginalMessage=body)


def connect(client: FakeRuntime, *, is_serverless: bool = True, longest_wait_s: int = API_WAIT_S) -> Endpoint:
    """Return an endpoint whose client is this one, however long it waits; `client.wait_s` is how long the last one may."""

    def create(wait_s: int) -> FakeRuntime:
        client.waits_s.append(wait_s)
        return client

    clock = client.clock
    return Endpoint("digits", create, is_serverless=is_serverless, longest_wait_s=longest_wait_s, clock=clock, sleep=clock.sleep)


def ask(
    results: list[Exception | bytes],
    *,
    remaining_s: float = 29,
    variant: str | None = None,
    call_s: float = 0.0,
    is_serverless: bool = True,
) -> tuple[Any, ...]:
    """Return the answer or the error, the runtime and the clock."""
    clock = FakeClock()
    client = FakeRuntime(clock, results, call_s=call_s)
    endpoint = connect(client, is_serverless=is_serverless)
    try:
        result: Any = endpoint.invoke(b"body", content_type="a/b", accept="c/d", remaining_s=remaining_s, variant=variant)
    except errors.InferstackError as error:
        result = error
    return result, client, clock


class HangsAtLast:
    """A runtime that is busy for a number of calls, then takes all the time that its client gives it."""

    def __init__(self, clock: FakeClock, busy_calls: int = 0) -> None:
        self.clock, self.busy_calls, self.waited_s = clock, busy_calls, list[int]()

    def connect(self, wait_s: int) -> Any:
        def invoke_endpoint(**_: Any) -> Any:
            self.waited_s.append(wait_s)
            if len(self.waited_s) <= self.busy_calls:
                raise refuse("ThrottlingException")
            self.clock.now_s += CONNECT_S + wait_s
            raise ReadTimeoutError(endpoint_url=URL)

        return SimpleNamespace(invoke_endpoint=invoke_endpoint)

    def endpoint(self, *, is_serverless: bool = True, longest_wait_s: int = API_WAIT_S) -> Endpoint:
        clock = self.clock
        return Endpoint("digits", self.connect, is_serverless=is_serverless, longest_wait_s=longest_wait_s, clock=clock, sleep=clock.sleep)


def test_passes_on_what_is_asked() -> None:
    result, client, _ = ask([b"answer"], variant="canary-2")
    assert result == EndpointResponse(b"answer", "main")
    assert client.requests == [
        {"EndpointName": "digits", "Body": b"body", "ContentType": "a/b", "Accept": "c/d", "TargetVariant": "canary-2"}
    ]


def test_names_no_variant_unless_asked() -> None:
    assert "TargetVariant" not in ask([b""])[1].requests[0]


@pytest.mark.parametrize("variant", ["", "a\r\nx-evil: 1", "é", "a" * 64, "-a", "a b", "a\n"])
def test_refuses_a_variant_that_cannot_be_without_asking(variant: str) -> None:
    result, client, _ = ask([b""], variant=variant)
    assert type(result) is errors.InvalidInput
    assert client.requests == []


PASSING = {
    "starts": (refuse("ModelNotReadyException"), errors.EndpointStarting),
    "has a full queue": (model_error(503), errors.EndpointBusy),
    "limits": (model_error(429), errors.EndpointBusy),
    "stumbles": (refuse("InternalDependencyException"), errors.EndpointBusy),
    "throttles": (refuse("ThrottlingException"), errors.EndpointBusy),
    "throttles by the account": (refuse("TooManyRequestsException"), errors.EndpointBusy),
    "is unavailable": (refuse("ServiceUnavailable"), errors.EndpointBusy),
}


@pytest.mark.parametrize(("failure", "kind"), PASSING.values(), ids=PASSING)
def test_asks_again_while_the_endpoint(failure: Exception, kind: type[errors.InferstackError]) -> None:
    result, client, clock = ask([failure, failure, b"answer"])
    assert result == EndpointResponse(b"answer", "main")
    assert len(client.requests) == 3
    assert len(clock.slept_s) == 2


@pytest.mark.parametrize(("failure", "kind"), PASSING.values(), ids=PASSING)
def test_gives_up_in_time_to_say_so(failure: Exception, kind: type[errors.InferstackError]) -> None:
    result, client, clock = ask([failure], call_s=0.2)
    assert type(result) is kind
    assert 3 < len(client.requests) < 50
    assert clock.now_s - 1000 < 28


@pytest.mark.parametrize("remaining_s", [5, 10, 29, 119, 300])
def test_never_asks_so_late_that_a_call_that_hangs_ends_after_the_function(remaining_s: float) -> None:
    for calls in range(30):
        hanging = HangsAtLast(FakeClock(), calls)
        with pytest.raises(errors.EndpointError):
            hanging.endpoint(longest_wait_s=UPLOAD_WAIT_S).invoke(b"body", content_type="a/b", accept="c/d", remaining_s=remaining_s)
        assert hanging.clock.now_s - 1000 <= remaining_s - 1


@pytest.mark.parametrize(
    ("remaining_s", "longest_wait_s", "expected_s"),
    [(28.9, API_WAIT_S, 26), (299, UPLOAD_WAIT_S, 240), (119, UPLOAD_WAIT_S, 90), (7, API_WAIT_S, 5)],
)
def test_waits_once_as_long_as_it_may_for_an_endpoint_that_starts(remaining_s: float, longest_wait_s: int, expected_s: int) -> None:
    hanging = HangsAtLast(FakeClock())
    with pytest.raises(errors.EndpointStarting, match=f"did not answer in {expected_s} s"):
        hanging.endpoint(longest_wait_s=longest_wait_s).invoke(b"body", content_type="a/b", accept="c/d", remaining_s=remaining_s)
    assert hanging.waited_s == [expected_s]  # a second call would start a second container


def test_says_of_instances_that_they_did_not_answer_in_time_because_they_never_start() -> None:
    with pytest.raises(errors.EndpointTimeout, match="did not answer in 26 s"):
        HangsAtLast(FakeClock()).endpoint(is_serverless=False).invoke(b"body", content_type="a/b", accept="c/d", remaining_s=29)


@pytest.mark.parametrize("remaining_s", [0, 0.5, 2, CONNECT_S + WAITS_S[-1] + 1])
def test_asks_once_if_there_is_no_time_for_more(remaining_s: float) -> None:
    result, client, _ = ask([refuse("ModelNotReadyException")], remaining_s=remaining_s)
    assert type(result) is errors.EndpointStarting
    assert len(client.requests) == 1


def test_waits_longer_each_time_and_never_twice_the_same() -> None:
    _, _, clock = ask([refuse("ModelNotReadyException")])
    assert sum(clock.slept_s[-3:]) > 3 * sum(clock.slept_s[:3])
    assert len(set(clock.slept_s)) == len(clock.slept_s)
    assert max(clock.slept_s) <= 3


LASTING = {
    "is missing": (refuse("ValidationError", "Endpoint digits of account 123456789012 not found."), errors.EndpointFailed),
    "refuses us": (refuse("AccessDeniedException", "arn:aws:iam::123456789012:role/x"), errors.EndpointFailed),
    "has a slow model": (model_error(504), errors.EndpointTimeout),
    "starts too long": (ReadTimeoutError(endpoint_url=URL), errors.EndpointStarting),
    "answers without a code": (ClientError({}, "InvokeEndpoint"), errors.EndpointFailed),
    "breaks off": (IncompleteReadError(actual_bytes=1, expected_bytes=2), errors.EndpointFailed),
    "is asked without credentials": (NoCredentialsError(), errors.EndpointFailed),
}


@pytest.mark.parametrize(("failure", "kind"), LASTING.values(), ids=LASTING)
def test_asks_no_more_when_the_endpoint(failure: Exception, kind: type[errors.InferstackError]) -> None:
    result, client, _ = ask([failure])
    assert type(result) is kind
    assert len(client.requests) == 1
    text = f"{result.detail} {result.advice}"
    assert "123456789012" not in text
    assert "secret" not in text
    assert URL not in text


ELSEWHERE = {
    "fails": (model_error(500), errors.EndpointFailed),
    "has no memory left": (model_error(507), errors.EndpointFailed),
    "ends": (model_error(0), errors.EndpointTimeout),
    "fails inside SageMaker": (refuse("InternalFailure", ResponseMetadata={"HTTPStatusCode": 500}), errors.EndpointFailed),
    "is behind a gateway that fails": (refuse("502", ResponseMetadata={"HTTPStatusCode": 502}), errors.EndpointFailed),
    "closed the connection that was kept": (ConnectionClosedError(endpoint_url=URL), errors.EndpointFailed),
    "does not connect": (ConnectTimeoutError(endpoint_url=URL), errors.EndpointFailed),
    "is nowhere": (EndpointConnectionError(endpoint_url=URL), errors.EndpointFailed),
}


@pytest.mark.parametrize(("failure", "kind"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_asks_once_more_when_another_instance_or_connection_may_answer_because_the_endpoint(
    failure: Exception, kind: type[errors.InferstackError]
) -> None:
    assert type(ask([failure])[0]) is kind
    result, client, clock = ask([failure, b"answer"])
    assert result == EndpointResponse(b"answer", "main")
    assert len(client.requests) == 2
    assert sum(clock.slept_s) < 0.2


@pytest.mark.parametrize(
    ("results", "count"),
    {
        "at once": ([model_error(500, "Traceback: secret")], ATTEMPTS_AFTER_FAILURE),
        "after a pause": ([model_error(500), refuse("ThrottlingException"), model_error(500), b"answer"], ATTEMPTS_AFTER_FAILURE + 1),
        "and then is nowhere": ([model_error(500), EndpointConnectionError(endpoint_url=URL), b"answer"], 2),
    }.values(),
    ids=["at once", "after a pause", "and then is nowhere"],
)
def test_asks_no_third_time_when_the_model_fails_again(results: list[Exception | bytes], count: int) -> None:
    result, client, _ = ask(results)
    assert type(result) is errors.EndpointFailed
    assert "secret" not in f"{result.detail} {result.advice}"
    assert len(client.requests) == count


@pytest.mark.parametrize("remaining_s", [0, CONNECT_S + WAITS_S[-1]])
def test_asks_a_model_that_failed_only_once_if_there_is_no_time_for_more(remaining_s: float) -> None:
    assert len(ask([model_error(500)], remaining_s=remaining_s)[1].requests) == 1


def test_keeps_the_cause_for_the_log() -> None:
    failure = refuse("ValidationError", "Endpoint digits of account 123456789012 not found.")
    assert ask([failure])[0].__cause__ is failure


@pytest.mark.parametrize("kind", [errors.WrongShape, errors.NotANumber, errors.OutOfRange, errors.Malformed, errors.TooLarge])
def test_repeats_what_the_container_says_of_the_input(kind: type[errors.InvalidInput]) -> None:
    body = json.dumps({"error": {"code": kind.code, "message": "instances[0] is 3", "advice": "Send 4."}})
    result, client, _ = ask([model_error(422, body)])
    assert (type(result), result.detail, result.advice) == (kind, "instances[0] is 3", "Send 4.")
    assert len(client.requests) == 1


@pytest.mark.parametrize(
    "body",
    ["", "<html>", "[]", "3", '{"error":3}', '{"error":{"code":"internal","message":"x"}}', '{"error":{"code":[]}}', "[" * 200_000],
    ids=lambda body: body[:9],
)
def test_fails_when_the_container_speaks_otherwise(body: str) -> None:
    result, client, _ = ask([model_error(400, body)])
    assert type(result) is errors.EndpointFailed
    assert len(client.requests) == 1


def test_names_the_variant_that_is_not_there() -> None:
    result, _, _ = ask([refuse("ValidationError", "Variant nine not found for Request")], variant="nine")
    assert type(result) is errors.InvalidInput
    assert "nine" in result.detail


def test_reads_no_more_of_an_answer_than_it_can_pass_on() -> None:
    assert len(ask([b"x" * MAX_RESPONSE_BYTES])[0].body) == MAX_RESPONSE_BYTES
    assert type(ask([b"x" * (MAX_RESPONSE_BYTES + 1)])[0]) is errors.EndpointFailed


def test_asks_by_a_client_that_asks_once_and_waits_as_long_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"DEFAULT_REGION": "us-east-1", "ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "ENDPOINT_URL": "http://127.0.0.1:9"}
    for name, value in environment.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    meta: Any = create_client(26).meta  # type: ignore[attr-defined]
    assert (meta.config.connect_timeout, meta.config.read_timeout) == (CONNECT_S, 26)
    assert meta.config.retries == {"total_max_attempts": 1, "mode": "standard"}
    assert meta.endpoint_url == "http://127.0.0.1:9"
