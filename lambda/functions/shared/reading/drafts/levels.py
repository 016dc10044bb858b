"""Levels of a picture, whole numbers from 0 to 255: a line of them into bytes, and whether they are as bright as they should be."""

from functools import cache
from math import prod
from operator import itemgetter

ZEROS, RUN = 8, b"z"  # of most drawings four levels in five are 0: so many in a row are looked up at once
LEVELS = {**{str(level).encode(): bytes([level]) for level in range(256)}, RUN: bytes(ZEROS)}
FAINT_LEVEL = 128  # ink that does not reach this is faint
DIMMEST = 16  # a picture in levels has more, unless its values are on another scale
_NUMERALS, _BRACKETS_AND_BLANKS = b"0123456789", b"[] "
_FAINT_LEVELS, _DIM_LEVELS = bytes(range(FAINT_LEVEL)), bytes(range(DIMMEST + 1))


def pack_levels(line: bytes, mark: bytes = b",") -> bytes | None:
    """Return a line of whole numbers from 0 to 255 as bytes; None if it has anything else. JSON's parser takes twice as long.

    Args:    mark: what parts them.
    """
    if RUN in line:
        return None
    try:  # where less than a cell is taken for a 0, as of 05, what is left is not a level
        cells = line.replace((mark + b"0") * ZEROS, mark + RUN).split(mark)
        return b"".join(itemgetter(*cells, RUN)(LEVELS))[:-ZEROS]  # faster than map; of one cell alone it gives no tuple
    except KeyError:
        return None


def pack_document(body: bytes, shape: tuple[int, ...]) -> list[bytes]:
    """Return the bytes of each instance of a JSON document {"instances": […]}, nested like the shape or flat, as libraries write it.

    Nothing if a value is no level, or if it is spelled or nested in any other way: JSON's parser reads that, and takes twice as long.
    """
    mark = b", " if body.startswith(b'{"instances": ') else b","
    head = b'{"instances":' + mark[1:] + b"["
    if not body.startswith(b"[[", len(head)):
        shape = (prod(shape),)
    opened, closed = b"[" * len(shape), b"]" * len(shape)
    if not body.startswith(head + opened) or not body.endswith(closed + b"]}"):
        return []
    packed = []
    for text in body[len(head + opened) : -len(closed) - 2].split(closed + mark + opened):
        instance = _pack_instance(text, shape, mark)
        if instance is None:
            return []
        packed.append(instance)
    return packed


def _pack_instance(text: bytes, shape: tuple[int, ...], mark: bytes) -> bytes | None:
    """Return what stands between an instance's outermost brackets as bytes; None if it has another shape, or is no levels."""
    if text.translate(None, _NUMERALS) != _draw_outline(shape, mark):
        return None
    return pack_levels(text.translate(None, _BRACKETS_AND_BLANKS))


@cache
def _draw_outline(shape: tuple[int, ...], mark: bytes) -> bytes:
    """Return what is between the outermost brackets of an instance, without its numbers: `,],[,` of two times two."""
    outline = mark * (shape[-1] - 1)
    for depth, length in enumerate(reversed(shape[:-1]), 1):
        outline = (b"]" * depth + mark + b"[" * depth).join([outline] * length)
    return outline


def is_faint(levels: bytes) -> bool:
    """Return whether no level of an instance is as bright as ink is."""
    return 255 not in levels and not levels.translate(None, _FAINT_LEVELS)


def is_dim(levels: bytes) -> bool:
    """Return whether no level of an instance is over the dimmest."""
    return 255 not in levels and not levels.translate(None, _DIM_LEVELS)
