"""What SageMaker's failures mean to a caller, and which of them another call may not meet."""

import json

from functions.shared.endpoint.response import IN_THE_LOGS
from functions.shared.endpoint.runtime import Refusal
from recipes import errors

# Failures that end by themselves: the endpoint scales from zero, or is busy.
STARTING = {"ModelNotReadyException"}
BUSY = {"InternalDependencyException", "ServiceUnavailable", "ThrottlingException", "Throttling", "TooManyRequestsException"}
NO_STATUS = 0  # the container ended, or did not answer in SageMaker's time
SERVICE_ERRORS = {500, 502, 504}  # SageMaker's own, or of a gateway in front of it
SERVER_ERRORS = {NO_STATUS, *range(500, 600)} - {503, 504}


def translate_refusal(error: Refusal, variant: str | None) -> errors.InferstackError:
    """Return what SageMaker's error means to the caller."""
    code = error.code
    if code in STARTING:
        return errors.EndpointStarting("the endpoint is starting", advice="Send it again in a few seconds.")
    if code in BUSY:
        return errors.EndpointBusy("the endpoint is busy", advice="Send it again in a moment.")
    if code == "ModelError":
        return _translate_model_error(error)
    if code == "ValidationError" and variant is not None and "ariant" in error.message:
        return refuse_variant(variant)
    # Its message names accounts and ARNs: for the log, as the cause, not for the caller.
    failure = errors.EndpointFailed(f"the endpoint refused the call ({code[:60]})", advice=IN_THE_LOGS)
    failure.__cause__ = error
    return failure


def translate_loss(error: ConnectionError) -> errors.EndpointFailed:
    """Return what a call without SageMaker's answer means to the caller."""
    failure = errors.EndpointFailed("the endpoint cannot be reached", advice="Send it again in a moment.")
    failure.__cause__ = error
    return failure


def may_succeed_elsewhere(error: Refusal | ConnectionError) -> bool:
    """Return whether the connection was lost, or SageMaker or the container failed: it is not busy, and the input is not the cause."""
    if not isinstance(error, Refusal):
        return True
    return error.original_status in SERVER_ERRORS if error.code == "ModelError" else error.status in SERVICE_ERRORS


def refuse_variant(variant: str) -> errors.InvalidInput:
    """Return the error for a variant that the endpoint does not have."""
    return errors.InvalidInput(f"the endpoint has no variant {variant[:60]!r}", advice="Leave it out, or correct it.")


def _translate_model_error(error: Refusal) -> errors.InferstackError:
    """Return what the container's error means to the caller; it carries a code of recipes/errors.py."""
    status = error.original_status
    if status in {429, 503}:
        return errors.EndpointBusy("the endpoint's queue is full", advice="Send it again in a moment.")
    if status in {NO_STATUS, 504}:
        return errors.EndpointTimeout("the model ended, or did not answer in time", advice="Send it again, or less at once.")
    try:
        details = json.loads(error.original_message)["error"]
        kind = _INPUT_ERRORS[details["code"]]
        return kind(str(details["message"]), advice=str(details.get("advice", "")))
    except (ValueError, KeyError, TypeError, RecursionError):
        failure = errors.EndpointFailed(f"the model failed with status {status}", advice=IN_THE_LOGS)
        failure.__cause__ = error
        return failure


def _subclasses(kind: type[errors.InvalidInput]) -> list[type[errors.InvalidInput]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _subclasses(child))]


_INPUT_ERRORS = {kind.code: kind for kind in _subclasses(errors.InvalidInput)}
