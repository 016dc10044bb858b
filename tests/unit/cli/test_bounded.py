"""Answers of a server that has no end, or gzip that has none."""

import gzip
from collections.abc import Iterator

import httpx
import pytest

from cli.http import bounded
from cli.http.bounded import MOST_BYTES, BoundedClient, TooLargeAnswer
from cli.http.client import CallFailed, translate_http_errors


def open_client(content: bytes | Iterator[bytes], headers: dict[str, str] | None = None) -> BoundedClient:
    return BoundedClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, content=content)))


def repeat(block: bytes, given: list[int]) -> Iterator[bytes]:
    while True:
        given.append(len(block))
        yield block


def test_reads_an_answer_as_it_was() -> None:
    with open_client(gzip.compress(b"any" * 1000), {"content-encoding": "gzip", "x-any": "a"}) as http:
        answer = http.get("https://api.example/")
        assert (answer.content, answer.headers["x-any"], answer.url.host) == (b"any" * 1000, "a", "api.example")


def test_reads_no_more_of_a_body_without_an_end() -> None:
    given: list[int] = []
    with open_client(repeat(bytes(1 << 20), given)) as http, pytest.raises(TooLargeAnswer):
        http.get("https://api.example/")
    assert sum(given) <= MOST_BYTES + (2 << 20)


def test_unpacks_no_more_of_gzip() -> None:
    bomb = gzip.compress(bytes(MOST_BYTES + 1))
    pieces = (bomb[at : at + 1000] for at in range(0, len(bomb), 1000))
    with (
        open_client(pieces, {"content-encoding": "gzip"}) as http,
        pytest.raises(CallFailed, match="more than") as failure,
        translate_http_errors("https://api.example/"),
    ):
        http.get("https://api.example/")
    assert not failure.value.is_transient


def test_waits_for_no_answer_that_comes_byte_by_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "LONGEST_S", -1)
    with open_client(repeat(b"{", [])) as http, pytest.raises(httpx.ReadTimeout):
        http.get("https://api.example/")
