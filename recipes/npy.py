"""The header of NumPy's .npy format, read and written without numpy and without trusting it."""

import re
import struct
from array import array
from collections.abc import Sequence
from math import prod
from sys import byteorder
from typing import Any, NamedTuple

from recipes import instances
from recipes.errors import Malformed, WrongShape
from recipes.instances import DType

MAGIC = b"\x93NUMPY"
LONGEST_HEADER_BYTES = 1024  # a uint8 header has 118
LONGEST_DESCR_BYTES, LONGEST_LENGTH_BYTES = 10, 19
_TYPE, _ORDER, _SHAPE, _ORDERS = b"{'descr': '", b"', 'fortran_order': ", b", 'shape': (", (b"False", b"True")
_ALIGNMENT = 64
DESCRS: dict[DType, str] = {"uint8": "|u1", "float32": "<f4"}
# numpy's names of the types whose values may be those of an instance, as the codes of array and struct.
NUMBERS = {"u1": "B", "i1": "b", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q", "f2": "e", "f4": "f", "f8": "d"}
BOOLEAN = "b1"
_BOOLEANS = b"\0" + b"\xff" * 255
# What a dictionary of three simple values is written with: nothing here can call, comment or escape.
UNSTRUCTURED = "numpy.lib.recfunctions.structured_to_unstructured(x)."
# By how numpy's names of other types begin.
_ADVICE = {
    "O": "It holds objects of Python, as where rows are of several lengths. If all are of one: numpy.stack(list(x)).astype('float32').",
    "[": f"It has named fields: {UNSTRUCTURED}",
    "c": "It holds complex numbers: x.real.",
    **dict.fromkeys(
        "Mm", "It holds dates or times: bring them to numbers in the unit that is expected, as x / numpy.timedelta64(1, 'D') of days."
    ),
}
_PLAIN = rb"[\w\s'\"{}()\[\]<>=|,:.-]*"  # compiled when a file is not as numpy writes it


class Header(NamedTuple):
    """What a .npy file says of its array; the values begin at `offset`."""

    shape: tuple[int, ...]
    fortran_order: bool
    descr: str
    offset: int


def find_values(body: bytes) -> int:
    """Return where the values begin; raise Malformed if this is not an .npy file of version 1.0 or 2.0."""
    if body[:6] != MAGIC or len(body) < 12:
        raise Malformed("the body does not begin like an .npy file", advice="Write it with numpy.save.")
    if body[6:8] == b"\x01\x00":
        offset = 10 + int.from_bytes(body[8:10], "little")
    elif body[6:8] == b"\x02\x00":
        offset = 12 + int.from_bytes(body[8:12], "little")
    else:
        detail = f"the body is .npy version {body[6]}.{body[7]}; 1.0 and 2.0 are read here"
        raise Malformed(detail, advice=f"Version 3.0 is of arrays with named fields: {UNSTRUCTURED}")
    if offset > len(body) or offset > LONGEST_HEADER_BYTES:
        raise Malformed(f"the .npy header has {offset} bytes; the body has {len(body)} and a header may have {LONGEST_HEADER_BYTES}")
    return offset


def read_header(body: bytes) -> Header:
    """Return what the file says of its array; the sizes in it are not yet checked against the body.

    Raises:  Malformed: not an .npy file, or its header is not a dictionary of descr, fortran_order and shape.
    Source:  numpy.lib.format, versions 1.0 and 2.0.
    """
    offset = find_values(body)
    text = body[10 if body[6] == 1 else 12 : offset]
    if ordinary := _read_ordinary(text):
        return Header(*ordinary, offset)
    import ast  # noqa: PLC0415 - numpy itself writes what needs none, and a function's start would pay for it

    try:
        plain = re.fullmatch(_PLAIN, text)
        fields: Any = ast.literal_eval(text.decode("ascii").strip()) if plain else None
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise Malformed("the .npy header is not a dictionary of descr, fortran_order and shape") from error
    if not isinstance(fields, dict) or set(fields) != {"descr", "fortran_order", "shape"}:
        raise Malformed("the .npy header is not a dictionary of descr, fortran_order and shape")
    shape, fortran_order = fields["shape"], fields["fortran_order"]
    if (
        not isinstance(shape, tuple)
        or not all(type(length) is int and length >= 0 for length in shape)
        or not isinstance(fortran_order, bool)
    ):
        raise Malformed(f"the .npy header has shape {str(shape)[:80]} and fortran_order {str(fortran_order)[:80]}")
    return Header(shape, fortran_order, str(fields["descr"])[:80], offset)


def _read_ordinary(text: bytes) -> tuple[tuple[int, ...], bool, str] | None:
    """Return shape, order and type of a header as numpy itself writes it; None for any other: a parser of Python takes 20 times as long."""
    type_, _, rest = text.partition(_ORDER)
    order, _, rest = rest.partition(_SHAPE)
    lengths, _, end = rest.partition(b"), }")
    descr = type_.removeprefix(_TYPE)
    if descr == type_ or order not in _ORDERS or end.strip() or not descr.lstrip(b"|<>=").isalnum() or len(descr) > LONGEST_DESCR_BYTES:
        return None
    parts = lengths.split(b", ")
    if len(parts) == 1:
        parts = [lengths[:-1]] if lengths.endswith(b",") else [b"-"]  # (28) is a number, and (28,) a shape
    if not all(part.isdigit() and len(part) < LONGEST_LENGTH_BYTES and (part[:1] != b"0" or part == b"0") for part in parts):
        return None
    return tuple(map(int, parts)), order == b"True", descr.decode()


def check_length(body: bytes, header: Header, item_bytes: int) -> None:
    """Raise Malformed unless the body holds exactly the values its header announces."""
    announced, held = prod(header.shape) * item_bytes, len(body) - header.offset
    if announced != held:
        detail = f"the .npy header says {announced // item_bytes} values; the body holds {held // item_bytes}"
        raise Malformed(detail, advice=advise_length(announced, held))


def advise_length(announced: int, held: int) -> str:
    """Return what to do with an array that has other bytes than its header says."""
    return "Send the whole file." if held < announced else "Send one array by itself; join several with numpy.concatenate."


def get_item_bytes(header: Header, dtype: DType = "uint8") -> int:
    """Return the size of one value; raise WrongShape if no value of the array's type can be one of dtype's."""
    kind = header.descr.lstrip("|<>=")
    if kind == BOOLEAN and dtype == "uint8":
        return 1
    if kind not in NUMBERS:
        advice = _ADVICE.get(kind[:1], "Convert it with .astype('float32').")
        raise WrongShape(f"the array's dtype is {header.descr!r}; expected {dtype}", advice=advice)
    return int(kind[1:])


def convert(values: bytes, header: Header, dtype: DType = "uint8") -> bytes:
    """Return values of the array's type as dtype's; booleans as 0 and 255.

    Raises:  NotANumber, OutOfRange: one is not a whole number from 0 to 255, or not finite; its place is counted from 0.
    """
    kind = header.descr.lstrip("|<>=")
    if kind == "u1" and dtype == "uint8":
        return values
    if kind == BOOLEAN:
        return values.translate(_BOOLEANS)
    return instances.from_numbers(parse_values(values, header), dtype)


def parse_values(values: bytes, header: Header) -> Sequence[float]:
    """Return values of the array's type as numbers."""
    kind, order = header.descr.lstrip("|<>="), header.descr[:1]
    if kind == "f2":
        return list(struct.unpack(f"{order if order in '<>' else '='}{len(values) // 2}e", values))
    numbers = array(NUMBERS[kind])
    numbers.frombytes(values)
    if order in "<>" and (order == ">") == (byteorder == "little"):
        numbers.byteswap()
    return numbers.tolist()


def write(values: bytes, shape: tuple[int, ...], dtype: DType = "uint8") -> bytes:
    """Return values of a shape as a .npy file of version 1.0."""
    return write_as(values, shape, DESCRS[dtype])


def write_as(values: bytes, shape: tuple[int, ...], descr: str) -> bytes:
    """Return values of any type as a .npy file of version 1.0; see `write`.

    Args:    descr: numpy's name of the type and its byte order.
    """
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    padding = -(10 + len(text) + 1) % _ALIGNMENT
    return MAGIC + b"\x01\x00" + (len(text) + padding + 1).to_bytes(2, "little") + text + b" " * padding + b"\n" + values
