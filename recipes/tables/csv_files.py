"""A csv file of a table as people save one: with commas, semicolons, tabs or bars, and with a comma for decimals beside the last three."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from recipes.columns import Category, Column
from recipes.errors import Malformed

DELIMITERS = (",", ";", "\t", "|")
MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "?", "-"})  # stand in place of a number that is not known
LOOKED_AT = 1000  # rows, for how numbers are written
_POINT, _COMMA = re.compile(r"[-+]?\d*\.\d+(?:[eE][-+]?\d+)?"), re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The cells of a csv file, each without blanks around it.

    Args:    names: of its columns.
             rows: as many cells each.
             has_decimal_comma: whether 3,1 is a number.
    """

    names: list[str]
    rows: list[list[str]]
    has_decimal_comma: bool = False

    def read_number(self, cell: str) -> float:
        """Return a cell's number; raise ValueError if it holds none."""
        return float(cell.replace(",", ".") if self.has_decimal_comma else cell.replace("_", "-"))  # Python would take 1_000

    def read_cell(self, cell: str, column: Column) -> float:
        """Return a cell's number, or its code where the column is a category; raise ValueError if it holds no number."""
        return column.find_code(cell) if isinstance(column, Category) else self.read_number(cell)

    def is_number(self, cell: str) -> bool:
        """Return whether a cell holds a number."""
        try:
            return abs(self.read_number(cell)) < float("inf")
        except ValueError:
            return False


def read(content: bytes, name: str) -> CsvTable:
    """Return a file's table; raise Malformed if it is no text, has no row under a header, or a row has another number of cells.

    Args:    name: what the file is called in errors.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"{name} is not text", advice="Save the table as CSV in UTF-8.") from error
    first, _, _ = text.lstrip("\r\n").partition("\n")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    lines: list[list[str]] = []
    try:
        for line in reader:
            cells = [cell.strip() for cell in line]
            if not any(cells):
                continue
            if lines and len(cells) != len(lines[0]):
                detail = f"line {reader.line_num} has {len(cells):,} cells; the header has {len(lines[0]):,}"
                raise Malformed(f"{name} is not a table under a header: {detail}", advice="Give every row a cell for each column.")
            lines.append(cells)
    except csv.Error as error:
        raise Malformed(f"{name} is not a csv: {error}") from error
    if len(lines) < 2:
        raise Malformed(f"{name} has no row under a header", advice="Give every row its features and its target.")
    held = Counter(_tell_decimals(cell) for line in lines[1 : LOOKED_AT + 1] for cell in line) if delimiter != "," else Counter()
    return CsvTable(lines[0], lines[1:], has_decimal_comma=bool(held[","]) and not held["."])


def _tell_decimals(cell: str) -> str:
    return "," if _COMMA.fullmatch(cell) else "." if _POINT.fullmatch(cell) else ""
