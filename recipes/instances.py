"""JSON and CSV values into instances' bytes, without numpy: for the server and for functions alike.

The common case is a few C calls; only when one of them fails is the input checked value by value to say which one is wrong.
"""

import sys
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from math import isfinite, prod
from typing import Any, Literal, NamedTuple, NoReturn

from recipes.errors import Malformed, NotANumber, OutOfRange, WrongShape

Shape = tuple[int, ...]
DType = Literal["uint8", "float32"]
Pack = Callable[[Any], bytes]
RANGE = {"uint8": "a whole number from 0 to 255", "float32": "a number"}
ITEM_BYTES = {"uint8": 1, "float32": 4}
MAX_INSTANCES = 1_000  # of a request to the API: what is answered well within the time and the 6 MB of a Lambda answer
MAX_REQUEST_BYTES = 4_000_000  # to the endpoint, and of its response: a serverless one takes 4 MB, one of instances 6
PLAIN = "Write plain numbers: without quotes, units and thousands, and with a point for decimals."
MISSING = "Put a number there, or leave the row out."
SHOWN = 20  # characters of a value in an error
LARGEST = 3.4e38  # a little less than float32 holds


class PlainJson(NamedTuple):
    """A JSON document {"instances": […]} of lists, as libraries write it.

    Args:    text: what stands between the outermost brackets of the first instance and of the last.
             joint: what parts two instances.
             outline: an instance without its numerals.
             marks: what parts two numbers of an instance, in each way, with how often the outline has it.
    """

    text: bytes
    joint: bytes
    outline: bytes
    marks: tuple[tuple[bytes, int], ...]

    def has_whole_marks(self, text: bytes) -> bool:
        """Return whether no numeral stands inside of a mark, as in [1]2,[3, in an instance that has the outline."""
        return all(text.count(mark) == count for mark, count in self.marks)


def find_plain_json(body: bytes, shape: Shape) -> PlainJson | None:
    """Return what may be plain JSON of instances nested like the shape or flat, by its first and last characters; None if it is not."""
    mark = b", " if body.startswith(b'{"instances": ') else b","
    head = b'{"instances":' + mark[1:] + b"["
    if not body.startswith(b"[[", len(head)):
        shape = (prod(shape),)
    opened, closed = b"[" * len(shape), b"]" * len(shape)
    if not body.startswith(head + opened) or not body.endswith(closed + b"]}"):
        return None
    text = body[len(head + opened) : -len(closed) - 2]
    return PlainJson(text, closed + mark + opened, _draw_outline(shape, mark), _count_marks(shape, mark))


@cache
def _draw_outline(shape: Shape, mark: bytes) -> bytes:
    """Return what is between the outermost brackets of an instance, without its numbers: `,],[,` of two times two."""
    outline = mark * (shape[-1] - 1)
    for depth, length in enumerate(reversed(shape[:-1]), 1):
        outline = (b"]" * depth + mark + b"[" * depth).join([outline] * length)
    return outline


@cache
def _count_marks(shape: Shape, mark: bytes) -> tuple[tuple[bytes, int], ...]:
    """Return what parts two numbers of an instance, in each way, and how often its outline has it; a single character has no inside."""
    outline, marks = _draw_outline(shape, mark), [b"]" * depth + mark + b"[" * depth for depth in range(len(shape))]
    return tuple((each, outline.count(each)) for each in marks if len(each) > 1)


def from_json(
    instances: Sequence[Any], shape: Shape, *, may_hold_booleans: bool, called: str = "instances[{}]", dtype: DType = "uint8"
) -> list[bytes]:
    """Return the bytes of each instance of a JSON list, each nested like the shape or flat.

    Args:    called: what an instance is called in errors, by its index.
             may_hold_booleans: whether the text had a true or a false, which `pack` would take for 1 and 0.
    Raises:  WrongShape, NotANumber, OutOfRange: naming the place, e.g. instances[3][17].
    """
    rows, size, pack = [], prod(shape), PACKS[dtype]
    for index, instance in enumerate(instances):
        try:
            if may_hold_booleans:
                raise ValueError  # noqa: TRY301 - the slow path distinguishes true from 1
            rows.append(pack(instance) if len(instance) == size else _pack_nested(instance, shape, pack))
        except (ValueError, TypeError, OverflowError):
            rows.append(_parse_json_instance(instance, called.format(index), shape, dtype))
    return rows


def from_csv(body: bytes, shape: Shape, loads: Callable[[bytes], Any], *, dtype: DType = "uint8") -> list[bytes]:
    """Return the bytes of each instance of a CSV body without a header: an instance a line, its values row by row.

    Args:    loads: a JSON parser; a line in brackets is JSON.
    Raises:  WrongShape, NotANumber, OutOfRange: naming line and value, both from 1.
    """
    size, rows, pack = prod(shape), [], PACKS[dtype]
    lines = body.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    while lines and not lines[-1].strip():
        lines.pop()
    for number, line in enumerate(lines, 1):
        try:
            values = loads(b"[%b]" % line)
            if len(values) != size or b"t" in line or b"f" in line:  # bytes() would take true for 1
                raise ValueError  # noqa: TRY301 - the slow path says where it is wrong
            rows.append(pack(values))
        except (ValueError, TypeError, OverflowError, RecursionError):  # the last is json's, for brackets in brackets
            rows.append(_parse_csv_line(line, f"line {number}", size, dtype))
    return rows


def from_numbers(values: Sequence[Any], dtype: DType = "uint8", format_place: Callable[[int], str] = "value {}".format) -> bytes:
    """Return numbers as bytes of the type: for uint8, 7 and 7.0 are accepted; anything else raises with its place.

    Args:    format_place: what a value is called in errors, by its index.
    """
    pack = PACKS[dtype]
    try:
        return pack(values)
    except (ValueError, TypeError, OverflowError):
        return pack([_check_value(value, format_place(index), dtype) for index, value in enumerate(values)])


def format_shape(shape: Shape) -> str:
    """Return a shape for messages: 28, 28."""
    return ", ".join(map(str, shape))


def require_list(document: Any) -> list[Any]:
    """Return a document's list "instances", or raise Malformed."""
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list):
        raise Malformed('the body is JSON without a list "instances"', advice='Send {"instances": [[0, 255, …], …]}.')
    return instances


def _pack_floats(values: Any) -> bytes:
    """Return little-endian float32; raise ValueError if one is not finite, or is too large for it."""
    packed = array("f", values)
    if not isfinite(sum(packed)):  # a sum of float32s overflows no double
        raise ValueError
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


PACKS: dict[str, Pack] = {"uint8": bytes, "float32": _pack_floats}


def _parse_csv_line(line: bytes, where: str, size: int, dtype: DType) -> bytes:
    text = line.decode("utf-8", "replace").strip()
    held = text.count(",") + 1 if text else 0
    values = []
    for position, cell in enumerate(text.split(",", size)[:size] if text else [], 1):
        at = f"{where}, value {position}"
        values.append(
            _check_value(_parse_number(cell.strip()), at, dtype, advice="Leave the header line out." if at == "line 1, value 1" else "")
        )
    if held != size:
        raise WrongShape(f"{where} has {held} values; expected {size}", advice="Leave the label column out." if held == size + 1 else "")
    return PACKS[dtype](values)


def _parse_number(cell: str) -> float | str:
    try:
        return float(cell) if cell.isascii() and "_" not in cell else cell  # Python accepts spellings, like 1_000, that CSV does not have
    except ValueError:
        return cell


def _pack_nested(values: Any, shape: Shape, pack: Pack) -> bytes:
    if len(values) != shape[0]:
        raise ValueError
    if len(shape) == 2 and set(map(len, values)) == {shape[1]}:
        return b"".join(map(pack, values))
    return pack(values) if len(shape) == 1 else b"".join([_pack_nested(value, shape[1:], pack) for value in values])


def _parse_json_instance(instance: Any, where: str, shape: Shape, dtype: DType) -> bytes:
    size = prod(shape)
    if isinstance(instance, list) and len(instance) == size and len(shape) > 1 and not isinstance(instance[0], list):
        shape = (size,)
    if not isinstance(instance, list) or len(instance) != shape[0]:
        held = f"{len(instance)} value{'s'[: len(instance) != 1]}" if isinstance(instance, list) else _show(instance)
        expected = (
            f"{shape[0]} value{'s'[: shape[0] != 1]}"
            if len(shape) == 1
            else f"{shape[0]} lists of {format_shape(shape[1:])}, or {size} values"
        )
        raise WrongShape(f"{where} is {held}; expected {expected}")
    if len(shape) > 1:
        return b"".join([_parse_json_instance(value, f"{where}[{index}]", shape[1:], dtype) for index, value in enumerate(instance)])
    return PACKS[dtype]([_check_value(value, f"{where}[{index}]", dtype) for index, value in enumerate(instance)])


def _check_value(value: Any, where: str, dtype: DType, advice: str = "") -> float:
    """Return the value as one of the type: for uint8, 7 and 7.0 are accepted; anything else raises an error with its place."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - only NaN differs from itself
        _refuse_not_a_number(value, where, dtype, advice)
    if dtype == "float32":
        if not -LARGEST < value < LARGEST:
            raise OutOfRange(f"{where} is {_show(value)}; expected a number of less than {LARGEST:.1e}, which float32 holds")
        return float(value)
    if not 0 <= value <= 255 or value != int(value):
        advice = "Values from 0 to 1 must be multiplied by 255 and rounded." if 0 < value < 1 else ""
        raise OutOfRange(f"{where} is {_show(value)}; expected {RANGE[dtype]}", advice=advice)
    return int(value)


def _refuse_not_a_number(value: Any, where: str, dtype: DType, advice: str) -> NoReturn:
    if not advice and isinstance(value, str):
        advice = PLAIN if any(map(str.isdigit, value[:SHOWN])) else MISSING
    elif not advice and (value is None or isinstance(value, float)):
        advice = f"{MISSING} numpy.nan_to_num(x) puts 0 for NaN." if dtype == "uint8" else MISSING  # 0 is no ink, and some other number
    elif not advice and isinstance(value, dict):
        advice = "Send the number itself, with no object around it."
    raise NotANumber(f"{where} is {_show(value)}; expected {RANGE[dtype]}", advice=advice)


def _show(value: Any) -> str:
    if isinstance(value, list | dict):
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value)}"
    if isinstance(value, str):
        return repr(value[:SHOWN]) if value else "empty"
    text = "null" if value is None else str(value).lower()
    return f"{value:.10g}" if isinstance(value, float) and len(text) > SHOWN else text[:SHOWN]
