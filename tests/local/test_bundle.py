"""The built bundle, as Lambda runs it: AWS's own runtime client in an interpreter that has nothing else but what Lambda has."""

import contextlib
import http.server
import json
import os
import queue
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deployment.bundle import find_bundle
from deployment.bundle.build import build_bundle
from deployment.stages import settings_for
from tests.digits import GOLDEN
from tests.events import REQUEST_ID, event
from tests.fakes import MANIFEST, FakeEndpoint

# What Lambda's runtime has beside the function's own bundle.
RUNTIME = (
    *("awslambdaric", "runtime_client*.so", "snapshot_restore_py.py", "simplejson"),
    *("boto3", "botocore", "jmespath", "dateutil", "s3transfer", "six.py", "urllib3"),
)
LIMIT_S = 30
PREDICT = {"ENDPOINT_NAMES": "digits", "ENDPOINT_KIND": "serverless", "RECIPES": "digits", "ID_KEY": "any-key"}


class Server(http.server.ThreadingHTTPServer):
    """Serves on a port of its own while the block runs."""

    daemon_threads = True

    def __enter__(self) -> "Server":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Answering(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, format: str, *_: object) -> None:
        """Say nothing."""

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class SageMaker(Server):
    """SageMaker's runtime by HTTP, with the fake endpoint behind it; `refusals` are sent first."""

    def __init__(self) -> None:
        self.endpoint, self.paths = FakeEndpoint(), list[str]()
        self.refusals: list[tuple[int, str, dict[str, Any]]] = []
        super().__init__(("127.0.0.1", 0), self._handler())

    def _handler(stub) -> type[Answering]:  # noqa: N805 - the handler inside has a self of its own
        class Invocation(Answering):
            def do_POST(self) -> None:
                body = self.body()
                stub.paths.append(self.path)
                if stub.refusals:
                    status, code, said = stub.refusals.pop(0)
                    self.reply(status, json.dumps({"message": "no", **said}).encode(), {"x-amzn-errortype": code})
                    return
                content_type, accept = self.headers["content-type"], self.headers["accept"]
                answer = stub.endpoint.invoke(body, content_type=content_type, accept=accept, remaining_s=1)
                self.reply(200, answer.body, {"content-type": accept, "x-amzn-invoked-production-variant": "main"})

        return Invocation


class Function(Server):
    """Lambda's runtime API, and the function's process that asks it for events."""

    def __init__(self, code: Path, runtime: Path, environment: dict[str, str]) -> None:
        self._events: queue.Queue[bytes] = queue.Queue()
        self._answers: queue.Queue[tuple[str, bytes]] = queue.Queue()
        super().__init__(("127.0.0.1", 0), self._handler())
        self._command = [sys.executable, "-S", "-m", "awslambdaric", "functions.predict.function.handler"]
        self._environment = {
            "PYTHONPATH": f"{code}:{runtime}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LAMBDA_TASK_ROOT": str(code),
            "_HANDLER": "functions.predict.function.handler",
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "predict",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            **environment,
        }
        self._code = code

    def _handler(function) -> type[Answering]:  # noqa: N805 - the handler inside has a self of its own
        class RuntimeApi(Answering):
            def do_GET(self) -> None:
                body = function._events.get()
                headers = {
                    "lambda-runtime-aws-request-id": "1",
                    "lambda-runtime-deadline-ms": str(int((time.time() + 29) * 1000)),
                    "lambda-runtime-invoked-function-arn": "arn:aws:lambda:us-east-1:000000000000:function:predict",
                    "lambda-runtime-trace-id": "Root=1-0-0;Sampled=0",
                    "content-type": "application/json",
                }
                with contextlib.suppress(BrokenPipeError):
                    self.reply(200, body, headers)

            def do_POST(self) -> None:
                kind, body = self.path.rpartition("/")[2], self.body()
                self.reply(202, b"{}")
                function._answers.put((kind, body))

        return RuntimeApi

    def __enter__(self) -> "Function":
        super().__enter__()
        self._process = subprocess.Popen(
            self._command, cwd=self._code, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        super().__exit__()

    def invoke(self, made: dict[str, Any]) -> dict[str, Any]:
        self._events.put(json.dumps(made).encode())
        kind, body = self._answers.get(timeout=LIMIT_S)
        assert kind == "response", body
        return dict(json.loads(body))

    def failure(self) -> str:
        kind, body = self._answers.get(timeout=LIMIT_S)
        assert kind == "error"
        return body.decode()


@pytest.fixture(scope="module")
def code() -> Path:
    return build_bundle(find_bundle(settings_for("local"), "predict"))


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runtime")
    for pattern in RUNTIME:
        (found,) = Path(sysconfig.get_path("purelib")).glob(pattern)
        (folder / found.name).symlink_to(found)
    return folder


@pytest.fixture
def sagemaker() -> Iterator[SageMaker]:
    with SageMaker() as stub:
        yield stub


@pytest.fixture
def function(code: Path, runtime: Path, sagemaker: SageMaker) -> Iterator[Function]:
    environment = {**PREDICT, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{sagemaker.server_port}"}
    with Function(code, runtime, environment) as started:
        yield started


def test_answers_a_picture(function: Function, sagemaker: SageMaker) -> None:
    response = function.invoke(event("POST", "/predictions", (GOLDEN / "7.png").read_bytes(), "image/png"))
    assert response["statusCode"] == 200
    answer = json.loads(response["body"])
    assert answer["request_id"] == REQUEST_ID
    assert answer["model"] == {"name": "tiny", "version": "1.0.0+00000000", "variant": "main"}
    (seen,) = sagemaker.endpoint.instances
    (prediction,) = answer["predictions"]
    assert prediction["label"] == seen[0] % 10
    assert sagemaker.paths == ["/endpoints/digits/invocations"]


def test_answers_many_events_of_every_route(function: Function) -> None:
    assert json.loads(function.invoke(event("GET", "/model"))["body"]) == {**MANIFEST, "variant": "main"}
    assert json.loads(function.invoke(event("GET", "/health"))["body"]) == {"status": "ok"}
    for label in range(20):
        answer = function.invoke(event("POST", "/predictions", json.dumps([label] * 784), "application/json"))
        assert json.loads(answer["body"])["predictions"][0]["label"] == label % 10
    assert function.invoke(event("POST", "/predictions", b"x", "image/png"))["statusCode"] == 415


def test_waits_for_an_endpoint_that_starts(function: Function, sagemaker: SageMaker) -> None:
    sagemaker.refusals = [(429, "ModelNotReadyException", {})] * 3
    assert function.invoke(event("POST", "/predictions", json.dumps([3] * 784), "application/json"))["statusCode"] == 200
    assert len(sagemaker.paths) == 4


def test_repeats_what_the_container_refused(function: Function, sagemaker: SageMaker) -> None:
    said = {"error": {"code": "wrong-shape", "message": "it has 27 rows", "advice": ""}}
    sagemaker.refusals = [(424, "ModelError", {"OriginalStatusCode": 422, "OriginalMessage": json.dumps(said)})]
    response = function.invoke(event("POST", "/predictions", json.dumps([3] * 784), "application/json"))
    assert response["statusCode"] == 422
    assert json.loads(response["body"])["detail"] == "it has 27 rows"


def test_says_what_its_environment_lacks(code: Path, runtime: Path) -> None:
    with Function(code, runtime, {"RECIPES": "digits", "ID_KEY": "any-key"}) as started:
        assert "ENDPOINT_NAMES" in started.failure()


def test_loads_nothing_that_slows_its_start(code: Path, runtime: Path) -> None:
    program = (
        "import sys, functions.predict.function as f\n"
        "heavy = {'boto3', 'botocore', 'numpy', 'asyncio', 'PIL.ImageFont', 'PIL.ImageDraw', 'multiprocessing'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    environment = {**PREDICT, "PYTHONPATH": f"{code}:{runtime}", "AWS_DEFAULT_REGION": "us-east-1"}
    credentials = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-S", "-B", "-c", program]
    done = subprocess.run(command, env={**environment, **credentials}, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
