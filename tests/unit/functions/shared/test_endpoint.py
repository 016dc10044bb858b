"""The adapter to the endpoint: what each error means, and repeating a call only while there is time.

Over a fake of the runtime; `test_runtime.py` has the real one, over sockets.
"""

import json
from typing import Any

import pytest

from functions.shared.endpoint.client import (
    API_WAIT_S,
    ATTEMPTS_AFTER_FAILURE,
    SHORTEST_WAIT_S,
    UPLOAD_WAIT_S,
    Endpoint,
)
from functions.shared.endpoint.interface import EndpointResponse
from functions.shared.endpoint.runtime import CONNECT_S, Refusal
from recipes import errors
from tests.fakes import FakeClock, FakeRuntime


def refuse(code: str, message: str = "", *, status: int = 400, **details: Any) -> Refusal:
    return Refusal(code, message, status=status, **details)


def model_error(status: int, body: str = "") -> Refusal:
    return refuse("ModelError", "Received an error from primary", status=424, original_status=status, original_message=body)


def connect(runtime: Any, *, is_serverless: bool = True, longest_wait_s: int = API_WAIT_S) -> Endpoint:
    """Return an endpoint that asks by this runtime, on its clock."""
    clock = runtime.clock
    return Endpoint("digits", runtime, is_serverless=is_serverless, longest_wait_s=longest_wait_s, clock=clock, sleep=clock.sleep)


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
    """A runtime that is busy for a number of calls, then takes all the time that it is given."""

    def __init__(self, clock: FakeClock, busy_calls: int = 0) -> None:
        self.clock, self.busy_calls, self.waited_s = clock, busy_calls, list[float]()

    def invoke(self, *_: Any, wait_s: float, **__: Any) -> Any:
        self.waited_s.append(wait_s)
        if len(self.waited_s) <= self.busy_calls:
            raise refuse("ThrottlingException")
        self.clock.now_s += CONNECT_S + wait_s
        raise TimeoutError


def test_passes_on_what_is_asked() -> None:
    result, client, _ = ask([b"answer"], variant="canary-2")
    assert result == EndpointResponse(b"answer", "main")
    assert client.requests == [{"name": "digits", "body": b"body", "content_type": "a/b", "accept": "c/d", "variant": "canary-2"}]


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
            connect(hanging, longest_wait_s=UPLOAD_WAIT_S).invoke(b"body", content_type="a/b", accept="c/d", remaining_s=remaining_s)
        assert hanging.clock.now_s - 1000 <= remaining_s - 1


@pytest.mark.parametrize(
    ("remaining_s", "longest_wait_s", "expected_s"),
    [(28.9, API_WAIT_S, 26), (299, UPLOAD_WAIT_S, 240), (119, UPLOAD_WAIT_S, 117), (7, API_WAIT_S, 5)],
)
def test_waits_once_as_long_as_it_may_for_an_endpoint_that_starts(remaining_s: float, longest_wait_s: int, expected_s: int) -> None:
    hanging = HangsAtLast(FakeClock())
    with pytest.raises(errors.EndpointStarting, match=f"did not answer in {expected_s} s"):
        connect(hanging, longest_wait_s=longest_wait_s).invoke(b"body", content_type="a/b", accept="c/d", remaining_s=remaining_s)
    assert hanging.waited_s == [expected_s]  # a second call would start a second container


def test_says_of_instances_that_they_did_not_answer_in_time_because_they_never_start() -> None:
    with pytest.raises(errors.EndpointTimeout, match="did not answer in 26 s"):
        connect(HangsAtLast(FakeClock()), is_serverless=False).invoke(b"body", content_type="a/b", accept="c/d", remaining_s=29)


@pytest.mark.parametrize("remaining_s", [0, 0.5, 2, CONNECT_S + SHORTEST_WAIT_S + 1])
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
    "starts too long": (TimeoutError("https://runtime.example.test"), errors.EndpointStarting),
}


@pytest.mark.parametrize(("failure", "kind"), LASTING.values(), ids=LASTING)
def test_asks_no_more_when_the_endpoint(failure: Exception, kind: type[errors.InferstackError]) -> None:
    result, client, _ = ask([failure])
    assert type(result) is kind
    assert len(client.requests) == 1
    text = f"{result.detail} {result.advice}"
    assert "123456789012" not in text
    assert "secret" not in text
    assert "example.test" not in text


ELSEWHERE = {
    "fails": (model_error(500), errors.EndpointFailed),
    "has no memory left": (model_error(507), errors.EndpointFailed),
    "ends": (model_error(0), errors.EndpointTimeout),
    "fails inside SageMaker": (refuse("InternalFailure", status=500), errors.EndpointFailed),
    "is behind a gateway that fails": (refuse("502", status=502), errors.EndpointFailed),
    "loses the connection": (ConnectionError("https://runtime.example.test"), errors.EndpointFailed),
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
        "and then is nowhere": ([model_error(500), ConnectionError(), b"answer"], 2),
    }.values(),
    ids=["at once", "after a pause", "and then is nowhere"],
)
def test_asks_no_third_time_when_the_model_fails_again(results: list[Exception | bytes], count: int) -> None:
    result, client, _ = ask(results)
    assert type(result) is errors.EndpointFailed
    assert "secret" not in f"{result.detail} {result.advice}"
    assert len(client.requests) == count


@pytest.mark.parametrize("remaining_s", [0, CONNECT_S + SHORTEST_WAIT_S])
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
