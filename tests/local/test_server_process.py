"""The server as it is started in the container: real processes, sockets and signals."""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from recipes.models import artifact
from serving.inference.engine import Engine
from tests import tiny_model
from tests.arrays import npy_of
from tests.conftest import free_ports
from tests.digits import encoded

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venvs/serving/bin/python"
BATCH = np.random.default_rng(2).integers(0, 256, (300, 28, 28), np.uint8)
ONE, MANY = npy_of(BATCH[:1]), npy_of(BATCH)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Server:
    def __init__(self, model_dir: Path, *, cwd: Path = ROOT, **env: str) -> None:
        self.port = free_ports()
        settings = {
            "SAGEMAKER_BIND_TO_PORT": str(self.port),
            "INFERSTACK_HOST": "127.0.0.1",
            "INFERSTACK_MODEL_DIR": str(model_dir),
            "INFERSTACK_WORKERS": "2",
            **env,
        }
        self.process = subprocess.Popen(
            [PYTHON, "-m", "serving", "serve"], cwd=cwd, env={**os.environ, **settings}, stderr=subprocess.PIPE, start_new_session=True
        )
        self.lines: list[dict[str, object]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(json.loads(line))

    def wait_for(self, condition: Callable[[], object], limit_s: float = 60) -> None:
        end_s = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < end_s, self.lines
            time.sleep(0.01)

    def ready(self) -> "Server":
        self.wait_for(lambda: len(self.workers) == 2)
        return self

    @property
    def workers(self) -> list[int]:
        """Process ids of the workers that said they are ready, in that order."""
        return [int(str(line["pid"])) for line in self.lines if line["message"] == "worker ready"]

    def ask(self, method: str, path: str, body: bytes | None = None, content_type: str = "application/x-npy") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {"content-type": content_type})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def end(self, limit_s: float = 60) -> int:
        """Wait until it has ended, and return its status."""
        status = self.process.wait(limit_s)
        self._reader.join(5)
        return status

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.end()
        assert self.process.stderr is not None
        self.process.stderr.close()


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    return tiny_model.write(tmp_path / "model")


@pytest.fixture
def start(model_dir: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(cwd: Path = ROOT, **env: str) -> Server:
        servers.append(Server(model_dir, cwd=cwd, **env))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_answers_what_the_model_answers(start: Callable[..., Server], model_dir: Path) -> None:
    server = start().ready()
    assert server.ask("GET", "/ping") == (200, b"{}")
    expected = Engine(artifact.load(model_dir), "cpu").predict(BATCH)
    for body, count in ((ONE, 1), (MANY, 300)):
        status, answer = server.ask("POST", "/invocations", body)
        rows = json.loads(answer)["predictions"]
        assert status == 200
        np.testing.assert_allclose([row["probabilities"] for row in rows], expected[:count], atol=1e-6)
        assert [row["label"] for row in rows] == expected[:count].argmax(axis=1).tolist()


def test_answers_a_crowd_without_an_error(start: Callable[..., Server]) -> None:
    server = start().ready()
    statuses: list[int] = []

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for turn in range(20):
            bad = (number + turn) % 5 == 0
            connection.request("POST", "/invocations", b"bad" if bad else ONE, {"content-type": "application/x-npy"})
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
            assert response.status == (400 if bad else 200)
        connection.close()

    clients = [threading.Thread(target=client, args=(number,)) for number in range(64)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    assert len(statuses) == 64 * 20


def test_loses_no_accepted_request_on_sigterm(start: Callable[..., Server]) -> None:
    server = start().ready()
    answered, cut, stopping = [0], [], threading.Event()

    def client(body: bytes) -> None:
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            try:
                connection.connect()
            except ConnectionRefusedError:
                assert stopping.is_set()
                return
            try:
                while True:
                    connection.request("POST", "/invocations", body, {"content-type": "application/x-npy"})
                    response = connection.getresponse()
                    response.read()
                    assert response.status == 200
                    answered[0] += 1
                    if response.will_close:
                        break
            except (ConnectionError, http.client.HTTPException) as error:
                if not stopping.is_set() or time.monotonic() < closed_s[0]:
                    cut.append(repr(error))
                return
            finally:
                connection.close()

    closed_s = [float("inf")]
    clients = [threading.Thread(target=client, args=(body,)) for body in [ONE] * 8 + [MANY] * 4]
    for one in clients:
        one.start()
    server.wait_for(lambda: answered[0] > 50)
    stopping.set()
    server.process.send_signal(signal.SIGTERM)
    # The kernel takes connections as long as a worker listens: only after the last has closed may one be reset, for no worker has seen it.
    closed_s[0] = time.monotonic() + 0.2
    assert server.end() == 0
    for one in clients:
        one.join()
    assert cut == []
    assert [line["connections_cut"] for line in server.lines if line["message"] == "drained"] == [0, 0]


def test_finishes_a_large_body_after_sigterm(start: Callable[..., Server]) -> None:
    server = start().ready()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest("POST", "/invocations")
    connection.putheader("content-type", "application/x-npy")
    connection.putheader("content-length", str(len(MANY)))
    connection.putheader("expect", "100-continue")
    connection.endheaders()
    assert connection.sock.recv(100) == CONTINUE  # it has read the head
    connection.send(MANY[:1000])
    server.process.send_signal(signal.SIGTERM)
    server.wait_for(lambda: any(line["message"] == "draining" for line in server.lines))
    connection.send(MANY[1000:])
    response = connection.getresponse()
    assert response.status == 200
    assert len(json.loads(response.read())["predictions"]) == 300
    assert server.end() == 0


def test_cuts_what_takes_longer_than_it_may_drain(start: Callable[..., Server]) -> None:
    server = start(INFERSTACK_DRAIN_S="1").ready()
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    connection.sendall(b"POST /invocations HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
    assert connection.recv(100) == CONTINUE  # it has read the head
    connection.sendall(b"never")
    server.process.send_signal(signal.SIGTERM)
    assert server.end() == 1
    connection.close()


def test_starts_a_killed_worker_again_and_answers_meanwhile(start: Callable[..., Server]) -> None:
    server = start().ready()
    for _ in range(2):
        victim = random.choice([pid for pid in server.workers if alive(pid)])
        count = len(server.workers)
        os.kill(victim, signal.SIGKILL)
        server.wait_for(lambda victim=victim: not alive(victim))
        assert server.ask("POST", "/invocations", ONE)[0] == 200
        server.wait_for(lambda count=count: len(server.workers) > count)
    assert server.ask("POST", "/invocations", ONE)[0] == 200
    assert sum("a worker ended with SIGKILL" in str(line["message"]) for line in server.lines) == 2


def test_keeps_answering_when_the_model_breaks_under_it(start: Callable[..., Server], model_dir: Path) -> None:
    server = start().ready()
    (model_dir / "model.onnx").write_bytes(b"damaged")
    os.kill(server.workers[0], signal.SIGKILL)
    server.wait_for(lambda: any(line.get("code") == "invalid-artifact" for line in server.lines))
    assert server.ask("POST", "/invocations", ONE)[0] == 200
    assert server.process.poll() is None


@pytest.mark.parametrize("damage", ["digest", "missing", "onnx"])
def test_ends_with_the_reason_when_the_model_cannot_be_served(start: Callable[..., Server], model_dir: Path, damage: str) -> None:
    if damage == "missing":
        (model_dir / "model.onnx").unlink()
    else:
        (model_dir / "model.onnx").write_bytes(b"not a model")
    if damage == "onnx":
        (model_dir / "manifest.json").write_text(json.dumps(tiny_model.manifest(b"not a model")))
    server = start()
    assert server.end() == 78
    reasons = [line for line in server.lines if line.get("code") == "invalid-artifact"]
    assert reasons
    assert all("traceback" not in line for line in server.lines)


def test_ends_with_the_reason_when_a_setting_is_wrong(start: Callable[..., Server]) -> None:
    server = start(INFERSTACK_DEVICE="tpu")
    assert server.end() == 78
    assert "INFERSTACK_DEVICE" in str(server.lines[-1]["message"])


def test_leaves_no_worker_behind_when_the_supervisor_is_killed(start: Callable[..., Server]) -> None:
    server = start().ready()
    server.process.kill()
    server.wait_for(lambda: not any(map(alive, server.workers)))


def test_refuses_a_body_over_the_limit_before_reading_it(start: Callable[..., Server]) -> None:
    server = start(SAGEMAKER_MAX_PAYLOAD_IN_MB="1").ready()
    status, answer = server.ask("POST", "/invocations", bytes((1 << 20) + 1))
    assert status == 413
    assert json.loads(answer)["error"]["code"] == "too-large"


@pytest.mark.parametrize("framing", [b"Content-Length: 4\r\n\r\nbody", b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"])
def test_a_connect_with_a_body_holds_no_worker(start: Callable[..., Server], framing: bytes) -> None:
    server = start(INFERSTACK_WORKERS="1")
    server.wait_for(lambda: server.workers)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as peer:
        peer.sendall(b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n" + framing)
        assert peer.recv(100).startswith(b"HTTP/1.1 405 ")
    assert server.ask("GET", "/ping") == (200, b"{}")
    server.process.terminate()
    assert server.end() == 0


def test_runs_from_what_the_image_copies_and_nothing_else(start: Callable[..., Server], tmp_path: Path) -> None:
    image = tmp_path / "image"
    for folder in ("recipes", "serving"):
        shutil.copytree(ROOT / folder, image / folder, ignore=shutil.ignore_patterns("pretrained", "__pycache__"))
    server = start(cwd=tmp_path, PYTHONPATH=str(image), PYTHONDONTWRITEBYTECODE="1").ready()
    assert server.ask("POST", "/invocations", ONE)[0] == 200
    assert server.ask("POST", "/invocations", picture(), "image/png")[0] == 200
    assert not any("pictures are refused" in str(line["message"]) for line in server.lines)


def picture() -> bytes:
    canvas = Image.new("L", (60, 60), 255)
    ImageDraw.Draw(canvas).line((30, 10, 30, 50), fill=0, width=5)
    return encoded(canvas)


WATCHED_IMPORT = """
import os, signal, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print(os.environ.get("ORT_DISABLE_TELEMETRY"))
            print(*sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))))

sys.meta_path.insert(0, Watch())
import serving.__main__
"""


def test_holds_its_signals_back_before_anything_can_start_a_thread() -> None:
    """A thread of ONNX Runtime's that does not would take SIGCHLD or SIGTERM from the supervisor: it never ends, or without a drain."""
    done = subprocess.run([PYTHON, "-c", WATCHED_IMPORT], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split()[1:] == [str(int(number)) for number in sorted((signal.SIGINT, signal.SIGTERM, signal.SIGCHLD))]


def test_lets_onnx_runtime_send_nothing() -> None:
    """It sends telemetry to its maker unless this variable is set when it is imported."""
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run([PYTHON, "-c", WATCHED_IMPORT], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split()[0] == "1"
