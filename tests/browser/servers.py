"""Two loopback servers for the page's tests: one serves web/ as CloudFront does, one stands in for the API."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from deployment.api_contract import CONTRACT, write_contract
from deployment.api_viewer import FOLDER, build_viewer
from deployment.page_policy import build_page_policy
from deployment.stages import settings_for

WEB = Path(__file__).resolve().parents[2] / "web"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".jpg": "image/jpeg",
}


@dataclass(frozen=True)
class Request:
    """What the page sent."""

    method: str
    path: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What the API says, after `gate` opens if it has one."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    gate: threading.Event | None = None


def answer(label: int = 7, probability: float = 0.998, verdict: str = "", **model: str) -> Reply:
    """A prediction as the API answers it; with a verdict, as a model that has trust."""
    others = (1 - probability) / 9
    prediction: dict[str, Any] = {
        "label": label,
        "probability": probability,
        "probabilities": [probability if digit == label else others for digit in range(10)],
        "pixels": [255 if 8 <= i % 28 < 20 and 4 <= i // 28 < 24 else 0 for i in range(784)],
    }
    if verdict:
        prediction |= {"trust": probability, "verdict": verdict}
    named = {"name": "cnn", "version": "1.0.0+0a1b2c3d", "variant": "primary", **model}
    return Reply(body={"predictions": [prediction], "model": named, "id": "any-id", "request_id": "any-request"})


def problem(status: int, code: str, title: str, detail: str, advice: str = "", **headers: str) -> Reply:
    """An RFC 9457 answer."""
    body = {
        "type": f"urn:inferstack:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "advice": advice,
        "request_id": "any-request",
    }
    return Reply(status, body, {"content-type": "application/problem+json", **headers})


class FakeApi:
    """The API's contract with scripted answers: `replies` are used up in order, the last one stays."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.asked = threading.Event()  # is set once the first question has arrived
        self.replies: list[Reply] = [answer()]
        self.model = Reply(body={"name": "cnn", "version": "1.0.0+0a1b2c3d", "labels": list(range(10))})
        self.status = Reply(404, {"message": "Not Found"})  # a stack from before there was one
        self.feedback = Reply(body={"right": 1, "wrong": 0, "request_id": "any-request"})
        self.url = ""
        self.gatekeeper: Callable[[Request], Reply | None] = lambda _: None  # what answers first, if it has an answer
        self.jobs: Callable[[Request], Reply] = lambda _: Reply(404, {"message": "Not Found"})  # a stack without uploads

    @property
    def predictions(self) -> list[Request]:
        """The questions asked so far."""
        return [request for request in self.requests if request.path.partition("?")[0] == "/predictions"]

    def reply(self, request: Request) -> Reply:
        """Say what the script has for this request."""
        if said := self.gatekeeper(request):
            return said
        self.requests.append(request)
        if request.path == "/model":
            return self.model
        if request.path == "/status":
            return self.status
        if request.path.endswith("/feedback"):
            return self.feedback
        if request.path.startswith("/jobs"):
            return self.jobs(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        self.asked.set()
        return reply


class FakePage:
    """web/ with the headers of the distribution, and the config.json a deployment would have written."""

    def __init__(self, api_url: str) -> None:
        self.config: Any = {"apiUrl": api_url, "auth": {"kind": "none"}, "recipe": "digits", "stage": "local"}
        self.url = ""
        self.connect = api_url

    @property
    def policy(self) -> str:
        """The Content-Security-Policy of the deployed page."""
        return build_page_policy([self.connect])

    def reply(self, request: Request) -> Reply:
        """Serve a file of web/."""
        path = request.path.split("?")[0].lstrip("/") or "index.html"
        headers = {"content-security-policy": self.policy, "x-content-type-options": "nosniff"}
        if path == "config.json":
            if self.config is None:
                return Reply(403, b"", headers)
            body = self.config if isinstance(self.config, bytes) else json.dumps(self.config).encode()
            return Reply(200, body, headers | {"content-type": "application/json"})
        if path == CONTRACT.name:
            auth, api_url = self.config["auth"]["kind"], self.config["apiUrl"]
            spec = write_contract(settings_for("local", auth=auth, recipe=self.config["recipe"]), api_url)
            return Reply(200, spec.encode(), headers | {"content-type": TYPES[".yaml"]})
        file = (build_viewer() if path.startswith(f"{FOLDER}/") else WEB) / path
        if not file.is_file():
            return Reply(404, b"", headers)
        return Reply(200, file.read_bytes(), headers | {"content-type": TYPES[file.suffix]})


@contextmanager
def serve(reply: Callable[[Request], Reply], *, cors: bool = False) -> Iterator[str]:
    """Answer on a free loopback port; yields the address."""
    shared = {"access-control-allow-origin": "*", "access-control-expose-headers": "retry-after"} if cors else {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            return

        def do_OPTIONS(self) -> None:
            self._send(
                Reply(
                    204,
                    b"",
                    {
                        "access-control-allow-methods": "GET,POST",
                        "access-control-allow-headers": "content-type,authorization,idempotency-key",
                    },
                )
            )

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            said = reply(Request(self.command, self.path, self.headers, body))
            if said.gate:
                said.gate.wait(60)
            self._send(said)

        do_POST = do_GET  # noqa: N815 - http.server's name

        def _send(self, said: Reply) -> None:
            body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            try:
                self.send_response(said.status)
                for name, value in {"content-type": "application/json", **shared, **said.headers}.items():
                    self.send_header(name, value)
                if said.status != 204:
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the page asked something newer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
