"""Numbers of a regression: float32 instances out of JSON, CSV and npy."""

import json
import struct
from array import array

import pytest

from recipes import instances, npy
from recipes.errors import InvalidInput, NotANumber, OutOfRange, WrongShape

PAIR = (2,)


def floats(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


def from_json(*rows: object) -> list[bytes]:
    text = json.dumps(rows)
    return instances.from_json(json.loads(text), PAIR, may_hold_booleans="true" in text, dtype="float32")


def from_csv(body: bytes) -> list[bytes]:
    return instances.from_csv(body, PAIR, json.loads, dtype="float32")


def test_reads_json_and_csv_alike() -> None:
    expected = [floats(1.5, -2), floats(3e4, 0)]
    assert from_json([1.5, -2], [3e4, 0]) == expected
    assert from_csv(b"1.5,-2\n3e4, 0\r\n") == expected
    assert from_csv(b".5,+2\n") == [floats(0.5, 2)]  # spellings that JSON does not know


@pytest.mark.parametrize(
    ("row", "expected", "said"),
    [
        ([1, "two"], NotANumber, r"instances\[0\]\[1\] is 'two'; expected a number"),
        ([1, None], NotANumber, r"is null; expected a number"),
        ([True, 1], NotANumber, r"instances\[0\]\[0\] is true"),
        ([1, float("nan")], NotANumber, r"is nan"),
        ([1, float("inf")], OutOfRange, r"is inf; expected a number of less than 3.4e\+38"),
        ([float("inf"), float("-inf")], OutOfRange, r"\[0\] is inf"),
        ([1, 1e39], OutOfRange, r"is 1e\+39"),
        ([1, 10**400], OutOfRange, r"\[1\] is 1000"),
        ([1], WrongShape, r"is 1 value; expected 2 values"),
        ([1, 2, 3], WrongShape, r"is 3 values; expected 2 values"),
        (7, WrongShape, r"instances\[0\] is 7"),
        ("ab", WrongShape, r"instances\[0\] is 'ab'"),
    ],
)
def test_says_where_json_is_no_number(row: object, expected: type[InvalidInput], said: str) -> None:
    with pytest.raises(expected, match=said):
        from_json(row)


@pytest.mark.parametrize(
    ("body", "expected", "said"),
    [
        (b"years,size\n1,2", NotANumber, "line 1, value 1 is 'years'; expected a number"),
        (b"1,2\n1,", NotANumber, "line 2, value 2 is empty"),
        (b"1,nan", NotANumber, "line 1, value 2 is nan"),
        (b"1,inf", OutOfRange, "line 1, value 2 is inf"),
        (b"1,Infinity", OutOfRange, "line 1, value 2 is inf"),
        (b"1,true", NotANumber, "line 1, value 2 is 'true'"),
        (b"1,1e400", OutOfRange, "line 1, value 2 is inf"),
        (b"1,2\n1,2,3", WrongShape, "line 2 has 3 values; expected 2"),
    ],
)
def test_says_where_csv_is_no_number(body: bytes, expected: type[InvalidInput], said: str) -> None:
    with pytest.raises(expected, match=said):
        from_csv(body)


@pytest.mark.parametrize(("descr", "code"), [("<f4", "f"), ("<f8", "d"), ("<i8", "q"), ("|u1", "B"), ("|i1", "b")])
def test_takes_every_type_of_number_in_npy(descr: str, code: str) -> None:
    header = npy.Header((2,), fortran_order=False, descr=descr, offset=0)
    values = array(code, [7, 2])
    assert npy.get_item_bytes(header, "float32") == values.itemsize
    assert npy.convert(values.tobytes(), header, "float32") == floats(7, 2)


def test_refuses_what_is_no_number_in_npy() -> None:
    header = npy.Header((2,), fortran_order=False, descr="<f8", offset=0)
    with pytest.raises(NotANumber, match="value 1 is nan"):
        npy.convert(struct.pack("<2d", 1, float("nan")), header, "float32")
    with pytest.raises(WrongShape, match="dtype is '<c8'; expected float32"):
        npy.get_item_bytes(header._replace(descr="<c8"), "float32")


def test_writes_npy_that_it_reads() -> None:
    body = npy.write(floats(1, 2), (1, 2), "float32")
    header = npy.read_header(body)
    assert (header.descr, header.shape, body[header.offset :]) == ("<f4", (1, 2), floats(1, 2))
