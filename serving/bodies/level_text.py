"""Whole numbers from 0 to 255 in a large text, read by numpy: a parser makes an object of each. Text of any other kind is left to one."""

from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from recipes.instances import Shape, find_plain_json

Levels = npt.NDArray[np.uint8]
LEAST_BYTES = 1 << 13  # of a body: a parser is as fast with less
PIECE_BYTES = 1 << 17  # what is made of a piece stays in the processor's cache
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NUMERALS, _BETWEEN = b"0123456789", b"[] \r"
_LEAST = np.array([0, 0, 10, 100], np.uint16)  # by how many numerals a number has, if the first is no needless 0


def read_csv(body: bytes, shape: Shape) -> Levels | None:
    """Return the instances [N, *shape] of a CSV body, a line each; None if it has anything but such numbers and what parts them."""
    text = body.removeprefix(_BYTE_ORDER_MARK).rstrip()
    levels = _read(text, b"\r\n" if b"\r" in text else b"\n", b"," * (prod(shape) - 1), ())
    return None if levels is None else levels.reshape(-1, *shape)


def read_json(body: bytes, shape: Shape) -> Levels | None:
    """Return the instances [N, *shape] of a JSON document {"instances": […]}; None if it is not spelled as libraries spell it."""
    plain = find_plain_json(body, shape)
    levels = plain and _read(*plain)
    return None if levels is None else levels.reshape(-1, *shape)


def _read(text: bytes, joint: bytes, outline: bytes, between: tuple[tuple[bytes, int], ...]) -> Levels | None:
    """Return the numbers of all instances of a text; see `recipes.instances.PlainJson`."""
    pieces, at = [], 0
    while at <= len(text):
        cut = text.find(joint, at + PIECE_BYTES)
        stop = len(text) if cut < 0 else cut
        piece = text[at:stop]
        marks = piece.translate(None, _NUMERALS)
        count = (len(marks) + len(joint)) // len(outline + joint)
        inside = (joint, *(mark for mark, _ in between))
        is_plain = count > 0 and marks == joint.join([outline] * count) and all(piece.count(each) == marks.count(each) for each in inside)
        levels = _parse(piece.translate(None, _BETWEEN)) if is_plain else None
        if levels is None:
            return None
        pieces.append(levels)
        at = stop + len(joint)
    return np.concatenate(pieces)


def _parse(text: bytes) -> Levels | None:
    """Return whole numbers that are parted by a character each; None if one is missing, is over 255 or begins with a needless 0."""
    digits: npt.NDArray[Any] = np.frombuffer(text + b",", np.uint8) - np.uint8(ord("0"))
    ends = np.flatnonzero(digits > 9)  # what parts them comes before 0 in ASCII: less than 0 is more than 9 here
    lengths = np.diff(ends, prepend=-1) - 1
    if lengths.min() < 1 or lengths.max() >= len(_LEAST):
        return None
    values = digits[ends - 1].astype(np.uint16)
    longer = np.flatnonzero(lengths > 1)  # of drawings a fifth
    longest = longer[lengths[longer] > 2]
    values[longer] += digits[ends[longer] - 2] * np.uint16(10)
    values[longest] += digits[ends[longest] - 3] * np.uint16(100)
    is_plain = values.max() <= 255 and (values[longer] >= _LEAST[lengths[longer]]).all()
    return values.astype(np.uint8) if is_plain else None
