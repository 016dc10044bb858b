"""The SageMaker endpoint, and the only code of this function that meets AWS."""

import json
import random
import re
import time
from collections.abc import Callable
from typing import Any, Protocol

import botocore.session
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from functions.shared.endpoint.interface import EndpointResponse
from recipes import errors

CONNECT_S, READ_S, ATTEMPTS = 1, 8, 2
MARGIN_S = 1.0  # kept for answering
LONGEST_CALL_S = ATTEMPTS * (CONNECT_S + READ_S) + 1  # and botocore's pause between its attempts
MAX_ANSWER_BYTES = 5_000_000  # a Lambda answer may have 6 MB
# What ends by itself: the endpoint scales from zero, or is busy. botocore retries none of these but the last two.
STARTING = {"ModelNotReadyException"}
BUSY = {"InternalDependencyException", "ThrottlingException", "ServiceUnavailable"}
SERVER_ERRORS = set(range(500, 600)) - {503, 504}
MODEL_ATTEMPTS = 2  # a 5xx of the model is asked again once: another instance answers, and a canary's failures reach fewer callers
VARIANT = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")  # SageMaker's own rule
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0


class Runtime(Protocol):
    """The part of boto3's sagemaker-runtime client that is used."""

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        """InvokeEndpoint."""


def runtime() -> Runtime:
    """Return a client that gives up soon: botocore's own defaults let one hanging call cost 180 s.

    A botocore session, not boto3: nothing of boto3 is used beside it, and it is more to import.
    """
    config = ClientConfig(connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"total_max_attempts": ATTEMPTS, "mode": "standard"})
    client: Runtime = botocore.session.get_session().create_client("sagemaker-runtime", config=config)
    return client


class Endpoint:
    """One endpoint, asked again while there is time if what failed ends by itself, and once if the model failed.

    Args:    name: the endpoint's.
             client: the runtime.
             clock, sleep: replaced in tests.
    """

    def __init__(
        self, name: str, client: Runtime, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._name, self._client, self._clock, self._sleep = name, client, clock, sleep

    def invoke(self, body: bytes, *, content_type: str, accept: str, remaining_s: float, variant: str | None = None) -> EndpointResponse:
        """Return the container's answer.

        Args:    remaining_s: until the caller must have answered; asked again only while even a call that hangs ends before.
        Raises:  EndpointStarting, EndpointBusy, EndpointTimeout, EndpointFailed: no answer.
                 InvalidInput: the container refused the input; with its own words.
        """
        deadline = self._clock() + remaining_s - MARGIN_S
        request = {"EndpointName": self._name, "Body": body, "ContentType": content_type, "Accept": accept}
        if variant is not None:
            if not VARIANT.fullmatch(variant):  # it becomes a header, which refuses a line break with an error of its own
                raise _no_variant(variant)
            request["TargetVariant"] = variant
        pause_s, model_failures = FIRST_PAUSE_S, 0
        while True:
            try:
                return _answer(self._client.invoke_endpoint(**request))
            except ClientError as error:
                failure = _failure(error, variant)
                if _model_failed(error):
                    model_failures += 1
                    is_final = model_failures == MODEL_ATTEMPTS
                else:
                    is_final = not isinstance(failure, errors.EndpointStarting | errors.EndpointBusy)
            except ReadTimeoutError as error:
                raise errors.EndpointTimeout(
                    f"the endpoint did not answer in {READ_S} s, asked {ATTEMPTS} times", advice="Send it again, or less at once."
                ) from error
            except BotoCoreError as error:
                failure = errors.EndpointFailed("the endpoint cannot be reached", advice="Send it again in a moment.")
                failure.__cause__, is_final = error, True
            jittered_s = pause_s * random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries, guards nothing
            is_late = self._clock() + jittered_s + LONGEST_CALL_S > deadline
            if is_late or is_final:
                raise failure
            self._sleep(jittered_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _answer(response: dict[str, Any]) -> EndpointResponse:
    body: bytes = response["Body"].read(MAX_ANSWER_BYTES + 1)
    if len(body) > MAX_ANSWER_BYTES:
        raise errors.EndpointFailed(f"the endpoint answered more than {MAX_ANSWER_BYTES:,} bytes", advice="Send fewer instances at once.")
    return EndpointResponse(body, response.get("InvokedProductionVariant", ""))


def _failure(error: ClientError, variant: str | None) -> errors.InferstackError:
    """Return what a refusal of the runtime means to a caller."""
    code = error.response.get("Error", {}).get("Code", "")
    if code in STARTING:
        return errors.EndpointStarting("the endpoint is starting", advice="Send it again in a few seconds.")
    if code in BUSY:
        return errors.EndpointBusy("the endpoint is busy", advice="Send it again in a moment.")
    if code == "ModelError":
        return _model_failure(error)
    if code == "ValidationError" and variant is not None and "ariant" in error.response.get("Error", {}).get("Message", ""):
        return _no_variant(variant)
    # Its message names accounts and ARNs: for the log, as the cause, not for the caller.
    failure = errors.EndpointFailed(f"the endpoint refused the call ({code or 'no code'})", advice="The operator can see why in the logs.")
    failure.__cause__ = error
    return failure


def _model_failed(error: ClientError) -> bool:
    """Return whether the container answered, and that it failed: neither busy, nor too slow, nor what was sent."""
    response = error.response
    return response.get("Error", {}).get("Code", "") == "ModelError" and response.get("OriginalStatusCode", 500) in SERVER_ERRORS


def _no_variant(variant: str) -> errors.InvalidInput:
    return errors.InvalidInput(f"the endpoint has no variant {variant[:60]!r}", advice="Leave it out, or correct it.")


def _model_failure(error: ClientError) -> errors.InferstackError:
    """Return what the container's own answer means: its errors carry the codes of recipes/errors.py."""
    status = error.response.get("OriginalStatusCode", 500)
    if status in {429, 503}:
        return errors.EndpointBusy("the endpoint's queue is full", advice="Send it again in a moment.")
    if status == 504:
        return errors.EndpointTimeout("the model did not answer in time", advice="Send less at once.")
    try:
        said = json.loads(error.response.get("OriginalMessage", ""))["error"]
        kind = _INPUT_ERRORS[said["code"]]
        return kind(str(said["message"]), advice=str(said.get("advice", "")))
    except (ValueError, KeyError, TypeError):
        failure = errors.EndpointFailed(f"the model failed with status {status}", advice="The operator can see why in the logs.")
        failure.__cause__ = error
        return failure


def _subclasses(kind: type[errors.InvalidInput]) -> list[type[errors.InvalidInput]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _subclasses(child))]


_INPUT_ERRORS = {kind.code: kind for kind in _subclasses(errors.InvalidInput)}
