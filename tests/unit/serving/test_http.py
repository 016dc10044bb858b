import json
from dataclasses import replace
from typing import Any

import pytest

from serving.http.connection import Connection
from serving.http.exchange import Exchange
from serving.http.front import Front, Limits
from serving.http.heads import Heads

LIMITS = Limits(head_bytes=400, body_bytes=50, held_bytes=120, connections=3, pipelined=4, idle_s=10, request_s=5, write_s=6, linger_s=2)


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.unread = 0
        self.closed = self.aborted = self.half_closed = False
        self.reading = True

    def write(self, data: bytes) -> None:
        assert not self.closed
        assert not self.half_closed
        self.written += data

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.half_closed = True

    def get_write_buffer_size(self) -> int:
        return self.unread

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True


class Peer:
    """One connection to a front whose handler echoes, at once or when told to."""

    def __init__(self, *, later: bool = False, limits: Limits = LIMITS, front: Front | None = None) -> None:
        self.waiting: list[Exchange] = []
        self.front = front or Front(self.handle, lambda code, message: json.dumps({"code": code, "message": message}).encode(), limits)
        self.front.heads = front.heads if front else Heads(each=1)
        self.later = later
        self.wire = Wire()
        self.connection = Connection(self.front)
        self.connection.connection_made(self.wire)  # type: ignore[arg-type]

    def handle(self, exchange: Exchange) -> None:
        if self.later:
            self.waiting.append(exchange)
        else:
            self.echo(exchange)

    def echo(self, exchange: Exchange) -> None:
        exchange.reply(200, b"%b %b [%b] %b" % (exchange.method, exchange.target, exchange.content_type, exchange.body))

    def send(self, data: bytes, size: int = 0) -> "Peer":
        for start in range(0, len(data), size or len(data)):
            self.connection.data_received(data[start : start + (size or len(data))])
        return self

    def seconds(self, count: int) -> None:
        for _ in range(count):
            self.front.sweep()

    @property
    def answers(self) -> list[tuple[int, dict[str, str], bytes]]:
        """Status, headers and body of everything written; 100 Continue counts as an answer."""
        rest, answers = self.wire.written, []
        while rest:
            head, _, rest = rest.partition(b"\r\n\r\n")
            status, *lines = head.decode().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines)
            assert len(headers) == len(lines)
            length = int(headers.get("content-length", 0))
            answers.append((int(status.split()[1]), headers, rest[:length]))
            rest = rest[length:]
        return answers

    @property
    def undated(self) -> list[tuple[int, dict[str, str], bytes]]:
        """The answers without the second they were given in."""
        return [
            (status, {name: value for name, value in headers.items() if name != "date"}, body) for status, headers, body in self.answers
        ]

    @property
    def statuses(self) -> list[int]:
        return [status for status, _, _ in self.answers]

    @property
    def bodies(self) -> list[bytes]:
        return [body for _, _, body in self.answers]


def get(target: str = "/a", *headers: str, version: str = "1.1", host: str = "Host: h\r\n") -> bytes:
    return f"GET {target} HTTP/{version}\r\n{host}{''.join(header + chr(13) + chr(10) for header in headers)}\r\n".encode()


def post(body: bytes = b"hello", *headers: str, target: str = "/p") -> bytes:
    lines = "".join(header + "\r\n" for header in headers)
    return f"POST {target} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body


CHUNKED = b"POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n"


def test_answers_and_keeps_the_connection() -> None:
    peer = Peer().send(post(b"body", "Content-Type: text/csv")).send(get("/b?c=d"))
    assert peer.statuses == [200, 200]
    assert peer.bodies == [b"POST /p [text/csv] body", b"GET /b?c=d [] "]
    assert not peer.wire.closed
    assert all("date" in headers and "connection" not in headers for _, headers, _ in peer.answers)
    assert peer.front.held_bytes == 0


def test_joins_a_chunked_body() -> None:
    assert Peer().send(CHUNKED).bodies == [b"POST /c [] hello world"]


def test_answers_pipelined_requests_in_order_whichever_is_ready_first() -> None:
    peer = Peer(later=True).send(get("/1") + post(b"2", target="/2") + get("/3"))
    first, second, third = peer.waiting
    peer.echo(third)
    peer.echo(second)
    assert peer.wire.written == b""
    peer.echo(first)
    assert peer.bodies == [b"GET /1 [] ", b"POST /2 [] 2", b"GET /3 [] "]


STREAMS = {
    "pipelined": get("/1") + post(b"2") + CHUNKED + get("/4", "Accept: text/csv") + post(b"x" * 50),
    "closing": get("/1") + get("/2", "Connection: close") + get("/3"),
    "old": get("/1", "Connection: keep-alive", version="1.0", host="") + get("/2", version="1.0", host=""),
    "malformed": post(b"1") + b"not http at all\r\n\r\n" + get("/3"),
    "large": post(b"1") + post(b"x" * 51) + get("/3"),
    "large-chunked": b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"20\r\n"
    + b"x" * 32
    + b"\r\n"
    + b"20\r\n"
    + b"x" * 32,
    "long-head": get("/1") + get("/2", "X: " + "y" * 900),
    "many-headers": get("/1") + get("/2", *(f"X-{number}: y" for number in range(100))),
    "two-hosts": get("/1", "Host: i"),
    "no-host": get("/1", host=""),
    "upgrade": get("/1", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk") + get("/2"),
    "upgrade-with-body": post(b"body", "Connection: Upgrade", "Upgrade: h2c", "Content-Type: text/csv") + get("/2"),
    "connect": b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n" + get("/2"),
    "connect-with-body": b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 4\r\n\r\nbody" + get("/2"),
    "connect-with-chunks": b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get("/2"),
    "old-connect": b"CONNECT a:1 HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody",
    "smuggled": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get("/s"),
    "two-lengths": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "negative-length": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -4\r\n\r\nabcde",
    "huge-length": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\nabcde",
    "huge-chunk": b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffffff\r\nabc",
    "unknown-expectation": post(b"1", "Expect: miracles"),
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(50),
    "no-version": get("/1") + b"GET /2\r\nHost: h\r\n\r\n" + get("/3"),
    "version-0.9": get("/1", version="0.9") + get("/2"),
    "version-2.0": b"POST /1 HTTP/2.0\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody" + get("/2"),
    "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "blank-lines": b"\r\n\r\n" + get("/1") + b"\r\n" + get("/2"),
}
EXPECTED = {
    "pipelined": [200] * 5,
    "closing": [200, 200],
    "old": [200, 200],
    "malformed": [200, 400],
    "large": [200, 413],
    "large-chunked": [413],
    "long-head": [200, 431],
    "many-headers": [200, 431],
    "two-hosts": [400],
    "no-host": [400],
    "upgrade": [200, 200],
    "upgrade-with-body": [200, 200],
    "connect": [405],
    "connect-with-body": [405],
    "connect-with-chunks": [405],
    "old-connect": [405],
    "smuggled": [400],
    "two-lengths": [400],
    "negative-length": [400],
    "huge-length": [400],
    "huge-chunk": [400],
    "unknown-expectation": [417],
    "tls": [400],
    "no-version": [200, 505],
    "version-0.9": [505],
    "version-2.0": [505],
    "http2": [400],
    "blank-lines": [200, 200],
}


@pytest.mark.parametrize("name", STREAMS)
def test_gives_each_stream_its_answers(name: str) -> None:
    assert Peer().send(STREAMS[name]).statuses == EXPECTED[name]


@pytest.mark.parametrize("name", STREAMS)
def test_answers_the_same_wherever_the_bytes_are_split(name: str) -> None:
    stream = STREAMS[name]
    whole = Peer().send(stream).undated
    assert Peer().send(stream, size=1).undated == whole
    for split in range(1, len(stream)):
        peer = Peer().send(stream[:split]).send(stream[split:])
        assert peer.undated == whole, split
        assert peer.front.held_bytes == 0


@pytest.mark.parametrize("name", STREAMS)
def test_answers_the_same_when_it_knows_the_heads(name: str) -> None:
    whole = Peer().send(STREAMS[name]).undated
    knowing = Peer(limits=replace(LIMITS, connections=1000))
    for request in (get("/1"), get("/2"), get("/4", "Accept: text/csv"), post(b"1"), post(b"2"), post(b"x" * 50)):
        knowing.send(request)
    for split in range(1, len(STREAMS[name])):
        peer = Peer(front=knowing.front).send(STREAMS[name][:split]).send(STREAMS[name][split:])
        assert peer.undated == whole, split
        assert peer.front.held_bytes == 0


UPGRADE = ("Connection: Upgrade", "Upgrade: h2c")  # an offer that is ignored
KEPT = [get(), get("/b", "Connection: keep-alive"), get("/1", *UPGRADE), post(), post(b"", "Content-Type: text/csv"), post(b"x", *UPGRADE)]
PARSED = [
    *(CHUNKED, post(b"x", "Expect: 100-continue"), get("/1", "Connection: close")),
    *(get("/1", "Connection: keep-alive", version="1.0"), get("/1", host="")),
]


@pytest.mark.parametrize("request_", [*KEPT, *PARSED])
def test_knows_the_heads_of_plain_requests_only(request_: bytes) -> None:
    peer = Peer().send(request_)
    assert (peer.front.heads.find(request_, peer.connection.settle) is not None) == (request_ in KEPT)


def test_keeps_its_limit_of_bytes_when_it_knows_the_head() -> None:
    first = Peer()
    first.send(post(b"x" * 50))
    later = [Peer(later=True, front=first.front) for _ in range(2)]
    first.front.handle = later[0].handle
    first.front.limits = replace(LIMITS, held_bytes=80)
    assert later[0].send(post(b"x" * 50)).statuses == []
    assert later[1].send(post(b"x" * 50)).statuses == [503]


METHODS = (
    "ACL BIND CHECKOUT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY OPTIONS PATCH POST PROPFIND"
)
METHODS += " PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE"


@pytest.mark.parametrize("method", METHODS.split())
@pytest.mark.parametrize("offer", ["", "Connection: Upgrade\r\nUpgrade: h2c\r\n", "Connection: upgrade\r\nUpgrade: websocket\r\n"])
def test_reads_every_method_with_every_framing_once(method: str, offer: str) -> None:
    framings = {"": "", "Content-Length: 4\r\n": "body", "Transfer-Encoding: chunked\r\n": "4\r\nbody\r\n0\r\n\r\n"}
    stream = "".join(f"{method} /m HTTP/1.1\r\nHost: h\r\n{offer}{framing}\r\n{body}" for framing, body in framings.items())
    peer = Peer(later=True).send(stream.encode())
    assert [(exchange.method, exchange.body) for exchange in peer.waiting] == [(method.encode(), body) for body in (b"", b"body", b"body")]


def test_closes_when_asked_to() -> None:
    peer = Peer().send(get("/1", "Connection: close"))
    assert peer.wire.closed
    assert peer.answers[0][1]["connection"] == "close"


def test_speaks_to_http_1_0() -> None:
    keeps = Peer().send(get("/1", "Connection: keep-alive", version="1.0", host=""))
    assert not keeps.wire.closed
    assert keeps.answers[0][1]["connection"] == "keep-alive"
    assert Peer().send(get("/1", version="1.0", host="")).wire.closed


def test_answers_head_without_a_body() -> None:
    peer = Peer().send(b"HEAD /h HTTP/1.1\r\nHost: h\r\n\r\n")
    head, _, body = peer.wire.written.partition(b"\r\n\r\n")
    assert b"content-length: 11" in head
    assert body == b""


def test_says_continue_before_the_body_comes() -> None:
    request = post(b"hello", "Expect: 100-continue")
    peer = Peer().send(request[:-5])
    assert peer.wire.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    peer.send(request[-5:])
    assert peer.statuses == [100, 200]


def test_reads_the_body_behind_an_offer_to_upgrade() -> None:
    peer = Peer().send(STREAMS["upgrade-with-body"])
    assert peer.bodies == [b"POST /p [text/csv] body", b"GET /2 [] "]


def test_says_continue_only_when_earlier_answers_are_written() -> None:
    peer = Peer(later=True).send(get("/1") + post(b"hello", "Expect: 100-continue")[:-5])
    assert peer.wire.written == b""
    peer.echo(peer.waiting[0])
    assert peer.statuses == [200, 100]


def test_refuses_a_large_body_before_it_is_sent() -> None:
    peer = Peer().send(post(b"x" * 51, "Expect: 100-continue")[:-51])
    assert peer.statuses == [413]


def test_reads_on_after_a_refusal_so_that_it_arrives() -> None:
    peer = Peer().send(post(b"x" * 51)[:-51])
    assert peer.wire.half_closed
    assert not peer.wire.closed
    peer.send(b"x" * 10_000)
    assert peer.statuses == [413]
    peer.seconds(3)
    assert peer.wire.closed


def test_gives_a_refusal_its_turn() -> None:
    peer = Peer(later=True).send(get("/1") + b"garbage\r\n\r\n")
    assert peer.wire.written == b""
    peer.echo(peer.waiting[0])
    assert peer.statuses == [200, 400]


def test_refuses_a_head_without_end() -> None:
    peer = Peer().send(b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"y" * 5000, size=100)
    assert peer.statuses == [431]


@pytest.mark.parametrize("endless", [b"5;" + b"e" * 5000, b"0\r\nTrailer: " + b"t" * 5000])
def test_refuses_chunk_extensions_and_trailers_without_end(endless: bytes) -> None:
    peer = Peer().send(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + endless, size=100)
    assert peer.statuses == [431]


def test_a_trailer_changes_no_request() -> None:
    peer = Peer().send(
        b"POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nContent-Type: evil\r\nHost: i\r\n\r\n"
    )
    assert peer.bodies == [b"POST /c [] x"]


def test_many_small_requests_in_one_read_are_no_large_head() -> None:
    assert Peer().send(get("/1") * 100).statuses == [200] * 100


def test_refuses_bodies_when_it_holds_too_much() -> None:
    first = Peer(later=True)
    others = [Peer(front=first.front) for _ in range(2)]
    for peer in (first, *others):
        peer.send(post(b"x" * 50))
    assert others[1].statuses == [503]
    assert others[1].answers[0][1]["retry-after"] == "1"
    for exchange in first.waiting:
        first.echo(exchange)
    assert first.front.held_bytes == 0
    assert others[0].statuses == [200]


def test_refuses_more_connections_than_its_limit_and_takes_one_when_one_goes() -> None:
    first = Peer()
    others = [Peer(front=first.front) for _ in range(3)]
    assert others[2].statuses == [503]
    assert others[2].wire.closed
    first.connection.connection_lost(None)
    assert Peer(front=first.front).send(get()).statuses == [200]


def test_stops_reading_from_a_peer_with_many_requests_unanswered() -> None:
    peer = Peer(later=True).send(get() * 4)
    assert not peer.wire.reading
    peer.echo(peer.waiting[0])
    assert peer.wire.reading


def test_stops_reading_from_a_peer_that_does_not_read() -> None:
    peer = Peer()
    peer.connection.pause_writing()
    assert not peer.wire.reading
    peer.seconds(LIMITS.write_s - 1)
    peer.connection.resume_writing()
    assert peer.wire.reading
    peer.connection.pause_writing()
    peer.seconds(LIMITS.write_s + 1)
    assert peer.wire.aborted


def test_gives_up_on_a_small_answer_nobody_reads() -> None:
    peer = Peer().send(get())
    peer.wire.unread = 10
    peer.seconds(LIMITS.write_s + 1)
    assert peer.wire.aborted


def test_closes_a_connection_that_is_idle() -> None:
    peer = Peer().send(get())
    peer.seconds(LIMITS.idle_s)
    assert not peer.wire.closed
    peer.seconds(1)
    assert peer.wire.closed
    assert peer.statuses == [200]


@pytest.mark.parametrize("part", [b"G", get()[:-2], post()[:-1], CHUNKED[:-4]])
def test_tells_a_slow_peer_that_its_time_is_up(part: bytes) -> None:
    peer = Peer()
    for start in range(len(part)):
        peer.send(part[start : start + 1])
    peer.seconds(LIMITS.request_s)
    assert peer.statuses == []
    peer.seconds(1)
    assert peer.statuses == [408]
    assert peer.front.held_bytes == 0


def test_waits_for_its_own_work_as_long_as_that_takes() -> None:
    peer = Peer(later=True).send(get())
    peer.seconds(1000)
    peer.echo(peer.waiting[0])
    assert peer.statuses == [200]


def test_answers_a_peer_that_sends_no_more() -> None:
    peer = Peer(later=True).send(get())
    assert peer.connection.eof_received()
    peer.echo(peer.waiting[0])
    assert peer.statuses == [200]
    assert peer.wire.closed


def test_hangs_up_when_the_peer_does() -> None:
    assert not Peer().send(get()).connection.eof_received()
    assert not Peer().send(post()[:-1]).connection.eof_received()


def test_tells_who_works_for_a_peer_that_has_gone() -> None:
    told: list[Any] = []
    peer = Peer(later=True).send(post(b"1") + post(b"2")[:-1])
    peer.waiting[0].on_gone = lambda: told.append("gone")
    peer.connection.connection_lost(ConnectionResetError())
    assert told == ["gone"]
    assert peer.front.held_bytes == 0
    assert not peer.front.connections
    peer.echo(peer.waiting[0])
    assert peer.wire.written == b""


def test_answers_what_is_due_and_then_closes_when_draining() -> None:
    peer, idle = Peer(later=True), Peer()
    busy = Peer(front=peer.front)
    idle.front = peer.front
    peer.send(get("/1") + get("/2"))
    peer.front.drain()
    busy.send(get("/late"))
    peer.echo(peer.waiting[0])
    assert not peer.wire.closed
    for exchange in peer.waiting[1:]:
        peer.echo(exchange)
    assert peer.statuses == [200, 200]
    assert peer.answers[1][1]["connection"] == "close"
    assert peer.wire.closed
    assert busy.statuses == [200]
    assert busy.wire.closed


def test_closes_idle_connections_with_the_next_sweep_when_draining() -> None:
    peer = Peer().send(get())
    peer.front.drain()
    assert not peer.wire.closed  # its next request may be on the way
    peer.seconds(1)
    assert peer.wire.closed
