"""Levels of a picture, whole numbers from 0 to 255: a line of them into bytes, and whether they are as bright as they should be."""

from operator import itemgetter

from recipes.instances import find_plain_json

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
    plain = find_plain_json(body, shape)
    if plain is None:
        return []
    packed = []
    for text in plain.text.split(plain.joint):
        is_plain = text.translate(None, _NUMERALS) == plain.outline and plain.has_whole_marks(text)
        levels = pack_levels(text.translate(None, _BRACKETS_AND_BLANKS)) if is_plain else None
        if levels is None:
            return []
        packed.append(levels)
    return packed


def is_faint(levels: bytes) -> bool:
    """Return whether no level of an instance is as bright as ink is."""
    return 255 not in levels and not levels.translate(None, _FAINT_LEVELS)


def is_dim(levels: bytes) -> bool:
    """Return whether no level of an instance is over the dimmest."""
    return 255 not in levels and not levels.translate(None, _DIM_LEVELS)
