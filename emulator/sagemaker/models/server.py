"""One variant's model server: its archive from S3, unpacked, and the real `python -m serving` on a loopback port."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import urllib3

from deployment.paths import ROOT, SERVING_PYTHON
from deployment.this_machine import HOST
from emulator.aws_client import GetClient
from emulator.sagemaker.errors import SageMakerError, service_unavailable
from pipeline.runner.s3_url import split_s3_url
from recipes.models import archive

START_LIMIT_S = 60
STOP_LIMIT_S = 15
INVOCATION_LIMIT_S = 60  # SageMaker's own


class ServerFailed(Exception):
    """The server did not answer /ping."""


class ModelServer:
    """A running server.

    Args:    name: for its log.
             archive_url: s3://bucket/key of a model.tar.gz.
             environment: the container's.
             get_client: the client of the emulator's S3.
             log_dir: where its log goes.
    """

    def __init__(self, name: str, archive_url: str, environment: Mapping[str, str], *, get_client: GetClient, log_dir: Path) -> None:
        self.name = name
        self._folder = Path(tempfile.mkdtemp(prefix="inferstack-model-"))
        self._log = log_dir / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._unpack(archive_url, get_client)
            self.port = _find_free_port()
            self._start(environment)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        self._pool = urllib3.HTTPConnectionPool(HOST, self.port, maxsize=64, block=False, retries=False)

    def invoke(self, body: bytes, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """Return the container's response to an invocation; raise SageMakerError if there is none in time."""
        try:
            return self._pool.request(
                "POST", "/invocations", body=body, headers=headers, timeout=urllib3.Timeout(connect=2, read=INVOCATION_LIMIT_S)
            )
        except urllib3.exceptions.TimeoutError as error:
            raise SageMakerError(
                424, "ModelError", f"no response within {INVOCATION_LIMIT_S} s", OriginalStatusCode=504, OriginalMessage="timeout"
            ) from error
        except urllib3.exceptions.HTTPError as error:
            raise service_unavailable("the model server cannot be reached") from error

    def is_alive(self) -> bool:
        """Return whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the process, with SIGKILL if SIGTERM is not enough, and remove its files."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _unpack(self, archive_url: str, get_client: GetClient) -> None:
        try:
            bucket, key = split_s3_url(archive_url)
            content = get_client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        except Exception as error:
            raise ServerFailed(f"Could not find model data at {archive_url}: {error}") from error
        packed = self._folder / "model.tar.gz"
        packed.write_bytes(content)
        archive.unpack(packed, self._folder / "model")
        packed.unlink()

    def _start(self, environment: Mapping[str, str]) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [SERVING_PYTHON, "-m", "serving"],
                cwd=ROOT,
                env={
                    "PATH": os.environ.get("PATH", ""),
                    "PYTHONPATH": str(ROOT),
                    "PYTHONDONTWRITEBYTECODE": "1",
                    **environment,
                    "SAGEMAKER_BIND_TO_PORT": str(self.port),
                    "INFERSTACK_HOST": HOST,
                    "INFERSTACK_MODEL_DIR": str(self._folder / "model"),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        with urllib3.HTTPConnectionPool(HOST, self.port, retries=False) as pool:
            while time.monotonic() < deadline:
                if not self.is_alive():
                    code = self._process.returncode if self._process else None
                    raise ServerFailed(
                        f"The model server ended with status {_status_name(code)} before it answered /ping. {self._last_message()}"
                    )
                try:
                    if pool.request("GET", "/ping", timeout=2).status == 200:
                        return
                except urllib3.exceptions.HTTPError:
                    pass
                time.sleep(0.05)
        raise ServerFailed(f"The model server did not pass its ping health check in {START_LIMIT_S} s. {self._last_message()}")

    def _last_message(self) -> str:
        try:
            return find_last_message(self._log.read_text(errors="replace"))
        except OSError:
            return ""


def find_last_message(log: str) -> str:
    """Return the last error in a server's JSON log with its advice, or the last line if none is one: workers write side by side."""
    lines = [_read_line(line) for line in log.strip().splitlines()]
    if not lines:
        return ""
    last = next((line for line in reversed(lines) if line.get("level") == "ERROR"), lines[-1])
    return ". ".join(filter(None, (f"Its last message: {last['message']}", last.get("advice"))))


def _read_line(line: str) -> dict[str, str]:
    try:
        return {"message": line, **json.loads(line)}
    except (ValueError, TypeError):
        return {"message": line}


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _status_name(code: int | None) -> str:
    return signal.Signals(-code).name if code is not None and code < 0 else str(code)
