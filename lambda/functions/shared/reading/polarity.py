"""Whether a picture's ink is bright on dark, as instances are, or dark on bright: told by its border, which is ground."""

from functools import cache

from functions.shared.reading.rows import Note

BRIGHT, BRIGHT_SHARE = (
    128,
    2 / 3,
)  # of the border of a bright ground; of MNIST's 10,000 digits to test with, none has more than 4 %
INVERTED = Note(
    "inverted",
    "the ink is dark on a bright ground: each value x was read as 255 - x",
    "Send ink bright on a dark ground to have it read as it is.",
)
TURN = bytes(range(255, -1, -1))
_IS_BRIGHT = bytes(BRIGHT) + b"\1" * (256 - BRIGHT)


@cache
def _blank_line(width: int) -> bytes:
    return bytes(width)


def is_bright_ground(levels: bytes, width: int) -> bool:
    """Return whether the border of an instance is bright; of one without any ink, False."""
    line = _blank_line(width)
    if levels.startswith(line) and levels.endswith(line):  # as most are: this must cost nothing
        return False
    ring = levels[:width] + levels[-width:] + levels[width:-width:width] + levels[2 * width - 1 : -width : width]
    return ring.translate(_IS_BRIGHT).count(1) >= BRIGHT_SHARE * len(ring) and levels.count(levels[:1]) < len(levels)
