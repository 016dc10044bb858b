"""Whatever comes, however it is cut: a connection answers in whole HTTP answers, holds nothing, and says the same for the same bytes."""

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from serving.http.connection import Connection
from serving.http.exchange import Exchange
from serving.http.front import Front, Limits
from serving.http.heads import Heads

LIMITS = Limits(head_bytes=300, body_bytes=40, held_bytes=100, pipelined=4)
ANSWER = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\ncontent-type: [^\r\n]+\r\ncontent-length: (\d+)\r\n(?:[a-z-]+: [^\r\n]*\r\n)*\r\n")


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    abort = write_eof = close

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return True

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        assert not self.closed

    resume_reading = pause_reading


def answers(stream: bytes, cuts: list[int], *, known: Sequence[bytes] = ()) -> tuple[list[tuple[int, bytes]], int]:
    """Return the status and body of each answer to the stream cut into pieces, and the bytes still held.

    Args:    known: requests that came before, on other connections.
    """

    def handle(exchange: Exchange) -> None:
        exchange.reply(200, exchange.method + b" " + exchange.target + b" " + exchange.body)

    front = Front(handle, lambda code, message: code.encode(), LIMITS)
    front.heads = Heads(each=1)
    for request in known:
        before = Connection(front)
        before.connection_made(Wire())  # type: ignore[arg-type]
        before.data_received(request)
        before.connection_lost(None)
    connection, wire = Connection(front), Wire()
    connection.connection_made(wire)  # type: ignore[arg-type]
    edges = [0, *sorted({cut % len(stream) for cut in cuts if stream}), len(stream)]
    for start, end in pairwise(edges):
        if start < end:
            connection.data_received(stream[start:end])
    rest, got = wire.written.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b""), []
    while rest:
        head = ANSWER.match(rest)
        assert head, rest
        end = head.end() + int(head[2])
        got.append((int(head[1]), rest[head.end() : end]))
        rest = rest[end:]
    connection.connection_lost(None)
    return got, front.held_bytes


GOOD = [
    b"GET /1 HTTP/1.1\r\nHost: h\r\n\r\n",
    b"POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"POST /4 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx",
    b"POST /5 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nab",
    b"GET /6 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(GOOD), max_size=6), st.lists(st.integers(0, 10_000), max_size=8))
def test_answers_good_requests_in_order_however_they_are_cut(requests: list[bytes], cuts: list[int]) -> None:
    got, held = answers(b"".join(requests), [*cuts, *accumulate(map(len, requests))], known=GOOD)
    assert [status for status, _ in got] == [200] * len(requests)
    assert [body.split()[1] for _, body in got] == [request.split()[1] for request in requests]
    assert held == 0


pieces = st.sampled_from(
    [
        *GOOD,
        b"\r\n",
        b"\n",
        b" ",
        b"PUT",
        b"GET",
        b"HEAD",
        b"CONNECT",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 4\r\n\r\nbody",
        b"/",
        b"HTTP/1.1",
        b"Host: h\r\n",
        b"Content-Length: ",
        b"Transfer-Encoding: chunked\r\n",
        b"Connection: Upgrade\r\nUpgrade: h2c\r\n",
        b"9" * 30,
        b"0",
    ]
)


@settings(max_examples=500)
@given(st.lists(pieces | st.binary(max_size=20), max_size=12).map(b"".join), st.lists(st.integers(0, 10_000), max_size=8))
def test_says_the_same_for_the_same_bytes(stream: bytes, cuts: list[int]) -> None:
    whole, held = answers(stream, [])
    cut, cut_held = answers(stream, cuts, known=GOOD)
    assert held == cut_held == 0
    assert cut == whole
    assert all(status < 500 for status, _ in whole)
    assert [status for status, _ in whole[:-1] if status != 200] == []  # a refusal is the last answer
