"""Copies of requests to a shadow variant: made after the caller has the answer, compared with it, and thrown away."""

import json
import logging
import random
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

log = logging.getLogger("inferstack.sagemaker")
AT_ONCE, MOST_WAITING = 2, 32
Ask = Callable[[bytes, Mapping[str, str]], Any]  # (body, headers) → an answer with a status and data


@dataclass(slots=True)
class Tally:
    """What became of one shadow's copies, and of the predictions in those that were answered."""

    copied: int = 0
    failed: int = 0
    left_out: int = 0
    predictions: int = 0
    agreed: int = 0


class Shadows:
    """Sends copies from threads of its own. A shadow that is slow or broken costs its own copies, never the caller.

    Args:    chance: a number from 0 to 1; replaced in tests.
    """

    def __init__(self, *, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._tallies: dict[str, Tally] = {}
        self._lock, self._room = threading.Lock(), threading.BoundedSemaphore(MOST_WAITING)
        self._work = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="shadow")

    def copy(self, name: str, ask: Ask, body: bytes, headers: Mapping[str, str], *, share: float, answer: bytes) -> None:
        """Copy a request, or not: by chance, and only while few are waiting. Returns at once and raises nothing.

        Args:    name: whose copy it is, for the tally and the log.
                 ask: the shadow's server.
                 share: of the requests, 0 to 1.
                 answer: what the caller got.
        """
        if self._chance() >= share:
            return
        if self._room.acquire(blocking=False):
            self._work.submit(self._compare, name, ask, body, headers, answer)
        else:
            with self._lock:
                self._of(name).left_out += 1

    def tally(self, name: str) -> Tally:
        """Return what is known of a shadow so far."""
        with self._lock:
            return self._of(name)

    def close(self) -> None:
        """Finish what is on its way and take nothing more."""
        self._work.shutdown()

    def _compare(self, name: str, ask: Ask, body: bytes, headers: Mapping[str, str], answer: bytes) -> None:
        try:
            found = ask(body, headers)
            outcome = _agreement(answer, found.data) if found.status == 200 else None
        except Exception as error:  # noqa: BLE001 - whatever it is, it is one copy that failed
            log.info("%s: %s", name, error)
            outcome = None
        finally:
            self._room.release()
        with self._lock:
            tally = self._of(name)
            tally.copied += 1
            if outcome is None:
                tally.failed += 1
            else:
                tally.agreed, tally.predictions = tally.agreed + outcome[0], tally.predictions + outcome[1]
            log.info("%s: agreed on %d of %d, %d of %d copies failed", name, tally.agreed, tally.predictions, tally.failed, tally.copied)

    def _of(self, name: str) -> Tally:
        return self._tallies.setdefault(name, Tally())


def _agreement(answer: bytes, shadow: bytes) -> tuple[int, int]:
    """Return how many predictions have the same label in both answers, and how many there are; other answers are equal or not."""
    one, other = _labels(answer), _labels(shadow)
    if one is None or other is None or len(one) != len(other):
        return int(answer == shadow), 1
    return sum(a == b for a, b in zip(one, other, strict=True)), len(one)


def _labels(answer: bytes) -> list[Any] | None:
    try:
        return [prediction["label"] for prediction in json.loads(answer)["predictions"]]
    except (ValueError, LookupError, TypeError):
        return None
