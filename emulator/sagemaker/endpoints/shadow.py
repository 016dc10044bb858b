"""Copies of requests to a shadow variant: sent after the caller has its response; their responses are compared with that and dropped."""

import json
import logging
import random
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

log = logging.getLogger("inferstack.sagemaker")
MAX_PARALLEL, MAX_WAITING = 2, 32
Invoke = Callable[[bytes, Mapping[str, str]], Any]  # (body, headers) → a response with a status and data


@dataclass(slots=True)
class Tally:
    """Counts of one shadow's copies, and of the predictions in those that got a response.

    Args:    copied: sent, of which `failed` got no response that can be compared.
             left_out: not sent, because too many were waiting.
             agreed: predictions with the same label in both responses, of `predictions`.
    """

    copied: int = 0
    failed: int = 0
    left_out: int = 0
    predictions: int = 0
    agreed: int = 0


class ShadowTraffic:
    """Sends copies from threads of its own: a slow or broken shadow never affects the caller.

    Args:    chance: returns a random number from 0 to 1.
    """

    def __init__(self, *, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._tallies: dict[str, Tally] = {}
        self._lock, self._waiting = threading.Lock(), threading.BoundedSemaphore(MAX_WAITING)
        self._work = ThreadPoolExecutor(MAX_PARALLEL, thread_name_prefix="shadow")

    def copy(self, name: str, invoke: Invoke, body: bytes, headers: Mapping[str, str], *, share: float, response: bytes) -> None:
        """Send a copy of a request, by chance and only while few are waiting. Returns at once and raises nothing.

        Args:    name: the shadow's, for the tally and the log.
                 invoke: invokes the shadow's server.
                 share: of the requests that are copied, 0 to 1.
                 response: the one that the caller got.
        """
        if self._chance() >= share:
            return
        if self._waiting.acquire(blocking=False):
            self._work.submit(self._compare, name, invoke, body, headers, response)
        else:
            with self._lock:
                self._tally(name).left_out += 1

    def tally(self, name: str) -> Tally:
        """Return a shadow's counts so far."""
        with self._lock:
            return self._tally(name)

    def close(self) -> None:
        """Finish the copies that are waiting and take no more."""
        self._work.shutdown()

    def _compare(self, name: str, invoke: Invoke, body: bytes, headers: Mapping[str, str], response: bytes) -> None:
        try:
            copy = invoke(body, headers)
            outcome = _count_agreements(response, copy.data) if copy.status == 200 else None
        except Exception as error:  # noqa: BLE001 - whatever the reason, one copy failed
            log.info("%s: %s", name, error)
            outcome = None
        finally:
            self._waiting.release()
        with self._lock:
            tally = self._tally(name)
            tally.copied += 1
            if outcome is None:
                tally.failed += 1
            else:
                tally.agreed, tally.predictions = tally.agreed + outcome[0], tally.predictions + outcome[1]
            log.info("%s: agreed on %d of %d, %d of %d copies failed", name, tally.agreed, tally.predictions, tally.failed, tally.copied)

    def _tally(self, name: str) -> Tally:
        return self._tallies.setdefault(name, Tally())


def _count_agreements(response: bytes, shadow: bytes) -> tuple[int, int]:
    """Return how many predictions have the same label in both responses, and how many there are; other responses count as one."""
    one, other = _read_labels(response), _read_labels(shadow)
    if one is None or other is None or len(one) != len(other):
        return int(response == shadow), 1
    return sum(a == b for a, b in zip(one, other, strict=True)), len(one)


def _read_labels(response: bytes) -> list[Any] | None:
    try:
        return [prediction["label"] for prediction in json.loads(response)["predictions"]]
    except (ValueError, LookupError, TypeError):
        return None
