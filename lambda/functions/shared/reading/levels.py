"""Levels of a picture, whole numbers from 0 to 255: a line of them into bytes, and whether they are as bright as they should be."""

ZEROS, RUN = 8, b"z"  # of most drawings four levels in five are 0: so many in a row are looked up at once
LEVELS = {**{str(level).encode(): bytes([level]) for level in range(256)}, RUN: bytes(ZEROS)}
FAINT_LEVEL = 128  # ink that does not reach this is faint
DIMMEST = 16  # a picture in levels has more, unless its values are on another scale
_FAINT_LEVELS, _DIM_LEVELS = bytes(range(FAINT_LEVEL)), bytes(range(DIMMEST + 1))


def pack_levels(line: bytes, mark: bytes = b",") -> bytes | None:
    """Return a line of whole numbers from 0 to 255 as bytes; None if it has anything else. JSON's parser takes twice as long.

    Args:    mark: what parts them.
    """
    if RUN in line:
        return None
    try:  # where less than a cell is taken for a 0, as of 05, what is left is not a level
        return b"".join(map(LEVELS.__getitem__, line.replace((mark + b"0") * ZEROS, mark + RUN).split(mark)))
    except KeyError:
        return None


def is_faint(levels: bytes) -> bool:
    """Return whether no level of an instance is as bright as ink is."""
    return 255 not in levels and not levels.translate(None, _FAINT_LEVELS)


def is_dim(levels: bytes) -> bool:
    """Return whether no level of an instance is over the dimmest."""
    return 255 not in levels and not levels.translate(None, _DIM_LEVELS)
