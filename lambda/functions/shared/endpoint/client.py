"""The SageMaker endpoint: what is asked again, and until when."""

import os
import re
import time
from collections.abc import Callable
from functools import cache
from typing import Protocol

from functions.shared.endpoint.failures import may_succeed_elsewhere, refuse_variant, translate_loss, translate_refusal
from functions.shared.endpoint.interface import EndpointResponse
from functions.shared.endpoint.runtime import CONNECT_S, Refusal, open_runtime
from recipes import errors

API_WAIT_S, UPLOAD_WAIT_S = 26, 240  # an HTTP API waits 30 s; a serverless endpoint may take 180 s to start, and 60 s to answer
SHORTEST_WAIT_S = 2
SERVERLESS = "serverless"
MARGIN_S = 1.0  # kept for responding
# A model's 5xx is tried again once: another instance responds, and a canary's failures reach fewer callers. So is SageMaker's own, and a
# lost connection: the one that was kept open while the function slept is closed.
ATTEMPTS_AFTER_FAILURE = 2
VARIANT = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"  # SageMaker's own rule
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0


class Invoker(Protocol):
    """Asks once; `functions.shared.endpoint.runtime.Runtime` is one."""

    def invoke(self, name: str, body: bytes, *, content_type: str, accept: str, variant: str | None, wait_s: float) -> EndpointResponse:
        """Return the container's response; raise Refusal, TimeoutError or ConnectionError."""


def open_endpoint(name: str, kind: str, longest_wait_s: int) -> "Endpoint":
    """Return the endpoint of this name, in the function's own region and as its role.

    Args:    kind: serverless, cpu or gpu.
             longest_wait_s: API_WAIT_S or UPLOAD_WAIT_S.
    """
    return Endpoint(name, _open_own_runtime(), is_serverless=kind == SERVERLESS, longest_wait_s=longest_wait_s)


@cache
def _open_own_runtime() -> Invoker:
    """Return the runtime of the function's environment: endpoints of several recipes share its connections and its certificates."""
    return open_runtime(os.environ)


class Endpoint:
    """One endpoint. A call is repeated while there is time if its failure ends by itself, and once if the model or the connection failed.

    A serverless endpoint starts when it is invoked after a quiet time, and the call waits until it has. So one call waits as long as it
    may, instead of several for a shorter time: each would start another container.

    Args:    name: the endpoint's.
             runtime: asks it once.
             is_serverless: whether no answer in time means that the endpoint starts.
             longest_wait_s: for a call that has all the time of its function.
             clock, sleep: replaced in tests.
    """

    def __init__(
        self,
        name: str,
        runtime: Invoker,
        *,
        is_serverless: bool,
        longest_wait_s: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._name, self._runtime, self._is_serverless, self._clock, self._sleep = name, runtime, is_serverless, clock, sleep
        self._longest_wait_s = longest_wait_s

    def invoke(self, body: bytes, *, content_type: str, accept: str, remaining_s: float, variant: str | None = None) -> EndpointResponse:
        """Return the container's response.

        Args:    remaining_s: seconds until the caller must have responded; a call is repeated only if even one that hangs ends before.
        Raises:  EndpointStarting, EndpointBusy, EndpointTimeout, EndpointFailed: no response.
                 InvalidInput: the container refused the input; its message is the container's.
        """
        deadline = self._clock() + remaining_s - MARGIN_S
        if variant is not None and not re.fullmatch(VARIANT, variant):  # it becomes a header, where a line break would begin another
            raise refuse_variant(variant)
        pause_s, failures = FIRST_PAUSE_S, 0
        while True:
            wait_s = min(self._longest_wait_s, max(SHORTEST_WAIT_S, deadline - self._clock() - CONNECT_S))
            try:
                return self._runtime.invoke(self._name, body, content_type=content_type, accept=accept, variant=variant, wait_s=wait_s)
            except TimeoutError as error:
                raise self._describe_timeout(wait_s) from error
            except (Refusal, ConnectionError) as error:
                failure = translate_refusal(error, variant) if isinstance(error, Refusal) else translate_loss(error)
                if may_succeed_elsewhere(error):
                    failures += 1
                    is_final = failures == ATTEMPTS_AFTER_FAILURE
                else:
                    is_final = not isinstance(failure, errors.EndpointStarting | errors.EndpointBusy)
            import random  # noqa: PLC0415 - most starts never need it

            jittered_s = pause_s * random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries, guards nothing
            is_late = self._clock() + jittered_s + CONNECT_S + SHORTEST_WAIT_S > deadline
            if is_late or is_final:
                raise failure
            self._sleep(jittered_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _describe_timeout(self, wait_s: float) -> errors.EndpointError:
        """Return what no answer in time means to the caller."""
        if self._is_serverless:
            return errors.EndpointStarting(
                f"the endpoint did not answer in {wait_s:.0f} s: after a quiet time it has to start first",
                advice="Send it again in a few seconds.",
            )
        return errors.EndpointTimeout(f"the endpoint did not answer in {wait_s:.0f} s", advice="Send it again, or less at once.")
