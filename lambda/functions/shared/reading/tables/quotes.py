"""Cells in quotes that go on over line breaks: the lines of such a row as one."""

import re
from collections.abc import Iterator

from functions.shared.reading.lines import Line
from recipes.errors import Malformed

QUOTE = b'"'
MAX_LINES = 300  # of one row: an array of 784 values as numpy prints it has 50 or so
_BEGINS_CELL = re.compile(rb'(?:\A|[,;\t|])[ ]*"')


def join_quoted(lines: Iterator[Line], longest_bytes: int) -> Iterator[Line]:
    """Give lines, and those of one row as one, with a space in place of each line break.

    Args:    longest_bytes: of a row. Where a quote is not closed within it, its line is refused and the others are lines of their own.
    """
    for number, line in lines:
        if not isinstance(line, bytes) or not _is_open(line):
            yield number, line
            continue
        row, others = line, list[Line]()
        for following in lines:
            others.append(following)
            more = following[1]
            if not isinstance(more, bytes) or len(row) + len(more) >= longest_bytes or len(others) >= MAX_LINES:
                break
            row += b" " + more
            if more.count(QUOTE) % 2:
                break
        if row.count(QUOTE) % 2:
            yield number, Malformed(f"line {number} opens a quote that is not closed", advice="Close it, or leave the quotes out.")
            yield from others
        else:
            yield number, row


def _is_open(line: bytes) -> bool:
    """Return whether a line ends inside a cell in quotes; a quote inside a cell, as of inches, opens none."""
    return QUOTE in line and line.count(QUOTE) % 2 == 1 and _BEGINS_CELL.search(line) is not None
