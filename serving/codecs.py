"""Request bodies into uint8 instances. An error names the place and what stands there; nothing here knows HTTP.

Every decoder takes the body and the shape of one instance and gives uint8 [N, *shape]. The common case is a few C calls; only when one of
them refuses is the body walked value by value to say where it is wrong.
"""

from collections.abc import Callable
from math import prod
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import orjson

from recipes.errors import Malformed, NotANumber, OutOfRange, UnsupportedType, WrongShape
from serving import npy

UInt8 = npt.NDArray[np.uint8]
Shape = tuple[int, ...]
NPY, CSV, JSON, PNG, JPEG = "application/x-npy", "text/csv", "application/json", "image/png", "image/jpeg"
PICTURES = (PNG, JPEG)
RANGE = "a whole number from 0 to 255"


def media_type(header: str) -> str:
    """Return a Content-Type's media type: lower case, without parameters."""
    return header.partition(";")[0].strip().lower()


def decoder(content_type: str, shape: Shape, from_image: Callable[[bytes], bytes] | None) -> Callable[[bytes], UInt8]:
    """Return what reads this content type; raise UnsupportedType naming those that can be read.

    Args:    content_type: the header as it came.
             shape: of one instance.
             from_image: the recipe's transform from a picture to one instance, or None if it takes no pictures.
    """
    kind = media_type(content_type)
    if kind in PICTURES and from_image is not None:
        return lambda body: np.frombuffer(from_image(body), np.uint8).reshape(1, *shape)
    if kind in DECODERS:
        decode = DECODERS[kind]
        return lambda body: decode(body, shape)
    raise UnsupportedType(
        f"the content type is {content_type[:80]!r}" if kind else "the request has no content type",
        advice="Send " + ", ".join([*DECODERS, *(PICTURES if from_image else ())]) + ".",
    )


def from_npy(body: bytes, shape: Shape) -> UInt8:
    """Return the instances of an .npy file holding uint8 [N, *shape] or one instance, [*shape]."""
    array = npy.read(body)
    if array.shape[1:] == shape:
        instances = array
    elif array.shape == shape:
        instances = array[np.newaxis]
    else:
        raise WrongShape(f"the array has shape {list(array.shape)}; expected [N, {_lengths(shape)}] or [{_lengths(shape)}]")
    return np.ascontiguousarray(instances)


def from_csv(body: bytes, shape: Shape) -> UInt8:
    """Return the instances of a CSV body without a header: an instance a line, its values row by row."""
    size, rows = prod(shape), []
    lines = body.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    while lines and not lines[-1].strip():
        lines.pop()
    for number, line in enumerate(lines, 1):
        try:
            values = orjson.loads(b"[%b]" % line)
            if len(values) != size or b"t" in line or b"f" in line:  # bytes() would take true for 1
                raise ValueError  # noqa: TRY301  the slow path says where it is wrong
            rows.append(bytes(values))
        except (ValueError, TypeError):
            rows.append(_csv_line(line, f"line {number}", size))
    return _stack(rows, shape)


def _csv_line(line: bytes, where: str, size: int) -> bytes:
    text = line.decode("utf-8", "replace").strip()
    held = text.count(",") + 1 if text else 0
    values = bytearray()
    for position, cell in enumerate(text.split(",", size)[:size] if text else [], 1):
        at = f"{where}, value {position}"
        values.append(_byte(_number(cell.strip()), at, advice="Leave the header line out." if at == "line 1, value 1" else ""))
    if held != size:
        raise WrongShape(f"{where} has {held} values; expected {size}", advice="Leave the label column out." if held == size + 1 else "")
    return bytes(values)


def _number(cell: str) -> float | str:
    try:
        return float(cell) if cell.isascii() and "_" not in cell else cell  # Python's own spellings are none of CSV's
    except ValueError:
        return cell


def from_json(body: bytes, shape: Shape) -> UInt8:
    """Return the instances of `{"instances": […]}`, each nested like the shape or flat."""
    try:
        document = orjson.loads(body)
    except ValueError as error:
        raise Malformed(f"the body is not JSON: {error}") from error
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list):
        raise Malformed('the body is JSON without a list "instances"', advice='Send {"instances": [[0, 255, …], …]}.')
    may_hold_booleans = b"true" in body or b"false" in body  # bytes() would take true for 1
    rows, size = [], prod(shape)
    for index, instance in enumerate(instances):
        try:
            if may_hold_booleans:
                raise ValueError  # noqa: TRY301  the slow path tells true from 1
            rows.append(bytes(instance) if len(instance) == size else _nested(instance, shape))
        except (ValueError, TypeError):
            rows.append(_json_instance(instance, f"instances[{index}]", shape))
    return _stack(rows, shape)


def _nested(values: Any, shape: Shape) -> bytes:
    if len(values) != shape[0]:
        raise ValueError
    return bytes(values) if len(shape) == 1 else b"".join([_nested(value, shape[1:]) for value in values])


def _json_instance(instance: Any, where: str, shape: Shape) -> bytes:
    size = prod(shape)
    if isinstance(instance, list) and len(instance) == size and len(shape) > 1 and not isinstance(instance[0], list):
        shape = (size,)
    if not isinstance(instance, list) or len(instance) != shape[0]:
        held = f"{len(instance)} values" if isinstance(instance, list) else _shown(instance)
        expected = f"{shape[0]} values" if len(shape) == 1 else f"{shape[0]} lists of {_lengths(shape[1:])}, or {size} values"
        raise WrongShape(f"{where} is {held}; expected {expected}")
    if len(shape) > 1:
        return b"".join([_json_instance(value, f"{where}[{index}]", shape[1:]) for index, value in enumerate(instance)])
    return bytes([_byte(value, f"{where}[{index}]") for index, value in enumerate(instance)])


def _byte(value: Any, where: str, advice: str = "") -> int:
    """Return the value as one of 0-255: 7 and 7.0 are; everything else raises with its place."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124  only NaN differs from itself
        _not_a_number(value, where, advice)
    if not 0 <= value <= 255 or value != int(value):
        advice = "Values from 0 to 1 must be multiplied by 255 and rounded." if 0 < value < 1 else ""
        raise OutOfRange(f"{where} is {_shown(value)}; expected {RANGE}", advice=advice)
    return int(value)


def _not_a_number(value: Any, where: str, advice: str) -> NoReturn:
    raise NotANumber(f"{where} is {_shown(value)}; expected {RANGE}", advice=advice)


def _shown(value: Any) -> str:
    if isinstance(value, list | dict):
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value)}"
    if isinstance(value, str):
        return repr(value[:20]) if value else "empty"
    return "null" if value is None else str(value).lower()[:20]


def _lengths(shape: Shape) -> str:
    return ", ".join(map(str, shape))


def _stack(rows: list[bytes], shape: Shape) -> UInt8:
    return np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), *shape)


DECODERS: dict[str, Callable[[bytes, Shape], UInt8]] = {NPY: from_npy, CSV: from_csv, JSON: from_json}
