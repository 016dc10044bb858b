"""The SageMaker endpoint, by botocore."""

import random
import re
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

import botocore.session
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from functions.shared.endpoint.failures import may_succeed_elsewhere, refuse_variant, translate_error, translate_loss
from functions.shared.endpoint.interface import EndpointResponse
from recipes import errors

CONNECT_S = 1
WAITS_S = (240, 180, 120, 90, 60, 40, 26, 18, 12, 8, 5, 3, 2)  # how long a call may wait for the response: the longest that ends in time
API_WAIT_S, UPLOAD_WAIT_S = 26, WAITS_S[0]  # an HTTP API waits 30 s; a serverless endpoint may take 180 s to start, and 60 s to answer
SERVERLESS = "serverless"
MARGIN_S = 1.0  # kept for responding
MAX_RESPONSE_BYTES = 5_000_000  # a Lambda response may have 6 MB
# A model's 5xx is tried again once: another instance responds, and a canary's failures reach fewer callers. So is SageMaker's own, and a
# lost connection: the one that was kept open while the function slept is closed.
ATTEMPTS_AFTER_FAILURE = 2
VARIANT = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")  # SageMaker's own rule
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0


class Runtime(Protocol):
    """The part of botocore's sagemaker-runtime client that is used."""

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        """Invoke an endpoint; see InvokeEndpoint of the API."""


def create_client(wait_s: int) -> Runtime:
    """Return a client that asks once and waits this long for the response.

    botocore would ask again after a time-out, and while a serverless endpoint starts, each call starts another container.
    """
    config = ClientConfig(connect_timeout=CONNECT_S, read_timeout=wait_s, retries={"total_max_attempts": 1, "mode": "standard"})
    client: Runtime = _get_session().create_client("sagemaker-runtime", config=config)
    return client


@cache
def _get_session() -> Any:
    """Return the one session, which reads the API's model once for all clients."""
    # botocore's, not boto3's: nothing of boto3 is needed, and it takes longer to import.
    return botocore.session.get_session()


def open_endpoint(name: str, kind: str, longest_wait_s: int) -> "Endpoint":
    """Return the endpoint of this name.

    Args:    kind: serverless, cpu or gpu.
             longest_wait_s: API_WAIT_S or UPLOAD_WAIT_S.
    """
    return Endpoint(name, create_client, is_serverless=kind == SERVERLESS, longest_wait_s=longest_wait_s)


class Endpoint:
    """One endpoint. A call is repeated while there is time if its failure ends by itself, and once if the model or the connection failed.

    A serverless endpoint starts when it is invoked after a quiet time, and the call waits until it has. So one call waits as long as it
    may, instead of several for a shorter time.

    Args:    name: the endpoint's.
             connect: returns botocore's client that waits so many seconds for a response: a client has one such limit for all its calls.
             is_serverless: whether no answer in time means that the endpoint starts.
             longest_wait_s: of WAITS_S, for a call that has all the time of its function.
             clock, sleep: replaced in tests.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[int], Runtime],
        *,
        is_serverless: bool,
        longest_wait_s: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._name, self._connect, self._is_serverless, self._clock, self._sleep = name, connect, is_serverless, clock, sleep
        self._waits_s = [each for each in WAITS_S if each <= longest_wait_s]
        self._lock = threading.Lock()
        self._clients = {longest_wait_s: connect(longest_wait_s)}  # while the function starts; the others when a call needs them

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
                raise refuse_variant(variant)
            request["TargetVariant"] = variant
        pause_s, failures = FIRST_PAUSE_S, 0
        while True:
            wait_s = self._find_wait(deadline)
            try:
                return _read_response(self._find_client(wait_s).invoke_endpoint(**request))
            except ReadTimeoutError as error:
                raise self._describe_timeout(wait_s) from error
            except (ClientError, BotoCoreError) as error:
                failure = translate_error(error, variant) if isinstance(error, ClientError) else translate_loss(error)
                if may_succeed_elsewhere(error):
                    failures += 1
                    is_final = failures == ATTEMPTS_AFTER_FAILURE
                else:
                    is_final = not isinstance(failure, errors.EndpointStarting | errors.EndpointBusy)
            jittered_s = pause_s * random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries, guards nothing
            is_late = self._clock() + jittered_s + CONNECT_S + self._waits_s[-1] > deadline
            if is_late or is_final:
                raise failure
            self._sleep(jittered_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _find_wait(self, deadline: float) -> int:
        """Return the longest wait that ends before the deadline; the shortest if none does."""
        left_s = deadline - self._clock() - CONNECT_S
        return next((each for each in self._waits_s if each <= left_s), self._waits_s[-1])

    def _find_client(self, wait_s: int) -> Runtime:
        with self._lock:
            if wait_s not in self._clients:
                self._clients[wait_s] = self._connect(wait_s)
            return self._clients[wait_s]

    def _describe_timeout(self, wait_s: int) -> errors.EndpointError:
        """Return what no answer in time means to the caller."""
        if self._is_serverless:
            return errors.EndpointStarting(
                f"the endpoint did not answer in {wait_s} s: after a quiet time it has to start first",
                advice="Send it again in a few seconds.",
            )
        return errors.EndpointTimeout(f"the endpoint did not answer in {wait_s} s", advice="Send it again, or less at once.")


def _read_response(response: dict[str, Any]) -> EndpointResponse:
    body: bytes = response["Body"].read(MAX_RESPONSE_BYTES + 1)
    if len(body) > MAX_RESPONSE_BYTES:
        raise errors.EndpointFailed(f"the endpoint answered more than {MAX_RESPONSE_BYTES:,} bytes", advice="Send fewer instances at once.")
    return EndpointResponse(body, response.get("InvokedProductionVariant", ""))
