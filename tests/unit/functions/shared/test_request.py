"""An HTTP API event as a request."""

import base64

import pytest

from functions.shared.http.request import Request
from recipes.errors import Malformed, TooLarge
from tests.events import REQUEST_ID, event


def test_reads_an_event() -> None:
    request = Request.from_event(event("post", "/predictions", b"x", "Image/PNG; q=1", query={"include": "pixels"}))
    assert (request.method, request.path, request.id) == ("POST", "/predictions", REQUEST_ID)
    assert (request.content_type, request.query) == ("image/png", {"include": "pixels"})


def test_finds_a_header_however_it_is_written() -> None:
    assert Request.from_event({"headers": {"Content-TYPE": "text/csv"}}).content_type == "text/csv"


@pytest.mark.parametrize("missing", [{}, {"headers": None, "requestContext": None, "queryStringParameters": None, "body": None}])
def test_takes_what_is_missing_as_empty(missing: dict[str, None]) -> None:
    request = Request.from_event(missing)
    assert (request.method, request.path, request.content_type, request.query, request.id) == ("", "/", "", {}, "")
    assert request.body(10) == b""


@pytest.mark.parametrize("body", [b"\x00\xff", "é".encode()])
def test_decodes_base64(body: bytes) -> None:
    assert Request.from_event(event("POST", "/", body)).body(10) == body


def test_reads_text_as_utf_8() -> None:
    assert Request.from_event(event("POST", "/", "é")).body(2) == b"\xc3\xa9"


def test_passes_a_lone_surrogate_on_for_the_decoder_to_refuse() -> None:
    assert Request.from_event(event("POST", "/", "\ud800")).body(10) == b"\xed\xa0\x80"


@pytest.mark.parametrize("text", ["é" * 6, b"x" * 11, b"x" * 5000])
def test_refuses_a_body_over_the_limit(text: str | bytes) -> None:
    with pytest.raises(TooLarge, match="limit is 10"):
        Request.from_event(event("POST", "/", text)).body(10)


@pytest.mark.parametrize("size", [8, 9, 10])
def test_takes_a_body_at_the_limit_whatever_its_padding(size: int) -> None:
    assert len(Request.from_event(event("POST", "/", b"x" * size)).body(size)) == size


def test_decodes_nothing_of_a_body_that_is_far_over_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    request = Request.from_event({"body": "A" * 1000, "isBase64Encoded": True})
    monkeypatch.setattr(base64, "b64decode", None)
    with pytest.raises(TooLarge):
        request.body(10)


@pytest.mark.parametrize("text", ["====", "a", "é", "AA A", "AAAA\n!"])
def test_refuses_what_is_not_base64(text: str) -> None:
    with pytest.raises(Malformed, match="base64"):
        Request.from_event({"body": text, "isBase64Encoded": True}).body(100)
