"""The photos are fetched with the reader's own key, from a server of this test that answers as Kaggle does: with a store's address."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recipes.errors import InvalidSettings
from recipes.natural_images.kaggle import DATASET, CannotFetchError, fetch

ZIP = b"PK\x05\x06" + bytes(300_000)
KEY = "Basic " + base64.b64encode(b"reader:secret").decode()


class Kaggle(BaseHTTPRequestHandler):
    """Both hosts in one: the API, which wants the key, and the store, which is not to see it."""

    asked: list[tuple[str, str | None]]
    sends = len(ZIP)

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization")))
        if self.path == "/store/archive.zip":
            self.send_response(200)
            self.send_header("Content-Length", str(len(ZIP)))
            self.end_headers()
            self.wfile.write(ZIP[: self.sends])
        elif self.headers.get("Authorization") != KEY:
            self.send_error(401)
        elif self.path == f"/api/v1/datasets/download/{DATASET}":
            self.send_response(302)
            self.send_header("Location", "/store/archive.zip")
            self.end_headers()
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "kaggle.json").write_text(json.dumps({"username": "reader", "key": "secret"}))
    Kaggle.asked, Kaggle.sends = [], len(ZIP)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Kaggle)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api/v1"
    server.shutdown()
    server.server_close()


def test_fetches_the_zip_and_shows_the_key_to_nobody_else(api_url: str, tmp_path: Path) -> None:
    path = fetch(tmp_path / "photos.zip", api_url=api_url)
    assert path.read_bytes() == ZIP
    assert Kaggle.asked == [(f"/api/v1/datasets/download/{DATASET}", KEY), ("/store/archive.zip", None)]
    assert fetch(path, api_url=api_url) == path
    assert len(Kaggle.asked) == 2


def test_says_what_to_do_where_the_key_is_refused(api_url: str, tmp_path: Path) -> None:
    (tmp_path / "kaggle.json").write_text(json.dumps({"username": "reader", "key": "old"}))
    with pytest.raises(CannotFetchError, match="Kaggle answers 401") as refused:
        fetch(tmp_path / "photos.zip", api_url=api_url)
    assert "create a new token" in refused.value.advice
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kaggle.json"]


def test_keeps_no_part_of_a_download_that_breaks_off(api_url: str, tmp_path: Path) -> None:
    Kaggle.sends = 1000
    with pytest.raises(CannotFetchError, match=r"Kaggle sent 1,000 of 300,004 bytes|not reached"):
        fetch(tmp_path / "photos.zip", api_url=api_url)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kaggle.json"]


def test_says_what_is_not_found(api_url: str, tmp_path: Path) -> None:
    with pytest.raises(CannotFetchError, match="404 Not Found for nobody/nothing"):
        fetch(tmp_path / "photos.zip", api_url=api_url, dataset="nobody/nothing")


def test_says_that_there_is_no_internet(api_url: str, tmp_path: Path) -> None:
    with pytest.raises(CannotFetchError, match="Kaggle is not reached"):
        fetch(tmp_path / "photos.zip", api_url="http://127.0.0.1:9/api/v1")


@pytest.mark.parametrize("content", [None, "{}", "[]", "no json"])
def test_says_where_the_key_belongs(api_url: str, tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "kaggle.json"
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    with pytest.raises(InvalidSettings, match=r"kaggle.json (is missing|holds no username and key)") as refused:
        fetch(tmp_path / "photos.zip", api_url=api_url)
    assert refused.value.advice.endswith("into ~/.kaggle/.")
