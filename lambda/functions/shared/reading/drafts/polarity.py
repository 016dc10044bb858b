"""Whether a picture's ink is bright on dark, as instances are, or dark on bright: told by its border, which is ground."""

from enum import Enum, auto
from functools import cache

from functions.shared.reading.notes import Note

# Of the border of handwriting (MNIST's test split), no more than 4 % is bright, and all but 6 % is black.
BRIGHT, BRIGHT_SHARE = 128, 2 / 3
DARK, DARK_SHARE = 32, 1 / 2
INVERTED = Note(
    "inverted",
    "the ink is dark on a bright ground: each value x was read as 255 - x",
    "Send ink bright on a dark ground to have it read as it is.",
)
BLANK = Note(
    "blank",
    "at least one instance has the same value everywhere and shows nothing: what is answered for it means nothing",
    "Leave instances that show nothing out.",
)
GREY = Note(
    "grey-ground",
    "the border is neither dark nor bright, and was read as it is: ink is expected bright on black",
    "Send a ground of 0.",
)
TURN = bytes(range(255, -1, -1))
_IS_BRIGHT = bytes(BRIGHT) + b"\1" * (256 - BRIGHT)
_IS_DARK = b"\1" * DARK + bytes(256 - DARK)


class Ground(Enum):
    """What the border of an instance is; of an instance of one value alone, which has no ink, PLAIN."""

    DARK = auto()
    GREY = auto()
    BRIGHT = auto()
    PLAIN = auto()


@cache
def _blank_line(width: int) -> bytes:
    return bytes(width)


def is_dark_ground(levels: bytes, width: int) -> bool:
    """Return whether the first and the last line of an instance are black, as those of nearly all drawings are: this costs nothing."""
    line = _blank_line(width)
    return levels.startswith(line) and levels.endswith(line)


def find_ground(levels: bytes, width: int) -> Ground:
    """Return what the border of an instance is."""
    if levels.count(levels[:1]) == len(levels):
        return Ground.PLAIN
    if is_dark_ground(levels, width):
        return Ground.DARK
    ring = levels[:width] + levels[-width:] + levels[width:-width:width] + levels[2 * width - 1 : -width : width]
    if ring.translate(_IS_BRIGHT).count(1) >= BRIGHT_SHARE * len(ring):
        return Ground.BRIGHT
    return Ground.DARK if ring.translate(_IS_DARK).count(1) >= DARK_SHARE * len(ring) else Ground.GREY
