"""The cells of a line of CSV, and the number in a cell."""

import csv
import re
from collections.abc import Sequence

DELIMITERS = (";", "\t", ",", "|")
SPACES = " "  # any run of white space, as numpy.savetxt writes one
_DECIMAL_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)?,\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
_THOUSANDS_AND_DECIMALS = re.compile(_THOUSANDS.pattern + r"(\.\d+)?")
_POINTED_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
_SPACED_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\s\d{3})+([.,]\d+)?")
_BEGINS_WITH_NUMBER = re.compile(r"\W*\d")
_SEPARATOR_LINE = re.compile(rb'"?sep=(.)"?', re.IGNORECASE)


def read_separator_line(line: bytes) -> str | None:
    """Return the delimiter that a spreadsheet's line "sep=;" names; None for any other line."""
    named = _SEPARATOR_LINE.fullmatch(line.strip(b" \r\n"))
    return named[1].decode("latin-1") if named else None


def find_delimiter(line: bytes) -> str:
    """Return what parts the cells of a line of numbers: where the decimal is a comma, spreadsheets write semicolons."""
    text = line.decode("utf-8", "replace")
    commas, words = text.count(","), [word.decode("utf-8", "replace") for word in line.split()]  # a space that does not break parts none
    for mark in ("|", "\t"):
        if commas and mark in text and all(may_have_decimal_comma(cell.strip(' "')) for cell in text.split(mark)):
            return mark
    if commas and "\t" not in text and len(words) > 1 and all(is_number(word.strip('"')) for word in words):
        return "," if all(word.startswith(",") for word in words[1:]) else SPACES  # of 1 ,2 ,3 the spaces stand before commas
    for mark in DELIMITERS:
        if (count := text.count(mark)) and commas <= count + 1:
            return mark
    if commas:
        return ","
    return SPACES if len(words) > 1 and all(is_number(word.strip('"')) for word in words) else ","


def split_cells(line: bytes, delimiter: str) -> list[str]:
    """Return a line's cells, without the spaces around them."""
    text = line.decode("utf-8", "replace")
    if '"' not in text:
        if delimiter == SPACES:
            return [word.decode("utf-8", "replace") for word in line.split()]
        return [cell.strip() for cell in text.split(delimiter)]
    try:
        cells = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [""])
    except csv.Error:  # a carriage return or a NUL in the middle: it is not CSV, so its cells are refused one by one
        cells = text.split(delimiter)
    return [cell.strip() for cell in cells]


def trim(found: list[str], width: int) -> list[str]:
    """Return a line's cells without the empty ones behind as many as a row has, as spreadsheets and trailing commas leave them."""
    end = len(found)
    while end > width and not found[end - 1]:
        end -= 1
    return found[:end]


def begins_with_number(cell: str) -> bool:
    """Return whether a cell is a number or begins with one, as 1,500.00 and 19 m."""
    return is_number(cell) or _BEGINS_WITH_NUMBER.match(cell) is not None


def are_thousands(texts: Sequence[str]) -> bool:
    """Return whether each text is a number whose thousands commas part, as 1,500 and 1,500.00."""
    return all(map(_THOUSANDS_AND_DECIMALS.fullmatch, texts))


def is_no_name(cell: str) -> bool:
    """Return whether a cell is neither: it begins as a number, as $1,500 or 3.1 years, or has no letter, as a dash."""
    return not is_number(cell) and (_BEGINS_WITH_NUMBER.match(cell) is not None or not any(map(str.isalpha, cell)))


def ends_with_number(cell: str) -> bool:
    """Return whether a cell of words ends with a number, as Ann 25 or age=25 where a comma after it parts decimals."""
    words = re.split(r"[\s=:]+", cell)
    return len(words) > 1 and is_number(words[-1])


def split_nested(cell: str) -> list[str]:
    """Return the values in a cell that holds a list of them."""
    return cell.strip("[]()").replace(",", " ").split()


def parse_number(cell: str, *, has_decimal_comma: bool = False) -> float | str:
    """Return a cell's number, or the cell itself if it has none."""
    if has_decimal_comma and "," in cell and _DECIMAL_COMMA.fullmatch(cell):
        cell = cell.replace(".", "").replace(",", ".")
    elif has_decimal_comma and "." in cell:  # where a comma is the decimal, 1.234 may be a thousand
        return cell
    try:
        return float(cell) if cell.isascii() and "_" not in cell else cell  # Python accepts spellings, like 1_000, that CSV does not have
    except ValueError:
        return cell


def is_number(cell: str) -> bool:
    """Return whether a cell is a number, its decimal a point or a comma."""
    return isinstance(parse_number(cell), float) or bool(_DECIMAL_COMMA.fullmatch(cell))


def may_have_decimal_comma(cell: str) -> bool:
    """Return whether a cell's comma, if it has one, may be a decimal or part thousands."""
    return "," not in cell or bool(_DECIMAL_COMMA.fullmatch(cell) or _THOUSANDS.fullmatch(cell))


def has_decimal_commas(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether cells have commas as decimals; if all may as well be thousands, they are not read at all."""
    cells = [cell for row in rows for cell in row if "," in cell and _DECIMAL_COMMA.fullmatch(cell)]
    return not all(map(_THOUSANDS.fullmatch, cells))


def find_spaced_thousands(lines: Sequence[bytes]) -> str | None:
    """Return the first line if all are one number like 1 500, as French and Swedish tables have it."""
    texts = [line.decode("utf-8", "replace").strip() for line in lines]
    spaced = list(filter(_SPACED_THOUSANDS.fullmatch, texts))
    return spaced[0] if spaced and all(text in spaced or is_number(text) for text in texts) else None


def has_points(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a number has a point that parts no thousands."""
    return any(
        "." in cell and "," not in cell and is_number(cell) and not _POINTED_THOUSANDS.fullmatch(cell) for row in rows for cell in row
    )


def may_part_thousands(cell: str) -> bool:
    """Return whether the points of a number may part thousands, as of 1.500."""
    return _POINTED_THOUSANDS.fullmatch(cell) is not None


def find_thousands(rows: Sequence[Sequence[str]]) -> str | None:
    """Return a cell like 1.000 where all that have a point are like it: in a country of decimal commas it is a thousand."""
    pointed = [cell for row in rows for cell in row if "." in cell and is_number(cell)]
    return pointed[0] if pointed and all(_POINTED_THOUSANDS.fullmatch(cell) for cell in pointed) else None


def find_thousands_beside(rows: Sequence[Sequence[str]]) -> str | None:
    """Return a cell like 1.000 of a column whose points may all part thousands, and whose numbers without one are all below 1000."""
    for column in zip(*rows, strict=False):
        lone: list[list[str]] = [[cell] for cell in column]
        if (cell := find_thousands(lone)) and has_hundreds_beside(lone):
            return cell
    return None


def has_hundreds_beside(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a column has numbers with a point beside whole ones, all below 1000, as one whose points part thousands has."""
    for column in zip(*rows, strict=False):
        wholes = [cell.lstrip("+-") for cell in column if "." not in cell and is_number(cell)]
        if wholes and all(len(cell) <= 3 for cell in wholes) and any("." in cell and is_number(cell) for cell in column):
            return True
    return False
