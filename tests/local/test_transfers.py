"""Uploads and downloads of the command over real sockets: what httpx does with a server that answers early, or breaks off."""

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from cli.http.client import CallFailed, open_client
from cli.http.presigned_s3 import SignedForm, download_file, upload_file
from cli.http.sized_file import SizedFile

ERROR = b"<Error><Code>EntityTooLarge</Code><Message>Your proposed upload is too large</Message></Error>"
REFUSAL = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(ERROR), ERROR)
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n{}"
SIZE_BYTES = 64 << 20


class Zeros(io.RawIOBase):
    """A file that is never held."""

    def read(self, size: int = -1) -> bytes:
        return bytes(size)


@contextmanager
def serve(answer: bytes) -> Iterator[str]:
    """Answer each connection after the first bytes, and close it whatever else is on its way."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def run() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:  # closed below
                    return
                with connection:
                    connection.recv(65_536)
                    connection.sendall(answer)

        threading.Thread(target=run, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/object?X-Amz-Signature=secret"
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with open_client() as client:
        yield client


def test_reads_a_refusal_that_comes_before_the_files_end(http: httpx.Client) -> None:
    reports: list[int] = []
    file = SizedFile(Zeros(), SIZE_BYTES, reports.append)  # type: ignore[arg-type]
    with serve(REFUSAL) as url, pytest.raises(CallFailed, match="Your proposed upload is too large") as failure:
        upload_file(http, SignedForm(url, {"key": "a"}), "a.npy", "application/octet-stream", file)
    assert failure.value.title == "Too large"
    assert max(reports, default=0) < SIZE_BYTES


def test_leaves_no_half_file_of_an_answer_that_breaks_off(http: httpx.Client, tmp_path: Path) -> None:
    with serve(HALF) as url, pytest.raises(CallFailed, match="received 2 bytes, expected 6") as failure:
        download_file(http, url, tmp_path / "a.jsonl", lambda _: None, size_bytes=1 << 30)
    assert failure.value.is_transient
    assert "secret" not in str(failure.value)
    assert list(tmp_path.iterdir()) == []


def test_reaches_this_machine_without_the_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with open_client() as client, serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as url:
        download_file(client, url, tmp_path / "a.jsonl", lambda _: None, size_bytes=1 << 30)
    assert (tmp_path / "a.jsonl").read_bytes() == b"{}"


def test_asks_others_through_the_proxy_unless_the_environment_excepts_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.partition("/object")[0])
        with open_client() as client:
            download_file(client, "http://bucket.invalid/a", tmp_path / "a.jsonl", lambda _: None, size_bytes=1 << 30)
        monkeypatch.setenv("NO_PROXY", "bucket.invalid")
        with open_client() as client, pytest.raises(CallFailed) as failure:
            download_file(client, "http://bucket.invalid/a", tmp_path / "b.jsonl", lambda _: None, size_bytes=1)
    assert "bucket.invalid" in failure.value.detail


def test_gives_a_refused_connection_another_try(http: httpx.Client, tmp_path: Path) -> None:
    with pytest.raises(CallFailed, match="refused") as failure:
        download_file(http, "http://127.0.0.1:1/a", tmp_path / "a", lambda _: None, size_bytes=1)
    assert (failure.value.title, failure.value.is_transient) == ("No answer", True)
