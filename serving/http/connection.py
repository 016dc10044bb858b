"""HTTP/1.1 on an asyncio.Protocol with httptools' parser. It knows requests, answers, limits and time; nothing of models.

A connection's requests become `Exchange`s in a queue; they may be answered in any order and are written in the order they came. Whatever a
peer does, a connection holds a bounded amount: of head, of body, of unanswered requests, of answers it does not read, and of time.
"""

import asyncio
from collections import deque
from http import HTTPStatus
from typing import NoReturn, cast

import httptools

from serving.http.exchange import Exchange
from serving.http.front import RETRY_AFTER, Front

STATUS = {status.value: f"{status.value} {status.phrase}".encode() for status in HTTPStatus}
HEAD = b"HTTP/1.1 %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n%b%b\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class _Refusal(Exception):
    """Ends the parser's run from inside a callback."""


class Connection(asyncio.Protocol):
    """One connection: the parser's callbacks, the queue of exchanges, and how to treat a peer that is slow, misbehaves or has gone."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)  # until connection_made
        self._queue: deque[Exchange] = deque()  # whole requests whose answer is not yet written
        self._current: Exchange | None = None  # the request being read
        self._pieces: list[bytes] = []  # of its body, if it came in several
        self._begun_with = b""  # what is being parsed, if a request begins with it
        self._body_bytes = 0
        self._head_bytes = -1  # of its head; -1 once that is whole
        self._host = False
        self._framing = b""  # the headers that say how long the body is
        self._again = b""  # the head of a request with a body whose offer to upgrade was ignored
        self._quiet_bytes = 0  # read since the request, or a piece of its body, last made progress
        self._ignoring = False  # what else comes is dropped: the last answer is written, or due
        self._refusing = False  # the peer may still be sending what was refused
        self._reading = True
        self._since_s = front.now_s  # when the last answer was written, or the current request began
        self._stuck_since_s = 0  # when the peer stopped reading; 0 if it reads

    # --- what the transport says ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, or refuse at once if there are too many."""
        self._transport = cast(asyncio.Transport, transport)
        if len(self.front.connections) < self.front.limits.connections:
            self.front.connections.add(self)
            return
        self._refuse(503, "endpoint-busy", "the server has too many connections", RETRY_AFTER)
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        """Tell the jobs of this connection that it has gone."""
        self.front.connections.discard(self)
        self._ignoring = True
        self._drop_current()
        while self._queue:
            exchange = self._queue.popleft()
            self.front.held_bytes -= len(exchange.body)
            exchange.gone = True
            if exchange.on_gone is not None:
                exchange.on_gone()

    def data_received(self, data: bytes) -> None:
        """Parse, and refuse what is not HTTP."""
        if self._current is not None:
            self._quiet_bytes += len(data)
        elif not self._ignoring:
            known = self.front.heads.find(data, self.settle)
            if known is not None and self.front.held_bytes + len(known.body) <= self.front.limits.held_bytes:
                self.front.held_bytes += len(known.body)
                self._since_s = self.front.now_s
                self._pass_on(known)
                return
            self._begun_with = data
        while data and not self._ignoring:
            try:
                self._parser.feed_data(data)
                data = b""
            except httptools.HttpParserUpgrade as upgrade:  # an offer that may be ignored; the parser stops behind its head
                self._parser = httptools.HttpRequestParser(self)
                data = self._again + data[upgrade.args[0] :]
                self._again = b""
            except httptools.HttpParserError:
                if not self._ignoring:
                    self._refuse(400, "malformed", "the request is not HTTP/1.1")
        self._begun_with = b""
        # A head, chunk extensions or trailers without end: only reads after the one they began in count, so that many small requests in
        # one read are not taken for a large head.
        if self._quiet_bytes > 2 * self.front.limits.head_bytes and self._current is not None and not self._ignoring:
            self._refuse_head()

    def eof_received(self) -> bool:
        """Return whether to stay open: the peer sends no more, but waits for the answers that are due."""
        self._ignoring = True
        self._drop_current()
        if self._queue:
            self._queue[-1].keep_alive = False
        return bool(self._queue)

    def pause_writing(self) -> None:
        """The peer reads slower than it asks: take no more from it."""
        self._stuck_since_s = self.front.now_s
        self._pace()

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self._stuck_since_s = 0
        self._pace()

    def expire(self) -> None:
        """Close if something has taken longer than its limit. Our own work has none here: what is queued will be answered."""
        front, limits = self.front, self.front.limits
        waited_s = front.now_s - self._since_s
        unread = self._transport.get_write_buffer_size() > 0
        if self._stuck_since_s and front.now_s - self._stuck_since_s > limits.write_s:
            self._transport.abort()
        elif self._queue:
            return
        elif self._ignoring or unread:
            if waited_s > (limits.write_s if unread else limits.linger_s):
                self._transport.abort()
        elif self._current is not None:
            if waited_s > limits.request_s:
                self._refuse(408, "timeout", f"the request was not complete after {limits.request_s} s")
        elif front.draining or waited_s > limits.idle_s:
            self._transport.close()

    # --- what the parser says ---

    def on_message_begin(self) -> None:
        """A request's first byte."""
        if self._ignoring:
            raise _Refusal
        self._current = Exchange(self.settle)
        self._head_bytes = self._body_bytes = self._quiet_bytes = 0
        self._host = False
        self._framing = b""
        self._since_s = self.front.now_s

    def on_url(self, url: bytes) -> None:
        """The target, possibly in pieces."""
        cast(Exchange, self._current).target += url
        self._count_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One whole header."""
        if self._head_bytes < 0:
            return  # a trailer
        self._count_head(len(name) + len(value) + 4)
        exchange = cast(Exchange, self._current)
        name = name.lower()
        if name == b"content-type":
            exchange.content_type = value
        elif name == b"accept":
            exchange.accept = exchange.accept + b"," + value if exchange.accept else value
        elif name == b"host":
            if self._host:
                self._stop(400, "malformed", "the request has two Host headers")
            self._host = True
        elif name == b"transfer-encoding":
            self._framing += b"transfer-encoding: %b\r\n" % value
        elif name == b"content-length":
            self._framing += b"content-length: %b\r\n" % value
            if len(value) > 15 or int(value) > self.front.limits.body_bytes:
                self._stop(413, "too-large", f"the body has {value[:20].decode()} bytes; the limit is {self.front.limits.body_bytes}")
        elif name == b"expect":
            if value.lower() != b"100-continue":
                self._stop(417, "expectation-failed", "the only expectation known here is 100-continue")
            exchange.wants_continue = True

    def on_headers_complete(self) -> None:
        """The head is whole; a body may follow."""
        self._head_bytes = -1
        exchange = cast(Exchange, self._current)
        exchange.method = self._parser.get_method()
        if exchange.method == b"CONNECT":
            # Whatever its headers say, the parser takes what follows for the tunnel's: no body of it is ever read.
            self._stop(405, "method-not-allowed", "this server is no proxy, and does not take CONNECT", b"allow: GET, HEAD, POST\r\n")
        version = self._parser.get_http_version()
        if version not in ("1.0", "1.1"):  # the parser also takes 0.9, in which an answer has no head, and 2.0, which is not text
            self._stop(505, "version-not-supported", f"the request is of HTTP/{version}; this server speaks HTTP/1.1 and HTTP/1.0")
        exchange.http10 = version == "1.0"
        if exchange.http10:
            exchange.wants_continue = False
        elif not self._host:
            self._stop(400, "malformed", "the request has no Host header")
        if exchange.wants_continue and not self._queue:
            self._continue(exchange)

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        front, exchange = self.front, cast(Exchange, self._current)
        exchange.wants_continue = False  # it came without waiting
        self._quiet_bytes = 0
        self._body_bytes += len(body)
        front.held_bytes += len(body)
        self._pieces.append(body)
        if self._body_bytes > front.limits.body_bytes:
            self._stop(413, "too-large", f"the body has more than {front.limits.body_bytes} bytes")
        if front.held_bytes > front.limits.held_bytes:
            self._stop(503, "endpoint-busy", "the server holds as many bytes as it may", RETRY_AFTER)

    def on_message_complete(self) -> None:
        """The request is whole."""
        exchange = cast(Exchange, self._current)
        exchange.keep_alive = self._parser.should_keep_alive()
        if self._framing and self._parser.should_upgrade():
            self._read_again(exchange)
            return
        exchange.body = b"".join(self._pieces)
        exchange.wants_continue = False
        self._pieces.clear()
        self._current = None
        self._ignoring = not exchange.keep_alive
        self.front.heads.remember(self._begun_with, self._framing, exchange)
        self._pass_on(exchange)

    def _pass_on(self, exchange: Exchange) -> None:
        self._queue.append(exchange)
        self.front.handle(exchange)
        if len(self._queue) >= self.front.limits.pipelined:
            self._pace()

    def _read_again(self, exchange: Exchange) -> None:
        # The parser takes what follows an offer to upgrade for the other protocol's (Java's client offers h2c with every POST): it is given
        # the head once more, without the offer, so that it reads the body.
        headers = b"host: ignored\r\ncontent-type: %b\r\naccept: %b\r\n" % (exchange.content_type, exchange.accept)
        keeping = b"" if exchange.keep_alive else b"connection: close\r\n"
        self._again = b"%b %b HTTP/1.1\r\n%b%b%b\r\n" % (exchange.method, exchange.target, headers, keeping, self._framing)
        self._current = None

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self.front.limits.head_bytes:
            self._refuse_head()
            raise _Refusal

    # --- answers ---

    def settle(self) -> None:
        """Write the answers whose turn it is."""
        front, queue = self.front, self._queue
        while queue and (answer := queue[0].answer) is not None:
            exchange = queue.popleft()
            front.held_bytes -= len(exchange.body)
            last = not exchange.keep_alive or (front.draining and not queue and self._current is None)
            self._since_s = front.now_s
            self._write(exchange, answer, last=last)
            if last:
                self._close()
                return
        if not queue and self._current is not None and self._current.wants_continue and self._head_bytes < 0:
            self._continue(self._current)
        if not self._reading:
            self._pace()

    def _write(self, exchange: Exchange, answer: tuple[int, bytes, bytes, bytes], *, last: bool) -> None:
        status, body, content_type, headers = answer
        if last:
            headers += b"connection: close\r\n"
        elif exchange.http10:
            headers += b"connection: keep-alive\r\n"
        head = HEAD % (STATUS[status], content_type, len(body), self.front.date, headers)
        self._transport.write(head if exchange.method == b"HEAD" else head + body)

    def _continue(self, exchange: Exchange) -> None:
        exchange.wants_continue = False
        self._transport.write(CONTINUE)

    def _close(self) -> None:
        self._ignoring = True
        if self._refusing and self._transport.can_write_eof():
            # Closing on a peer that still sends would reset the connection before it has read why; what it sends is dropped for a while.
            self._transport.write_eof()
        else:
            self._transport.close()

    def _refuse(self, status: int, code: str, message: str, headers: bytes = b"") -> None:
        """Answer what is not, or not yet, a request, after the answers that are due; then close."""
        self._ignoring = self._refusing = True
        exchange = self._current or Exchange(self.settle)
        self._drop_current()
        self._queue.append(exchange)
        exchange.keep_alive = False
        exchange.reply(status, self.front.refusal(code, message), headers=headers)

    def _refuse_head(self) -> None:
        self._refuse(431, "head-too-large", f"the request's head has more than {self.front.limits.head_bytes} bytes")

    def _stop(self, status: int, code: str, message: str, headers: bytes = b"") -> NoReturn:
        self._refuse(status, code, message, headers)
        raise _Refusal

    def _drop_current(self) -> None:
        if self._current is not None:
            self.front.held_bytes -= self._body_bytes
            self._pieces.clear()
            self._current = None

    def _pace(self) -> None:
        """Read from the peer only while it reads from us and has few answers due."""
        reading = self._ignoring or (not self._stuck_since_s and len(self._queue) < self.front.limits.pipelined)
        if reading != self._reading and not self._transport.is_closing():
            self._reading = reading
            if reading:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()
