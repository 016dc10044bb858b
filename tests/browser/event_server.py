"""A stand-in for AppSync Events: the WebSocket half of its protocol (RFC 6455 framing by hand) on a loopback port."""

import base64
import hashlib
import json
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
PROTOCOL = "aws-appsync-event-ws"
TEXT, CLOSE = 1, 8


def encode(payload: bytes, opcode: int = TEXT) -> bytes:
    """A frame from a server: final and unmasked."""
    size = len(payload)
    head = struct.pack("!BB", 0x80 | opcode, size) if size < 126 else struct.pack("!BBH", 0x80 | opcode, 126, size)
    return head + payload


@dataclass
class Connection:
    """One open page: what it said when it came, and its channels by subscription."""

    handler: socketserver.StreamRequestHandler
    authorization: dict[str, str]
    channels: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, frame: dict[str, Any]) -> None:
        """Send a frame, unless the page has gone."""
        with self.lock:
            try:
                self.handler.wfile.write(encode(json.dumps(frame).encode()))
            except (OSError, ValueError):
                return

    def read(self) -> dict[str, Any] | None:
        """The page's next frame; None when it closes. A browser's frames are masked, and these are short enough never to be split."""
        head = self.handler.rfile.read(2)
        if len(head) < 2 or head[0] & 0x0F == CLOSE:
            return None
        size = head[1] & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self.handler.rfile.read(2))
        mask = self.handler.rfile.read(4)
        payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(self.handler.rfile.read(size)))
        said: dict[str, Any] = json.loads(payload)
        return said


class FakeEvents:
    """Channels to which a test publishes. `refusing` answers every handshake with 503."""

    def __init__(self) -> None:
        self.refusing = False
        self.connections: list[Connection] = []
        self.attempts = 0
        self.subscribed: list[tuple[str, dict[str, str]]] = []
        self.changed = threading.Condition()
        self.host = ""

    @property
    def config(self) -> dict[str, Any]:
        """What the deployment writes into config.json."""
        auth = {"kind": "apiKey", "apiKey": "da2-any"}
        return {"url": f"http://{self.host}/event", "realtimeUrl": f"ws://{self.host}/event/realtime", "auth": auth}

    def publish(self, channel: str, event: dict[str, Any]) -> None:
        """Tell everybody who listens to a channel; an event for nobody is lost, as it is in AWS."""
        for connection in list(self.connections):
            for id_, subscribed in list(connection.channels.items()):
                if subscribed == channel:
                    connection.send({"type": "data", "id": id_, "event": json.dumps(event)})

    def wait_for(self, channel: str) -> None:
        """Return when somebody listens to a channel."""
        with self.changed:
            listened = lambda: any(channel in connection.channels.values() for connection in self.connections)  # noqa: E731
            assert self.changed.wait_for(listened, timeout=30), f"nobody subscribed to {channel}"

    def drop(self) -> None:
        """Break every connection without a word."""
        for connection in list(self.connections):
            with suppress(OSError):  # it ended by itself meanwhile
                connection.handler.connection.shutdown(2)

    def serve(self, handler: socketserver.StreamRequestHandler) -> None:
        """One connection, from its handshake to its end."""
        request = handler.rfile.readline()
        headers: dict[str, str] = {}
        while line := handler.rfile.readline().strip().decode():
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        self.attempts += 1
        if self.refusing or b"/event/realtime" not in request:
            handler.wfile.write(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            return
        protocol, header = headers["sec-websocket-protocol"].split(", ")
        assert protocol == PROTOCOL
        encoded = header.removeprefix("header-")
        authorization = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        accept = base64.b64encode(hashlib.sha1(headers["sec-websocket-key"].encode() + GUID).digest()).decode()
        handler.wfile.write(
            f"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            f"sec-websocket-accept: {accept}\r\nsec-websocket-protocol: {PROTOCOL}\r\n\r\n".encode()
        )
        connection = Connection(handler, authorization)
        self.connections.append(connection)
        try:
            while frame := connection.read():
                self._answer(connection, frame)
        except OSError:
            return
        finally:
            self.connections.remove(connection)

    def _answer(self, connection: Connection, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "connection_init":
                connection.send({"type": "connection_ack", "connectionTimeoutMs": 300_000})
            case "subscribe":
                assert frame["authorization"]["host"] == self.host
                connection.send({"type": "subscribe_success", "id": frame["id"]})
                with self.changed:
                    connection.channels[frame["id"]] = frame["channel"]
                    self.subscribed.append((frame["channel"], frame["authorization"]))
                    self.changed.notify_all()
            case "unsubscribe":
                connection.channels.pop(frame["id"], None)


@contextmanager
def serve_events(events: FakeEvents) -> Iterator[None]:
    """Take WebSockets on a free loopback port; `events.host` says which."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            events.serve(self)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler, bind_and_activate=True) as server:
        server.daemon_threads = True
        server.block_on_close = False
        events.host = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            events.drop()
            server.shutdown()
            thread.join()
