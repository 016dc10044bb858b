"""Copies to a shadow: how many are sent, what is counted, and that the caller never notices."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from emulator.sagemaker.errors import SageMakerError
from emulator.sagemaker.shadow import MAX_PARALLEL, MAX_WAITING, ShadowTraffic, Tally


def answer(*labels: int) -> bytes:
    return json.dumps({"predictions": [{"label": label} for label in labels]}).encode()


@dataclass
class Found:
    data: bytes
    status: int = 200


class Server:
    """Answers every copy alike, once it may."""

    def __init__(self, found: Found | Exception, may: threading.Event | None = None) -> None:
        self._found, self._may, self.asked = found, may, [(b"", {"": ""})][:0]

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> Found:
        self.asked.append((body, dict(headers)))
        if self._may:
            self._may.wait(10)
        if isinstance(self._found, Exception):
            raise self._found
        return self._found


def copied(server: Server, *answers: bytes, share: float = 1.0, chance: float = 0.5) -> Tally:
    shadows = ShadowTraffic(chance=lambda: chance)
    for each in answers:
        shadows.copy("s", server, b"body", {"content-type": "x"}, share=share, response=each)
    shadows.close()
    return shadows.tally("s")


def test_sends_the_same_body_and_headers() -> None:
    server = Server(Found(answer(7)))
    copied(server, answer(7))
    assert server.asked == [(b"body", {"content-type": "x"})]


@pytest.mark.parametrize(("share", "copies"), [(0.5, 0), (0.51, 2), (1.0, 2), (0.0, 0)])
def test_copies_the_share_that_chance_gives(share: float, copies: int) -> None:
    assert copied(Server(Found(answer(7))), answer(7), answer(7), share=share).copied == copies


AGREEMENTS = {
    "all labels": (answer(7, 0), answer(7, 0), (2, 2)),
    "one label of two": (answer(7, 0), answer(7, 1), (1, 2)),
    "another number of labels": (answer(7), answer(7, 1), (0, 1)),
    "the same text": (b"7,0.9\n", b"7,0.9\n", (1, 1)),
    "another text": (b"7,0.9\n", b"1,0.9\n", (0, 1)),
    "no label in it": (b'{"predictions":[{}]}', b'{"predictions":[{}]}', (1, 1)),
    "a list": (b"[]", b"[1]", (0, 1)),
}


@pytest.mark.parametrize(("ours", "shadows", "agreed"), AGREEMENTS.values(), ids=AGREEMENTS)
def test_compares(ours: bytes, shadows: bytes, agreed: tuple[int, int]) -> None:
    tally = copied(Server(Found(shadows)), ours)
    assert (tally.agreed, tally.predictions, tally.failed) == (*agreed, 0)


@pytest.mark.parametrize("found", [Found(b"oops", 500), SageMakerError(503, "ServiceUnavailable", "gone"), ValueError("odd")])
def test_counts_what_fails_and_goes_on(found: Found | Exception) -> None:
    tally = copied(Server(found), *[answer(7)] * (MAX_WAITING + 5))
    assert tally.failed == tally.copied
    assert tally.copied + tally.left_out == MAX_WAITING + 5
    assert tally.copied >= MAX_WAITING


def test_leaves_copies_out_while_the_shadow_is_slow_and_never_waits() -> None:
    may, shadows = threading.Event(), ShadowTraffic(chance=lambda: 0.0)
    server = Server(Found(answer(7)), may)
    for _ in range(MAX_WAITING + 3):
        shadows.copy("s", server, b"body", {}, share=1.0, response=answer(7))
    assert shadows.tally("s").left_out == 3
    assert len(server.asked) <= MAX_PARALLEL
    may.set()
    shadows.close()
    assert shadows.tally("s").copied == MAX_WAITING
