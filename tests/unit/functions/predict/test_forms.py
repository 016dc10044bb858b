"""Pictures and tables in forms: as `curl -F`, a browser's FormData and Python's requests send them."""

import base64
import gzip
import json
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
import pytest
import requests

from functions.predict.handler import Handler
from functions.predict.service import Service
from functions.shared.endpoint.interface import EndpointResponse
from recipes import npy
from recipes.columns import Category
from recipes.media_types import MANIFEST
from recipes.recipe import load
from tests.digits import digit, encoded, on_page
from tests.events import ID_KEY, event
from tests.fakes import FakeContext, FakeEndpoint

FIVE, SEVEN = encoded(on_page(digit(5))), encoded(on_page(digit(7)), "JPEG")
SEEN = {label: load("digits").from_image(picture) for label, picture in {5: FIVE, 7: SEVEN}.items()}
ROWS = np.random.default_rng(2).integers(0, 256, (2, 784), np.uint8)
CSV = "\n".join(",".join(map(str, row)) for row in ROWS.tolist()).encode()
FORM = "multipart/form-data; boundary=xyz"


def build(*parts: tuple[str, bytes], boundary: str = "xyz", end: str = "--xyz--\r\n") -> bytes:
    """Return a form of parts, each its headers and its content."""
    return (
        b"".join(b"--%b\r\n%b\r\n\r\n%b\r\n" % (boundary.encode(), headers.encode(), content) for headers, content in parts) + end.encode()
    )


def as_file(name: str, field: str = "image") -> str:
    return f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: application/octet-stream'


def as_field(name: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"'


def test_answers_each_file_by_its_name_in_order(ask: Any, endpoint: FakeEndpoint) -> None:
    status, answer = ask("POST", "/predictions", build((as_file("5.png"), FIVE), (as_file("C:\\x\\7.jpg"), SEVEN)), FORM)
    assert (status, answer.get("detail")) == (200, None)
    assert endpoint.instances == [SEEN[5], SEEN[7]]
    assert [each["name"] for each in answer["predictions"]] == ["5.png", "7.jpg"]


def test_reads_what_requests_sends(ask: Any, endpoint: FakeEndpoint) -> None:
    files = [("images", ("é.png", FIVE, "image/png")), ("images", ("7.jpg", SEVEN))]
    sent = requests.Request("POST", "http://x", files=files, data={"token": "x"}).prepare()
    status, answer = ask("POST", "/predictions", sent.body, sent.headers["content-type"])
    assert (status, [each["name"] for each in answer["predictions"]]) == (200, ["é.png", "7.jpg"])
    assert endpoint.instances == [SEEN[5], SEEN[7]]


def test_reads_every_kind_of_file_and_the_fields_that_have_a_meaning(ask: Any, endpoint: FakeEndpoint) -> None:
    parts = (
        (as_field("csrf"), b"any"),
        (as_file("two.csv"), CSV),
        (as_file("", "empty"), b""),
        (as_field("image"), base64.b64encode(FIVE)),
        (as_field("instances"), json.dumps(ROWS.tolist()).encode()),
        (as_field("upload"), SEVEN),
    )
    status, answer = ask("POST", "/predictions", build(*parts), FORM)
    assert status == 200
    assert endpoint.instances == [*map(bytes, ROWS), SEEN[5], *map(bytes, ROWS), SEEN[7]]
    assert [each.get("name") for each in answer["predictions"]] == ["two.csv", "two.csv", None, None, None, None]


@pytest.mark.parametrize("content_type", ['multipart/form-data; boundary="a b:c"', "Multipart/Form-Data; charset=utf-8; Boundary=a_b"])
def test_reads_any_boundary(ask: Any, content_type: str) -> None:
    boundary = "a b:c" if '"' in content_type else "a_b"
    body = build((as_file("5.png"), FIVE + f"\r\n--{boundary}x".encode()), boundary=boundary, end=f"--{boundary}-- ")
    assert ask("POST", "/predictions", b"preamble\r\n" + body + b"\r\nepilogue", content_type)[0] == 200


@pytest.mark.parametrize("text", [base64.b64encode(FIVE).decode(), f"data:image/png;base64,{base64.b64encode(FIVE).decode()}"])
@pytest.mark.parametrize(
    "encode", [lambda value: urlencode({"image": value, "x": 1}), lambda value: f"image={value}"], ids=["encoded", "as it is"]
)
def test_reads_a_picture_in_an_encoded_form(ask: Any, endpoint: FakeEndpoint, encode: Any, text: str) -> None:
    status, answer = ask("POST", "/predictions", encode(text).encode(), "application/x-www-form-urlencoded")
    assert (status, answer.get("detail")) == (200, None)
    assert endpoint.instances == [SEEN[5]]


@pytest.mark.parametrize("name", ["image=", "upload=", ""])
def test_reads_a_file_that_curl_encoded(ask: Any, endpoint: FakeEndpoint, name: str) -> None:
    """As `--data-urlencode image@FILE` and `--data-urlencode @FILE` send it."""
    status, answer = ask("POST", "/predictions", f"{name}{quote(FIVE)}".encode(), "application/x-www-form-urlencoded")
    assert (status, answer.get("detail")) == (200, None)
    assert endpoint.instances == [SEEN[5]]


def test_reads_json_that_curl_encoded(ask: Any, endpoint: FakeEndpoint) -> None:
    body = quote(json.dumps({"instances": ROWS.tolist()}))
    assert ask("POST", "/predictions", body, "application/x-www-form-urlencoded")[0] == 200
    assert endpoint.instances == [*map(bytes, ROWS)]


def test_reads_instances_in_an_encoded_form(ask: Any, endpoint: FakeEndpoint) -> None:
    body = urlencode({"instances": json.dumps(ROWS.tolist())})
    assert ask("POST", "/predictions", body, "application/x-www-form-urlencoded")[0] == 200
    assert endpoint.instances == [*map(bytes, ROWS)]


TEXTS = {
    "a list": json.dumps(ROWS.tolist()),
    "a document": json.dumps({"inputs": ROWS.tolist()}),
    "CSV": CSV.decode(),
}


@pytest.mark.parametrize("name", ["instances", "inputs", "data", "json", "pixels"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_reads_instances_in_a_field_of_text(ask: Any, endpoint: FakeEndpoint, name: str, text: str) -> None:
    for body, kind in (
        (urlencode({name: text}).encode(), "application/x-www-form-urlencoded"),
        (build((as_field(name), text.encode())), FORM),
    ):
        status, answer = ask("POST", "/predictions", body, kind)
        assert (status, answer.get("detail")) == (200, None)
        assert endpoint.instances == [*map(bytes, ROWS)]


def test_takes_no_word_about_a_file_for_instances(ask: Any, endpoint: FakeEndpoint) -> None:
    parts = ((as_field("data"), b"7"), (as_field("body"), b"of Ann"), (as_field("options"), b'{"a": 1}'), (as_file("5.png"), FIVE))
    assert ask("POST", "/predictions", build(*parts), FORM)[0] == 200
    assert endpoint.instances == [SEEN[5]]


def test_tells_fields_that_it_did_not_read(ask: Any) -> None:
    fields = {"csrf": "any", "instances": json.dumps(ROWS.tolist()), "empty": "", **{f"f{at}": "x" for at in range(6)}}
    parts = build(*((as_field(name), text.encode()) for name, text in fields.items()))
    for body, declared in ((parts, FORM), (urlencode(fields), "application/x-www-form-urlencoded")):
        _, answer = ask("POST", "/predictions", body, declared)
        told = {note["code"]: note["detail"] for note in answer["notes"]}
        assert told["ignored-fields"] == "fields of the form were ignored: 'csrf', 'f0', 'f1', 'f2', 'f3' and 2 more"


def test_knows_a_picture_that_is_said_to_be_a_form(ask: Any) -> None:
    assert [ask("POST", "/predictions", FIVE, declared)[0] for declared in ("multipart/form-data", FORM)] == [200, 200]


def test_knows_a_picture_that_begins_as_a_field_of_a_form(ask: Any) -> None:
    """The third byte of BMP is one of its size, and axios calls all bytes a form."""
    bmp = encoded(on_page(digit(5)), "BMP")
    size = len(bmp) + (ord("=") - len(bmp)) % 256
    body = b"BM" + size.to_bytes(4, "little") + bmp[6:].ljust(size - 6, b"\0")
    assert body.startswith(b"BM=")
    assert ask("POST", "/predictions", body, "application/x-www-form-urlencoded")[0] == 200


PART = (as_file("5.png"), FIVE)
PACKED = gzip.compress(json.dumps(ROWS.tolist()).encode() + b" " * 2_000_000)
REFUSED = {
    "no boundary": (build(PART), "multipart/form-data", 400, "no boundary", "Leave the header out"),
    "no type": (build(PART), None, 400, "no boundary", "Leave the header out"),
    "the type of something else": (build(PART), "image/png", 400, "no boundary", "Leave the header out"),
    "another boundary": (build(PART), "multipart/form-data; boundary=abc", 400, "is not in the body", "-F image=@"),
    "a form in a form": (
        build(('Content-Disposition: form-data; name="files"\r\nContent-Type: multipart/mixed; boundary=b', b"--b--")),
        FORM,
        400,
        "a form itself",
        "a part of its own",
    ),
    "quoted-printable": (
        build((as_file("a.csv") + "\r\nContent-Transfer-Encoding: quoted-printable", b"0,=\r\n0")),
        FORM,
        400,
        "quoted",
        "-F",
    ),
    "no end": (build(PART, end=""), FORM, 400, "cut off", "whole"),
    "no files": (build((as_field("a"), b"1"), (as_field("b"), b"2")), FORM, 400, "its fields: 'a', 'b'", "-F image=@picture.png"),
    "no parts": (build(), FORM, 400, "its fields: none", "-F image=@picture.png"),
    "no end of the headers": (build(PART).replace(b"\r\n\r\n", b"\r\n"), FORM, 400, "no end of its headers", "-F"),
    "files that unpack to too much together": (build(*[(as_file("a.gz"), PACKED)] * 3), FORM, 413, "field 3 ", "POST /jobs"),
    "too many parts": (build(*[(as_field("a"), b"1")] * 101), FORM, 413, "more than 100 fields", "POST /jobs"),
    "a file that is broken": (build(PART, (as_file("b.png"), FIVE[:99])), FORM, 400, 'field 2 "b.png" of the form: the image/png', "again"),
    "an empty file": (build((as_file("b.png"), b"")), FORM, 400, 'field 1 "b.png" of the form: ', "Send"),
    "a field that is no picture": (build((as_field("image"), b"x!")), FORM, 400, 'field 1 "image" of the form', "base64"),
    "a file's name": (
        build((as_field("image"), b"seven.png")),
        FORM,
        400,
        'field 1 "image" of the form: "image" is the name of a file',
        "=@FILE",
    ),
    "an encoded form without fields": (b"a=1&b=2", "application/x-www-form-urlencoded", 400, "its fields: 'a', 'b'", "--data-binary"),
    "a long encoded form": (
        b"image=" + b"A" * 1_000_000,
        "application/x-www-form-urlencoded",
        413,
        "1,000,000 bytes",
        "-F image=@",
    ),
    "an encoded form of many": (b"&".join([b"a=1"] * 101), "application/x-www-form-urlencoded", 413, "more than 100", "JSON"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refuses_a_form_with(ask: Any, case: tuple[bytes, str | None, int, str, str]) -> None:
    body, declared, status, said, advised = case
    actual, problem = ask("POST", "/predictions", body, declared)
    assert actual == status
    assert said in problem["detail"]
    assert advised in problem["advice"]


def test_reads_a_form_whose_lines_end_with_line_feeds_alone(ask: Any, endpoint: FakeEndpoint) -> None:
    lines = b"--xyz\n%b\n\n%b\n--xyz\n%b\n\n%b\n--xyz--\n"
    body = lines % (as_file("5.png").replace("\r", "").encode(), FIVE, as_file("7.jpg").replace("\r", "").encode(), SEVEN)
    assert ask("POST", "/predictions", body, FORM)[0] == 200
    assert endpoint.instances == [SEEN[5], SEEN[7]]


@pytest.mark.parametrize("name", ["img", "image[]", "file"])
@pytest.mark.parametrize("text", [base64.b64encode(FIVE).decode(), f"data:image/png;base64,{base64.b64encode(FIVE).decode()}"])
def test_reads_a_picture_in_base64_in_a_field_of_any_name(ask: Any, endpoint: FakeEndpoint, name: str, text: str) -> None:
    parts = build((as_field("note"), b"7"), (as_field(name), text.encode()))
    for body, declared in ((parts, FORM), (urlencode({name: text, "note": "7"}), "application/x-www-form-urlencoded")):
        assert ask("POST", "/predictions", body, declared)[0] == 200
        assert endpoint.instances == [SEEN[5]]


@pytest.fixture
def ask_of_stops() -> Any:
    prediction = {"label": "Arrest", "probability": 0.6, "probabilities": [0.4, 0.6]}
    endpoint = TableEndpoint(prediction)
    handler = Handler(Service(STOPS, endpoint, id_key=ID_KEY))

    def send(*request: Any) -> tuple[dict[str, Any], bytes]:
        return json.loads(handler(event(*request), FakeContext())["body"]), endpoint.asked

    return send


class TableEndpoint:
    """Answers every row of a table alike."""

    def __init__(self, prediction: dict[str, Any]) -> None:
        self._prediction, self.asked = prediction, b""

    def invoke(self, body: bytes, *, accept: str, **_: Any) -> EndpointResponse:
        if accept == MANIFEST:
            return EndpointResponse(b'{"name": "x", "version": "1", "input": {}}', "main")
        header = npy.read_header(body)
        self.asked = body[header.offset :]
        return EndpointResponse(json.dumps({"predictions": [self._prediction] * header.shape[0], "model": {}}).encode(), "main")


STOPS = load("stop_search")
STOP = {column.name: column.values[0] if isinstance(column, Category) else "51.5" for column in STOPS.features}
STOP_CSV = ",".join(STOP) + "\n" + ",".join(STOP.values()) + "\n"
MEANT = np.float32([0, 0, 51.5, 51.5, 0, 0, 0, 0, 0, 0]).tobytes()


def test_reads_a_table_s_file_by_its_name_or_its_type(ask_of_stops: Any) -> None:
    head = 'Content-Disposition: form-data; name="f"; filename="{}"\r\nContent-Type: {}'
    for name, type_ in (("a.csv", "application/octet-stream"), ("a", "text/csv; charset=utf-8")):
        answer, asked = ask_of_stops("POST", "/predictions", build((head.format(name, type_), STOP_CSV.encode())), FORM)
        assert (len(answer["predictions"]), asked) == (1, MEANT)


def test_says_of_each_file_s_rows_what_is_unknown_in_them(ask_of_stops: Any) -> None:
    strange = STOP_CSV.replace("Male", "Robot").encode()
    answer, _ = ask_of_stops("POST", "/predictions", build((as_file("a.csv"), STOP_CSV.encode()), (as_file("b.csv"), strange)), FORM)
    assert [each.get("unknown_categories") for each in answer["predictions"]] == [None, ["Gender"]]
    assert [note["code"] for note in answer["notes"]] == ["unknown-categories"]


def test_reads_a_row_whose_columns_are_fields(ask_of_stops: Any) -> None:
    parts = [(as_field(name), value.encode()) for name, value in STOP.items()]
    assert ask_of_stops("POST", "/predictions", build(*parts), FORM)[1] == MEANT
    encoded = urlencode({**STOP, "csrf": "x"}), "application/x-www-form-urlencoded"
    assert ask_of_stops("POST", "/predictions", *encoded)[1] == MEANT


def test_tells_a_table_s_columns_where_a_form_has_none_of_them(ask_of_stops: Any) -> None:
    problem, _ = ask_of_stops("POST", "/predictions", "a=1&b=2", "application/x-www-form-urlencoded")
    assert problem["detail"].endswith("its fields: 'a', 'b'")
    assert "Part of a policing operation" in problem["advice"]
    assert "picture" not in problem["advice"]


def test_tells_of_a_row_and_a_table_which_it_did_not_read(ask_of_stops: Any) -> None:
    """A file goes before a row's fields, and these go before a field of text."""
    fields = [(as_field(name), value.encode()) for name, value in STOP.items()]
    answer, _ = ask_of_stops("POST", "/predictions", build(*fields[:2], (as_file("a.csv"), STOP_CSV.encode())), FORM)
    assert "'Type', 'Part of a policing operation'" in answer["notes"][0]["detail"]
    answer, _ = ask_of_stops("POST", "/predictions", build(*fields, (as_field("csv"), STOP_CSV.encode()), (as_field("csrf"), b"x")), FORM)
    assert [(note["code"], note["detail"]) for note in answer["notes"]] == [("ignored-fields", "fields of the form were ignored: 'csv'")]


def test_refuses_a_row_that_has_a_field_twice(ask_of_stops: Any) -> None:
    encoded = urlencode([*STOP.items(), ("Gender", "Female")])
    problem, _ = ask_of_stops("POST", "/predictions", encoded, "application/x-www-form-urlencoded")
    assert problem["detail"] == "the form has the field 'Gender' twice: which of them is meant is not certain"
    assert problem["advice"] == "Send each field once."


@pytest.mark.parametrize("text", [b"\xc2\x85\xc2\xb5r\x0cP\x7f", b"{}", b"1"])
def test_ignores_a_text_without_a_name_beside_a_file(ask: Any, endpoint: FakeEndpoint, text: bytes) -> None:
    status, answer = ask("POST", "/predictions", build((as_field(""), text), (as_file("5.png"), FIVE)), FORM)
    assert (status, endpoint.instances) == (200, [SEEN[5]])
    assert [note["code"] for note in answer["notes"]] == ["ignored-fields"]
