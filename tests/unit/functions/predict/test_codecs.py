"""Bodies into instances: every spelling of the same instances gives the same bytes, everything else is refused with its place."""

import base64
import io
import json
import re
from typing import Any

import numpy as np
import pytest

from functions.predict.reading.codecs import decode
from recipes import errors
from recipes.recipe import load
from tests.digits import GOLDEN, any_digit, encoded, on_page

DIGITS = load("digits")
BATCH = np.random.default_rng(4).integers(0, 256, (3, 28, 28), np.uint8)
ONE = BATCH[0]
PICTURE = encoded(on_page(any_digit()))
JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"


def json_of(value: Any) -> bytes:
    return json.dumps(value).encode()


def npy(values: np.ndarray, **options: Any) -> bytes:  # type: ignore[type-arg]
    file = io.BytesIO()
    np.lib.format.write_array(file, values, **options)
    return file.getvalue()


def csv(rows: list[list[Any]]) -> bytes:
    return "\n".join(",".join(map(str, row)) for row in rows).encode()


SPELLINGS = {
    "instances": (JSON, json_of({"instances": BATCH.tolist()})),
    "flat instances": (JSON, json_of({"instances": BATCH.reshape(3, 784).tolist()})),
    "whole floats": (JSON, json_of({"instances": BATCH.astype(float).tolist()})),
    "a list of instances": (JSON, json_of(BATCH.tolist())),
    "a list of flat instances": (JSON, json_of(BATCH.reshape(3, 784).tolist())),
    "lines": (CSV, csv(BATCH.reshape(3, 784).tolist())),
    "lines of DOS after a byte order mark": (
        CSV,
        b"\xef\xbb\xbf" + csv(BATCH.reshape(3, 784).tolist()).replace(b"\n", b"\r\n") + b"\r\n\r\n",
    ),
    "lines of floats": (CSV, csv(BATCH.reshape(3, 784).astype(float).tolist())),
    "npy": (NPY, npy(BATCH)),
    "npy version 2": (NPY, npy(BATCH, version=(2, 0))),
    "npy in Fortran's order": (NPY, npy(np.asfortranarray(BATCH))),
    "flat npy in Fortran's order": (NPY, npy(np.asfortranarray(BATCH.reshape(3, 784)))),
    **{f"npy of {kind}": (NPY, npy(BATCH.astype(kind))) for kind in ("<i2", ">i2", "<u2", ">u4", "<i8", ">f4", "<f8")},
}
SPELLINGS_OF_ONE = {
    "a bare instance": (JSON, json_of(ONE.tolist())),
    "a bare flat instance": (JSON, json_of(ONE.ravel().tolist())),
    "one in a list": (JSON, json_of([ONE.tolist()])),
    "a line": (CSV, csv([ONE.ravel().tolist()])),
    "npy": (NPY, npy(ONE)),
    "flat npy": (NPY, npy(ONE.ravel())),
    "npy in Fortran's order": (NPY, npy(np.asfortranarray(ONE))),
}
PICTURES = {
    "a type": ("image/png", PICTURE),
    "the type of another picture": ("image/jpeg", PICTURE),
    "its first bytes": ("", PICTURE),
    "its first bytes, as octets": ("application/octet-stream", PICTURE),
    "the first bytes of an array": ("application/octet-stream", npy(np.frombuffer(DIGITS.from_image(PICTURE), np.uint8))),
    "base64": (JSON, json_of({"image": base64.b64encode(PICTURE).decode()})),
    "a data URL": (JSON, json_of({"image": f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"})),
}


@pytest.mark.parametrize(("content_type", "body"), SPELLINGS.values(), ids=SPELLINGS)
def test_reads_instances_as(content_type: str, body: bytes) -> None:
    assert decode(body, content_type, DIGITS).instances == BATCH.tobytes()


@pytest.mark.parametrize(("content_type", "body"), SPELLINGS_OF_ONE.values(), ids=SPELLINGS_OF_ONE)
def test_reads_one_instance_as(content_type: str, body: bytes) -> None:
    assert decode(body, content_type, DIGITS).instances == ONE.tobytes()


@pytest.mark.parametrize(("content_type", "body"), PICTURES.values(), ids=PICTURES)
def test_knows_a_picture_by(content_type: str, body: bytes) -> None:
    assert decode(body, content_type, DIGITS).instances == DIGITS.from_image(PICTURE)


def test_reads_a_jpeg() -> None:
    photo = (GOLDEN / "photo.jpg").read_bytes()
    assert decode(photo, "image/jpeg", DIGITS).instances == DIGITS.from_image(photo)


def with_value(value: Any, row: int = 1, column: int = 5) -> list[list[Any]]:
    rows: list[list[Any]] = BATCH.reshape(3, 784).tolist()
    rows[row][column] = value
    return rows


JSON_REFUSED = {
    "NaN": (with_value(float("nan")), errors.NotANumber, r"instances\[1\]\[5\] is nan"),
    "a string": (with_value("x7"), errors.NotANumber, r"instances\[1\]\[5\] is 'x7'"),
    "a boolean": (with_value(True), errors.NotANumber, r"instances\[1\]\[5\] is true"),
    "null": (with_value(None), errors.NotANumber, r"instances\[1\]\[5\] is null"),
    "-1": (with_value(-1), errors.OutOfRange, r"instances\[1\]\[5\] is -1"),
    "256": (with_value(256), errors.OutOfRange, r"instances\[1\]\[5\] is 256"),
    "a fraction": (with_value(0.5), errors.OutOfRange, r"instances\[1\]\[5\] is 0.5"),
    "infinity": (with_value(float("inf")), errors.OutOfRange, r"instances\[1\]\[5\] is inf"),
    "783 values": ([[0] * 783], errors.WrongShape, r"instances\[0\] is 783 values; expected 28 lists of 28, or 784 values"),
    "a short row": ([[[0] * 28] * 27 + [[0] * 27]], errors.WrongShape, r"instances\[0\]\[27\] is 27 values; expected 28"),
    "27 rows": ([[[0] * 28] * 27], errors.WrongShape, r"instances\[0\] is 27 values"),
    "a number": ([3], errors.WrongShape, r"instances\[0\] is 3"),
    "an object": ([{"a": 1}], errors.WrongShape, r"instances\[0\] holds no instance"),
}


@pytest.mark.parametrize(("instances", "kind", "message"), JSON_REFUSED.values(), ids=JSON_REFUSED)
def test_refuses_json_with(instances: Any, kind: type[errors.InvalidInput], message: str) -> None:
    with pytest.raises(kind, match=message) as raised:
        decode(json_of({"instances": instances}), JSON, DIGITS)
    assert raised.type is kind


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff", b"3", b'"x"', b"null", b"{}", b'{"instances":3}', b"9" * 5000])
def test_refuses_json_that_holds_no_instances(body: bytes) -> None:
    with pytest.raises(errors.Malformed):
        decode(body, JSON, DIGITS)


def test_refuses_json_with_both_a_picture_and_instances() -> None:
    body = json_of({"image": base64.b64encode(PICTURE).decode(), "instances": BATCH.tolist()})
    with pytest.raises(errors.Malformed, match='both "image" and "instances"'):
        decode(body, JSON, DIGITS)


@pytest.mark.parametrize("image", [3, None, "not base64", "data:image/png", "é", ["x"]])
def test_refuses_an_image_that_is_not_base64(image: Any) -> None:
    with pytest.raises((errors.Malformed, errors.UnsupportedType, errors.WrongShape)):
        decode(json_of({"image": image}), JSON, DIGITS)


PHOTO = (GOLDEN / "photo.jpg").read_bytes()
UNREADABLE = [
    *((JSON, body) for body in (b"[" + b"9" * 5000 + b"]", b"[" * 100_000, b"\xe9", b"[x]", b'{"image": "abcde"}', b'{"image": null}')),
    (JSON, '{"image": "éé"}'.encode()),
    *(("image/png", PICTURE[:length]) for length in range(8, len(PICTURE) - 12, 9)),
    *(("image/jpeg", PHOTO[:length]) for length in range(3, 700, 23)),
    *(("image/png", PICTURE[:place] + b"\xff" + PICTURE[place + 1 :]) for place in range(8, 60)),
]
INTERNALS = re.compile(r"0x[0-9a-f]{6}| object at|sys\.|codec|recursion|unpack|buffer|NoneType|struct|module|integer string", re.IGNORECASE)


def test_says_what_is_wrong_without_how_it_is_read() -> None:
    details = []
    for content_type, body in UNREADABLE:
        try:
            decode(body, content_type, DIGITS)
        except errors.InvalidInput as error:
            details.append(error.detail)
    assert len(details) > 100
    assert [each for each in details if INTERNALS.search(each)] == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_takes_no_boolean_among_numbers_in_any_encoding(encoding: str) -> None:
    with pytest.raises(errors.NotANumber, match="is true"):
        decode(json.dumps([True] + [9] * 783).encode(encoding), JSON, DIGITS)


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-be"])
def test_refuses_json_in_utf_32(encoding: str) -> None:
    with pytest.raises((errors.Malformed, errors.UnsupportedType)):
        decode(json.dumps([9] * 784).encode(encoding), JSON, DIGITS)


def test_reads_json_after_a_byte_order_mark() -> None:
    assert decode(b"\xef\xbb\xbf" + json_of(ONE.tolist()), JSON, DIGITS).instances == ONE.tobytes()


CSV_REFUSED = {
    "a header of another width": (b"label,pixel\n", errors.WrongShape, "the header names 1 column of values; expected 784"),
    "a word": (csv(with_value("seven")), errors.NotANumber, "line 2, value 6 is 'seven'"),
    "an empty cell": (csv(with_value("")), errors.NotANumber, "line 2, value 6 is empty"),
    "nan": (csv(with_value("nan")), errors.NotANumber, "line 2, value 6 is nan"),
    "256": (csv(with_value(256)), errors.OutOfRange, "line 2, value 6 is 256"),
    "783 values": (csv([[0] * 783]), errors.WrongShape, "line 1 has 783 values; expected 784"),
    "a label column": (csv([[0] * 784, [0] * 785]), errors.WrongShape, "line 2 has 785 values"),
    "brackets too deep for a JSON parser": (b"[" * 200_000, errors.Malformed, "nested too deeply"),
}


@pytest.mark.parametrize(("body", "kind", "message"), CSV_REFUSED.values(), ids=CSV_REFUSED)
def test_refuses_csv_with(body: bytes, kind: type[errors.InvalidInput], message: str) -> None:
    with pytest.raises(kind, match=message):
        decode(body, CSV, DIGITS)


def with_float(value: float) -> np.ndarray:  # type: ignore[type-arg]
    values = BATCH.astype(float)
    values[0, 0, 5] = value
    return values


NPY_REFUSED = {
    "nan": (npy(with_float(float("nan"))), errors.NotANumber, "value 5 is nan"),
    "a fraction": (npy(with_float(0.5)), errors.OutOfRange, "value 5 is 0.5"),
    "256": (npy(with_float(256)), errors.OutOfRange, "value 5 is 256"),
    "long floats": (npy(BATCH.astype("g")), errors.WrongShape, "dtype is '<f16'"),
    "complex numbers": (npy(BATCH.astype("c8")), errors.WrongShape, "dtype is '<c8'"),
    "strings": (npy(np.full((28, 28), "7")), errors.WrongShape, "dtype is '<U1'"),
    "objects": (npy(np.full((28, 28), None, object), allow_pickle=True), errors.WrongShape, r"dtype is '\|O'"),
    "fields": (npy(np.zeros((28, 28), [("a", "u1")])), errors.WrongShape, "dtype is"),
    "another shape": (npy(np.zeros((2, 14, 28), np.uint8)), errors.WrongShape, r"shape \[2, 14, 28\]; expected \[N, 28, 28\]"),
    "no shape": (npy(np.uint8(3)), errors.WrongShape, r"shape \[\]"),
    "too many dimensions": (npy(np.zeros((2, 3, 28, 28), np.uint8)), errors.WrongShape, r"shape \[2, 3, 28, 28\]"),
    "a byte too few": (npy(BATCH)[:-1], errors.Malformed, "says 2352 values; the body holds 2351"),
    "a byte too many": (npy(BATCH) + b"\0", errors.Malformed, "says 2352 values; the body holds 2353"),
    "half a float": (npy(BATCH.astype("f4"))[:-2], errors.Malformed, "says 2352 values"),
    "a claim of exabytes": (npy(BATCH).replace(b"(3, 28", b"(" + b"9" * 18 + b", 28")[:200], errors.Malformed, "says"),
    "code in its header": (npy(BATCH).replace(b"False", b"id(1)"), errors.Malformed, "header"),
    "nothing": (b"", errors.Malformed, "does not begin like"),
}


@pytest.mark.parametrize(("body", "kind", "message"), NPY_REFUSED.values(), ids=NPY_REFUSED)
def test_refuses_npy_with(body: bytes, kind: type[errors.InvalidInput], message: str) -> None:
    with pytest.raises(kind, match=message):
        decode(body, NPY, DIGITS)


@pytest.mark.parametrize("content_type", ["", "application/octet-stream", "text/html", "image/x-icon", "multipart/form-data", "x" * 5000])
def test_refuses_a_type_nothing_reads_and_names_those_that_are_read(content_type: str) -> None:
    with pytest.raises(errors.UnsupportedType) as raised:
        decode(b"\x00\x00\x01\x00", content_type, DIGITS)
    assert all(kind in raised.value.advice for kind in ("image/png", "image/jpeg", JSON, CSV, NPY))
    assert len(raised.value.detail) < 200
