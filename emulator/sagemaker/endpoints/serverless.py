"""The containers of a serverless variant: each answers one request at a time, starts when none is free, and ends after a quiet time."""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from emulator.sagemaker.conditions import ReadConditions
from emulator.sagemaker.endpoints.blue_green import Clock
from emulator.sagemaker.errors import SageMakerError, service_unavailable

log = logging.getLogger("inferstack.sagemaker")


class Containers:
    """The containers. One model server answers for all of them, so a start is nothing but a wait; it goes on when its caller has left.

    Args:    name: for the log.
             max_concurrency: requests at once.
             provisioned: containers that never end.
             read_conditions: how long a start takes, and how long a container is kept.
             clock: measures the quiet time.
    """

    def __init__(self, name: str, *, max_concurrency: int, provisioned: int, read_conditions: ReadConditions, clock: Clock) -> None:
        self._name, self._max_concurrency, self._provisioned = name, max_concurrency, provisioned
        self._read_conditions, self._clock = read_conditions, clock
        self._free_since = [clock()] * max(1, provisioned)  # a deployment starts one, to see that it answers
        self._busy = self.started = 0
        self._lock, self._ended = threading.Lock(), threading.Event()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a container while the block runs; start one first if none is free.

        Raises:  SageMakerError: as many requests as the variant takes at once are under way, or it ended while a container started.
        """
        with self._lock:
            if self._busy >= self._max_concurrency:
                raise SageMakerError(400, "ThrottlingException", "Rate exceeded")
            self._end_idle()
            is_cold = not self._free_since
            self._busy += 1
            if is_cold:
                self.started += 1
            else:
                self._free_since.pop()
        try:
            if is_cold:
                self._start()
            yield
        finally:
            with self._lock:
                self._busy -= 1
                self._free_since.append(self._clock())

    def close(self) -> None:
        """Let no start wait any longer."""
        self._ended.set()

    def _start(self) -> None:
        start_s = self._read_conditions().cold_start_s
        log.info("%s: a container starts, which takes %g s", self._name, start_s)
        if self._ended.wait(start_s):
            raise service_unavailable("The endpoint was stopped while a container started.")

    def _end_idle(self) -> None:
        """End the containers without a request for longer than they are kept; those that were used last are at the end."""
        oldest = self._clock() - self._read_conditions().idle_s
        kept = self._free_since[-self._provisioned :] if self._provisioned else []
        others = self._free_since[: len(self._free_since) - len(kept)]
        self._free_since = [*(since for since in others if since >= oldest), *kept]


def open_containers(endpoint: str, settings: Mapping[str, Any], *, read_conditions: ReadConditions, clock: Clock) -> Containers | None:
    """Return the containers of a production variant, or None where it runs on instances."""
    if (serverless := settings.get("ServerlessConfig")) is None:
        return None
    return Containers(
        f"{endpoint}: {settings['VariantName']}",
        max_concurrency=int(serverless["MaxConcurrency"]),
        provisioned=int(serverless.get("ProvisionedConcurrency", 0)),
        read_conditions=read_conditions,
        clock=clock,
    )
