"""The SageMaker endpoint, by botocore."""

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
from functions.shared.endpoint.response import IN_THE_LOGS
from recipes import errors

CONNECT_S, READ_S, ATTEMPTS = 1, 8, 2
MARGIN_S = 1.0  # kept for responding
LONGEST_CALL_S = ATTEMPTS * (CONNECT_S + READ_S) + 1  # and botocore's pause between its attempts
MAX_RESPONSE_BYTES = 5_000_000  # a Lambda response may have 6 MB
# Failures that end by themselves: the endpoint scales from zero, or is busy. Of these botocore retries only the last two.
STARTING = {"ModelNotReadyException"}
BUSY = {"InternalDependencyException", "ThrottlingException", "ServiceUnavailable"}
SERVER_ERRORS = set(range(500, 600)) - {503, 504}
MODEL_ATTEMPTS = 2  # a model's 5xx is tried again once: another instance responds, and a canary's failures reach fewer callers
VARIANT = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")  # SageMaker's own rule
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0


class Runtime(Protocol):
    """The part of botocore's sagemaker-runtime client that is used."""

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        """Invoke an endpoint; see InvokeEndpoint of the API."""


def create_client() -> Runtime:
    """Return a client that gives up soon: with botocore's defaults one hanging call costs 180 s."""
    # A botocore session, not boto3: nothing of boto3 is needed, and it takes longer to import.
    config = ClientConfig(connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"total_max_attempts": ATTEMPTS, "mode": "standard"})
    client: Runtime = botocore.session.get_session().create_client("sagemaker-runtime", config=config)
    return client


class Endpoint:
    """One endpoint. A call is repeated while there is time if its failure ends by itself, and once if the model failed.

    Args:    name: the endpoint's.
             client: botocore's.
             clock, sleep: replaced in tests.
    """

    def __init__(
        self, name: str, client: Runtime, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._name, self._client, self._clock, self._sleep = name, client, clock, sleep

    def invoke(self, body: bytes, *, content_type: str, accept: str, remaining_s: float, variant: str | None = None) -> EndpointResponse:
        """Return the container's response.

        Args:    remaining_s: seconds until the caller must have responded; a call is repeated only if even one that hangs ends before.
        Raises:  EndpointStarting, EndpointBusy, EndpointTimeout, EndpointFailed: no response.
                 InvalidInput: the container refused the input; its message is the container's.
        """
        deadline = self._clock() + remaining_s - MARGIN_S
        request = {"EndpointName": self._name, "Body": body, "ContentType": content_type, "Accept": accept}
        if variant is not None:
            if not VARIANT.fullmatch(variant):  # it becomes a header, and botocore raises an error of its own for a line break in one
                raise _unknown_variant(variant)
            request["TargetVariant"] = variant
        pause_s, model_failures = FIRST_PAUSE_S, 0
        while True:
            try:
                return _read_response(self._client.invoke_endpoint(**request))
            except ClientError as error:
                failure = _translate_error(error, variant)
                if _is_model_failure(error):
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


def _read_response(response: dict[str, Any]) -> EndpointResponse:
    body: bytes = response["Body"].read(MAX_RESPONSE_BYTES + 1)
    if len(body) > MAX_RESPONSE_BYTES:
        raise errors.EndpointFailed(f"the endpoint answered more than {MAX_RESPONSE_BYTES:,} bytes", advice="Send fewer instances at once.")
    return EndpointResponse(body, response.get("InvokedProductionVariant", ""))


def _translate_error(error: ClientError, variant: str | None) -> errors.InferstackError:
    """Return what SageMaker's error means to the caller."""
    code = error.response.get("Error", {}).get("Code", "")
    if code in STARTING:
        return errors.EndpointStarting("the endpoint is starting", advice="Send it again in a few seconds.")
    if code in BUSY:
        return errors.EndpointBusy("the endpoint is busy", advice="Send it again in a moment.")
    if code == "ModelError":
        return _translate_model_error(error)
    if code == "ValidationError" and variant is not None and "ariant" in error.response.get("Error", {}).get("Message", ""):
        return _unknown_variant(variant)
    # Its message names accounts and ARNs: for the log, as the cause, not for the caller.
    failure = errors.EndpointFailed(f"the endpoint refused the call ({code or 'no code'})", advice=IN_THE_LOGS)
    failure.__cause__ = error
    return failure


def _is_model_failure(error: ClientError) -> bool:
    """Return whether the container says that it failed: it is neither busy nor too slow, and the input is not the cause."""
    response = error.response
    return response.get("Error", {}).get("Code", "") == "ModelError" and response.get("OriginalStatusCode", 500) in SERVER_ERRORS


def _unknown_variant(variant: str) -> errors.InvalidInput:
    return errors.InvalidInput(f"the endpoint has no variant {variant[:60]!r}", advice="Leave it out, or correct it.")


def _translate_model_error(error: ClientError) -> errors.InferstackError:
    """Return what the container's error means to the caller; it carries a code of recipes/errors.py."""
    status = error.response.get("OriginalStatusCode", 500)
    if status in {429, 503}:
        return errors.EndpointBusy("the endpoint's queue is full", advice="Send it again in a moment.")
    if status == 504:
        return errors.EndpointTimeout("the model did not answer in time", advice="Send less at once.")
    try:
        details = json.loads(error.response.get("OriginalMessage", ""))["error"]
        kind = _INPUT_ERRORS[details["code"]]
        return kind(str(details["message"]), advice=str(details.get("advice", "")))
    except (ValueError, KeyError, TypeError, RecursionError):
        failure = errors.EndpointFailed(f"the model failed with status {status}", advice=IN_THE_LOGS)
        failure.__cause__ = error
        return failure


def _subclasses(kind: type[errors.InvalidInput]) -> list[type[errors.InvalidInput]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _subclasses(child))]


_INPUT_ERRORS = {kind.code: kind for kind in _subclasses(errors.InvalidInput)}
