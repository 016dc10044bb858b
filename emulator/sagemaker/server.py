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
from typing import Any
from urllib.parse import urlparse

import urllib3

from deployment.paths import ROOT, SERVING_PYTHON
from emulator.sagemaker.errors import SageMakerError
from recipes import archive

START_LIMIT_S = 60
STOP_LIMIT_S = 15
INVOCATION_LIMIT_S = 60  # SageMaker's own


class ServerFailed(Exception):
    """The server did not come to answer /ping."""


class ModelServer:
    """A running server.

    Args:    name: for its log.
             archive_url: s3://bucket/key of a model.tar.gz.
             environment: the container's.
             fetch: returns an object of the emulator's S3.
             log_dir: where its log goes.
    """

    def __init__(self, name: str, archive_url: str, environment: Mapping[str, str], *, fetch: "Fetch", log_dir: Path) -> None:
        self.name = name
        self._folder = Path(tempfile.mkdtemp(prefix="inferstack-model-"))
        self._log = log_dir / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._unpack(archive_url, fetch)
            self.port = _free_port()
            self._start(environment)
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        self._pool = urllib3.HTTPConnectionPool("127.0.0.1", self.port, maxsize=64, block=False, retries=False)

    def invoke(self, body: bytes, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """Return the container's answer to an invocation; raise SageMakerError if there is none in time."""
        try:
            return self._pool.request(
                "POST", "/invocations", body=body, headers=headers, timeout=urllib3.Timeout(connect=2, read=INVOCATION_LIMIT_S)
            )
        except urllib3.exceptions.TimeoutError as error:
            raise SageMakerError(
                424, "ModelError", f"no answer in {INVOCATION_LIMIT_S} s", OriginalStatusCode=504, OriginalMessage="timeout"
            ) from error
        except urllib3.exceptions.HTTPError as error:
            raise SageMakerError(503, "ServiceUnavailable", "the model server cannot be reached") from error

    def alive(self) -> bool:
        """Return whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the process, gently first, and remove its files."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _unpack(self, archive_url: str, fetch: "Fetch") -> None:
        url = urlparse(archive_url)
        try:
            content = fetch(url.netloc, url.path.lstrip("/"))
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
                    "INFERSTACK_HOST": "127.0.0.1",
                    "INFERSTACK_MODEL_DIR": str(self._folder / "model"),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        with urllib3.HTTPConnectionPool("127.0.0.1", self.port, retries=False) as pool:
            while time.monotonic() < deadline:
                if not self.alive():
                    code = self._process.returncode if self._process else None
                    raise ServerFailed(f"The model server ended with status {_named(code)} before it answered /ping. {self._last_words()}")
                try:
                    if pool.request("GET", "/ping", timeout=2).status == 200:
                        return
                except urllib3.exceptions.HTTPError:
                    pass
                time.sleep(0.05)
        raise ServerFailed(f"The model server did not pass its ping health check in {START_LIMIT_S} s. {self._last_words()}")

    def _last_words(self) -> str:
        try:
            lines = self._log.read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return f"It said: {_message(lines[-1])}" if lines else ""


class Fetch:
    """Objects of the emulator's S3, through the front door.

    Args:    endpoint_url: the emulator's.
    """

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url

    def __call__(self, bucket: str, key: str) -> bytes:
        """Return the object's bytes."""
        content: bytes = self.client().get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def client(self) -> Any:
        """Return an S3 client."""
        import boto3  # noqa: PLC0415 - 300 ms, and only a new model needs it

        return boto3.client("s3", endpoint_url=self._endpoint_url)


def _message(line: str) -> str:
    """Return what a line of the server's JSON log says; of any other, the line: one, because CloudFormation's reasons are."""
    try:
        return str(json.loads(line)["message"])
    except (ValueError, KeyError, TypeError):
        return line


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _named(code: int | None) -> str:
    return signal.Signals(-code).name if code is not None and code < 0 else str(code)
