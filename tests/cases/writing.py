"""What the cases are of: a 7 and a 1, and the ways in which programs write numbers."""

import base64
import io
import json
from typing import Any, NamedTuple

import numpy as np

from tests.digits import any_digit, encoded, on_page

Array = np.ndarray[Any, Any]


class Case(NamedTuple):
    """One way to write instances.

    Args:    kind: the media type.
             instances: what is meant.
             notes: the codes of what the answer says of it.
             labels: of the rows, where the sender gives them.
             recipe: whose instances they are.
    """

    kind: str
    body: bytes
    instances: tuple[bytes, ...]
    notes: tuple[str, ...] = ()
    labels: tuple[object, ...] = ()
    recipe: str = "digits"


class Refused(NamedTuple):
    """One way whose meaning is not certain: what the error says, and what mends it."""

    kind: str
    body: bytes
    code: str
    detail: str
    advice: str
    recipe: str = "digits"


def draw_seven() -> Array:
    """Return a 7 as MNIST has it: bright on black, in a box of 20 pixels."""
    digit = np.zeros((28, 28), np.uint8)
    digit[4:7, 6:22] = 255
    for row in range(7, 24):
        left = 20 - (row - 4) // 2
        digit[row, left : left + 3] = 252
        digit[row, left - 1] = 90
    return digit


def draw_one() -> Array:
    """Return a 1."""
    digit = np.zeros((28, 28), np.uint8)
    digit[4:24, 13:15] = 254
    digit[4:24, 12] = 17
    return digit


SEVEN, ONE = draw_seven(), draw_one()
BOTH = np.stack([SEVEN, ONE])
PICTURE = encoded(on_page(any_digit()))
FLAT = BOTH.reshape(2, 784).tolist()
MEANT = (SEVEN.tobytes(), ONE.tobytes())
BITS = (BOTH > 127).astype(np.uint8)
BITS_MEANT = tuple(bytes(255 * each.ravel()) for each in BITS)
SINGLE = np.zeros((28, 28), np.uint8)
SINGLE[14, 14] = 1
NAMES = [f"pixel{number}" for number in range(784)]
COUNTS = [str(number) for number in range(784)]


def table(rows: Any, delimiter: str = ",", end: str = "\n") -> bytes:
    return "".join(delimiter.join(map(str, row)) + end for row in rows).encode()


def document(value: Any, **options: Any) -> bytes:
    return json.dumps(value, **options).encode()


def npz(*, is_packed: bool = True, **arrays: Any) -> bytes:
    file = io.BytesIO()
    (np.savez_compressed if is_packed else np.savez)(file, **arrays)
    return file.getvalue()


def tensor(values: Any, datatype: str = "UINT8", shape: Any = (2, 28, 28), **fields: Any) -> dict[str, Any]:
    return {"inputs": [{"name": "x", "shape": list(shape), "datatype": datatype, "data": values, **fields}]}


def floats(*values: float) -> tuple[bytes, ...]:
    return tuple(np.float32(value).tobytes() for value in values)


def labelled(*labels: Any) -> list[list[Any]]:
    return [[label, *row] for label, row in zip(labels, FLAT, strict=False)]


ROWS = table(FLAT)
BASE64 = base64.b64encode(PICTURE).decode()
LEXICAL = sorted(range(784), key=str)
SHOWN = ("the picture",)  # what is meant by a picture is what the recipe makes of it
