"""Copies to a shadow: how many are sent, what is counted, and that the caller never notices."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from emulator.sagemaker.endpoints.shadow import MAX_PARALLEL, MAX_WAITING, ShadowTraffic, Tally
from emulator.sagemaker.errors import SageMakerError


def answer(*labels: int) -> bytes:
    return json.dumps({"predictions": [{"label": label} for label in labels]}).encode()


@dataclass
class Response:
    data: bytes
    status: int = 200


class Server:
    """Answers every copy alike, after `release` is set."""

    def __init__(self, response: Response | Exception, release: threading.Event | None = None) -> None:
        self._response, self._release, self.requests = response, release, list[tuple[bytes, dict[str, str]]]()

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> Response:
        self.requests.append((body, dict(headers)))
        if self._release:
            self._release.wait(10)
        if isinstance(self._response, Exception):
            raise self._response
        return self._response


def send_copies(server: Server, *answers: bytes, share: float = 1.0, chance: float = 0.5) -> Tally:
    shadows = ShadowTraffic(chance=lambda: chance)
    for each in answers:
        shadows.copy("s", server, b"body", {"content-type": "x"}, share=share, response=each)
    shadows.close()
    return shadows.tally("s")


def test_sends_the_same_body_and_headers() -> None:
    server = Server(Response(answer(7)))
    send_copies(server, answer(7))
    assert server.requests == [(b"body", {"content-type": "x"})]


@pytest.mark.parametrize(("share", "copies"), [(0.5, 0), (0.51, 2), (1.0, 2), (0.0, 0)])
def test_copies_the_share_that_chance_gives(share: float, copies: int) -> None:
    assert send_copies(Server(Response(answer(7))), answer(7), answer(7), share=share).copied == copies


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
    tally = send_copies(Server(Response(shadows)), ours)
    assert (tally.agreed, tally.predictions, tally.failed) == (*agreed, 0)


@pytest.mark.parametrize("response", [Response(b"oops", 500), SageMakerError(503, "ServiceUnavailable", "gone"), ValueError("odd")])
def test_counts_what_fails_and_goes_on(response: Response | Exception) -> None:
    tally = send_copies(Server(response), *[answer(7)] * (MAX_WAITING + 5))
    assert tally.failed == tally.copied
    assert tally.copied + tally.left_out == MAX_WAITING + 5
    assert tally.copied >= MAX_WAITING


def test_leaves_copies_out_while_the_shadow_is_slow_and_never_waits() -> None:
    release, shadows = threading.Event(), ShadowTraffic(chance=lambda: 0.0)
    server = Server(Response(answer(7)), release)
    for _ in range(MAX_WAITING + 3):
        shadows.copy("s", server, b"body", {}, share=1.0, response=answer(7))
    assert shadows.tally("s").left_out == 3
    assert len(server.requests) <= MAX_PARALLEL
    release.set()
    shadows.close()
    assert shadows.tally("s").copied == MAX_WAITING
