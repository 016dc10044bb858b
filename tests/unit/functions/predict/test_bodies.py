"""Bodies as clients send them: known by their bytes whatever they are called, and taken out of what they are packed in."""

import base64
import gzip
import json
from typing import Any

import numpy as np
import pytest

from functions.predict.reading.kinds import recognize
from recipes import media_types, npy
from recipes.recipe import load
from tests.digits import any_digit, distance, encoded, on_page
from tests.fakes import FakeEndpoint

PNG, JPEG = encoded(on_page(any_digit())), encoded(on_page(any_digit()), "JPEG")
SEEN = {kind: load("digits").from_image(picture) for kind, picture in {"png": PNG, "jpeg": JPEG}.items()}
ROWS = np.random.default_rng(2).integers(0, 256, (2, 784), np.uint8)
JSON, CSV = json.dumps({"instances": ROWS.tolist()}), "\n".join(",".join(map(str, row)) for row in ROWS.tolist())
HEADER = ",".join(f"pixel{number}" for number in range(784))
NPY = npy.write(ROWS.tobytes(), (2, 784))
BASE64 = base64.b64encode(PNG).decode()
VAGUE = (None, "", "application/octet-stream", "binary/octet-stream", "application/x-image", "text/plain; charset=utf-8", "x")
WRONG = ("image/png", "image/jpeg", "application/json", "text/csv", "application/x-npy", "application/x-www-form-urlencoded")


@pytest.mark.parametrize("declared", [*VAGUE, *WRONG, "image/jpg", "image/pjpeg", "IMAGE/JPEG; q=1", "application/pdf"])
@pytest.mark.parametrize(
    ("body", "seen"),
    [(PNG, [SEEN["png"]]), (JPEG, [SEEN["jpeg"]]), (NPY, [*map(bytes, ROWS)]), (JSON, [*map(bytes, ROWS)]), (CSV, [*map(bytes, ROWS)])],
    ids=["PNG", "JPEG", "npy", "JSON", "CSV"],
)
def test_knows_a_body_by_its_bytes_whatever_it_is_called(
    ask: Any, endpoint: FakeEndpoint, declared: str | None, body: bytes | str, seen: list[bytes]
) -> None:
    status, answer = ask("POST", "/predictions", body, declared)
    assert (status, answer.get("detail")) == (200, None)
    assert endpoint.instances == seen


@pytest.mark.parametrize("declared", ["application/csv", "text/x-csv", "application/vnd.ms-excel", "text/comma-separated-values"])
def test_knows_the_names_of_csv(ask: Any, endpoint: FakeEndpoint, declared: str) -> None:
    assert ask("POST", "/predictions", CSV, declared)[0] == 200
    assert endpoint.instances == [*map(bytes, ROWS)]


TABLES = {
    "drawn lines": "|"
    + HEADER.replace(",", "|")
    + "|\n|"
    + "---|" * 784
    + "\n"
    + "\n".join(f"|{line.replace(',', '|')}|" for line in CSV.splitlines()),
    "names beside decimal commas": f"id;{HEADER.replace(',', ';')}\n"
    + "\n".join(f"row;{line.replace(',', ',0;')},0" for line in CSV.splitlines()),
    "a line that names the delimiter, and names": f"sep=,\nid,{HEADER}\n" + "\n".join(f"row,{line}" for line in CSV.splitlines()),
    "a comment": f"# digits\n{HEADER}\n{CSV}",
    "a header": f"{HEADER}\n{CSV}",
    "names beside the numbers": f"id,{HEADER}\n" + "\n".join(f"row{number},{line}" for number, line in enumerate(CSV.splitlines())),
    "a byte order mark and semicolons": ("\ufeff" + CSV.replace(",", ";")).encode(),
    "UTF-16": f"{HEADER}\r\n{CSV}".encode("utf-16"),
    "old line ends": CSV.replace("\n", "\r"),
    "quotes": "\n".join(",".join(f'"{value}"' for value in line.split(",")) for line in CSV.splitlines()),
}


@pytest.mark.parametrize("declared", [None, "text/plain", "application/octet-stream"])
@pytest.mark.parametrize("body", TABLES.values(), ids=TABLES)
def test_knows_a_table_with(ask: Any, endpoint: FakeEndpoint, body: str | bytes, declared: str | None) -> None:
    status, answer = ask("POST", "/predictions", body, declared)
    assert (status, answer.get("detail")) == (200, None)
    assert endpoint.instances == [*map(bytes, ROWS)]


@pytest.mark.parametrize("body", ["name\texperience\tsalary\nAnn\t17.00\t127'815.00\n", "sep=|\nexperience|name\n2,5|Li, Wei\n3,5|Bob\n"])
def test_knows_a_table_of_few_plain_numbers(body: str) -> None:
    assert recognize(body.encode(), "text/plain") == media_types.CSV


LINES = {
    "instances": "\n".join(map(json.dumps, ROWS.tolist())),
    "objects": "".join(json.dumps({"instance": row, "id": "a"}) + "\r\n" for row in ROWS.tolist()),
    "features, as SageMaker's": "\n".join(json.dumps({"instances": [row]}) for row in ROWS.tolist()),
}


@pytest.mark.parametrize("declared", [None, "application/jsonlines", "application/x-ndjson", "application/json"])
@pytest.mark.parametrize("body", LINES.values(), ids=LINES)
def test_reads_json_lines_of(ask: Any, endpoint: FakeEndpoint, body: str, declared: str | None) -> None:
    status, answer = ask("POST", "/predictions", body, declared)
    assert (status, answer.get("detail")) == (200, None)
    assert endpoint.instances == [*map(bytes, ROWS)]


def test_names_the_line_that_cannot_be_read(ask: Any) -> None:
    status, problem = ask("POST", "/predictions", f"{json.dumps(ROWS[0].tolist())}\n[1]\n", None)
    assert (status, problem["detail"][:6]) == (422, "line 2")


PACKED = {
    "gzip": gzip.compress(PNG),
    "two gzip files after each other": gzip.compress(PNG[:200]) + gzip.compress(PNG[200:]),
    "base64": BASE64,
    "base64 of MIME": base64.encodebytes(PNG).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(PNG).decode(),
    "a data URL": f"data:image/png;base64,{BASE64}",
    "a JSON string": json.dumps(BASE64),
    "Python's bytes in JSON": json.dumps({"image": str(base64.b64encode(PNG))}),
    "JSON in a JSON string": json.dumps(json.dumps({"image": BASE64})),
    "base64 of gzip": base64.b64encode(gzip.compress(PNG)),
}


@pytest.mark.parametrize("declared", [None, "text/plain", "application/json", "image/png"])
@pytest.mark.parametrize("body", PACKED.values(), ids=PACKED)
def test_takes_a_picture_out_of(ask: Any, endpoint: FakeEndpoint, body: bytes | str, declared: str | None) -> None:
    status, answer = ask("POST", "/predictions", body, declared)
    assert (status, answer.get("detail")) == (200, None)
    assert endpoint.instances == [SEEN["png"]]


@pytest.mark.parametrize("content", [JSON, CSV])
@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", "gzip, identity", None])
def test_unpacks_text_in_gzip(ask: Any, endpoint: FakeEndpoint, content: str, encoding: str | None) -> None:
    headers = {"content-encoding": encoding} if encoding else None
    assert ask("POST", "/predictions", gzip.compress(content.encode()), "application/json", headers=headers)[0] == 200
    assert endpoint.instances == [*map(bytes, ROWS)]


@pytest.mark.parametrize("padding", [b"", bytes(20)])
def test_reads_gzip_files_with_padding_and_refuses_what_is_none_behind_them(ask: Any, endpoint: FakeEndpoint, padding: bytes) -> None:
    body = gzip.compress(JSON[:50].encode()) + padding + gzip.compress(JSON[50:].encode()) + padding
    assert ask("POST", "/predictions", body, "application/json")[0] == 200
    assert endpoint.instances == [*map(bytes, ROWS)]
    status, problem = ask("POST", "/predictions", body + b"junk", "application/json")
    assert (status, problem["detail"]) == (400, "what follows the gzip in the body is no gzip")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("content", [JSON, CSV])
def test_knows_text_in_utf_16_without_a_type(ask: Any, endpoint: FakeEndpoint, content: str, encoding: str) -> None:
    assert ask("POST", "/predictions", content.encode(encoding), None)[0] == 200
    assert endpoint.instances == [*map(bytes, ROWS)]


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_reads_what_is_said_to_be_packed_and_is_not(ask: Any, encoding: str) -> None:
    assert ask("POST", "/predictions", JSON, "application/json", headers={"content-encoding": encoding})[0] == 200


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, br", "compress"])
def test_refuses_another_encoding_by_its_name(ask: Any, encoding: str) -> None:
    status, problem = ask("POST", "/predictions", b"\x0b\x02\x80", "application/json", headers={"content-encoding": encoding})
    assert (status, problem["detail"]) == (415, f"the content encoding is {encoding.rsplit(maxsplit=1)[-1]!r}; gzip is read here")
    assert "gzip" in problem["advice"]


def test_unpacks_no_more_than_a_body_may_have(ask: Any) -> None:
    bomb = gzip.compress(bytes(12_000_000))
    status, problem = ask("POST", "/predictions", bomb, "application/json", headers={"content-encoding": "gzip"})
    assert (status, problem["type"]) == (413, "urn:inferstack:problem:too-large")
    assert "unpacked" in problem["detail"]


DAMAGED = {
    "cut off": (gzip.compress(JSON.encode())[:-9], "cut off"),
    "damaged": (gzip.compress(JSON.encode())[:60] + b"xxxx" + gzip.compress(JSON.encode())[64:], "damaged"),
    "many in a row": (gzip.compress(b"") * 5000, "one after another"),
    "in gzip in gzip in gzip in gzip": (gzip.compress(gzip.compress(gzip.compress(gzip.compress(PNG)))), "packed more than"),
}


@pytest.mark.parametrize(("body", "said"), DAMAGED.values(), ids=DAMAGED)
def test_refuses_gzip_that_is(ask: Any, body: bytes, said: str) -> None:
    status, problem = ask("POST", "/predictions", body, "application/json")
    assert status in {400, 413}
    assert said in problem["detail"]


@pytest.mark.parametrize("declared", [*VAGUE, "text/html"])
@pytest.mark.parametrize("body", ["seven", "a,b\nc,d\n", "Dear all,\nsee you at 7, or at 8\n", "\u20ac", "\x00\x01\x02\x03"])
def test_names_the_header_to_send_where_nothing_is_certain(ask: Any, body: str, declared: str | None) -> None:
    status, problem = ask("POST", "/predictions", body, declared)
    assert status == 415
    assert 'header "content-type: …"' in problem["advice"]
    assert all(kind in problem["advice"] for kind in ("image/png", "application/json", "text/csv", "application/x-npy"))


def test_answers_a_phones_photo_and_names_jobs_for_what_is_not_decoded_smaller(ask: Any, endpoint: FakeEndpoint) -> None:
    photo = on_page(any_digit()).resize((4000, 3000))
    assert ask("POST", "/predictions", encoded(photo, "JPEG"), "image/jpeg")[0] == 200
    assert distance(endpoint.instances[0], SEEN["png"]) < 30
    status, problem = ask("POST", "/predictions", encoded(photo, compress_level=1), "image/png")
    assert (status, problem["detail"][:42]) == (413, "the picture is 4000×3000, 12.0 Mpx; the li")
    assert "POST /jobs" in problem["advice"]
