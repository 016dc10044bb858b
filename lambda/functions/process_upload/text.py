"""CSV and JSONL into rows, a line at a time: a line that cannot be read costs that line."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from functions.shared.json_body import parse_json
from functions.shared.pictures import decode_picture
from functions.shared.reading.broken import refuse_broken
from functions.shared.reading.rows import LONGEST_ABOUT, Row
from recipes import instances
from recipes.errors import InvalidInput, Malformed, TooLarge, WrongShape
from recipes.recipe import Recipe

MAX_LINE_BYTES = 2 << 20  # a picture of 1.5 MB in base64; a line of 784 numbers has 3 kB
VALUE_BYTES, OTHER_BYTES = 64, 8192  # the most of a line of numbers: for each of them, and for all else
MAX_SILENCE_BYTES = 64 << 20  # without a row, because nobody looks at the clock meanwhile
EMPTY_LINE_BYTES = 32  # what one costs is as much as so many bytes of a long line
CARRIED = ("id", "name")  # columns and fields that a row's line in the results repeats
NOT_VALUES = (*CARRIED, "label", "class", "target", "y")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_csv(file: "io.BufferedReader[Any]", recipe: Recipe) -> Iterator[Row]:
    """Give a row for each line that is not empty, after a header if there is one: it may name an id, which is carried, and a label."""
    lines = _limit_lines(_read_lines(file), recipe)
    number, first = next(lines, (1, b""))
    delimiter = _find_delimiter(first)
    header = _read_header(first, delimiter)
    columns = _Columns(header, delimiter, recipe) if header else None
    if columns is None:
        yield _read_csv_row(number, first, delimiter, recipe)
    for number, line in lines:
        yield columns.read_row(number, line) if columns else _read_csv_row(number, line, delimiter, recipe)


def read_jsonl(file: "io.BufferedReader[Any]", recipe: Recipe) -> Iterator[Row]:
    """Give a row for each line that is not empty: an instance, {"instance": …} or {"image": base64}; an id and a name are carried."""
    for number, line in _read_lines(file):
        yield _read_json_row(number, line, recipe)


class _Columns:
    """What a header says of each line's cells."""

    def __init__(self, header: Sequence[str], delimiter: str, recipe: Recipe) -> None:
        self._delimiter, self._recipe, self._width = delimiter, recipe, len(header)
        self._carried = {index: name for index, name in enumerate(header) if name in CARRIED}
        other_names = (*NOT_VALUES, *([recipe.target.name.lower()] if recipe.target else []))
        self._not_values = {index for index, name in enumerate(header) if name in other_names}
        count, size = len(header) - len(self._not_values), recipe.instance_size
        if count != size:
            raise WrongShape(
                f"the header names {count:,} columns of values; expected {size}",
                advice=f"Columns called {', '.join(other_names)} do not count.",
            )

    def read_row(self, number: int, line: bytes | InvalidInput) -> Row:
        if isinstance(line, InvalidInput) or not self._not_values:
            return _read_csv_row(number, line, self._delimiter, self._recipe)
        cells = _split_cells(line, self._delimiter)
        if len(cells) != self._width:
            return Row(number, None, WrongShape(f"line {number} has {len(cells)} columns; the header has {self._width}"))
        try:
            about = _carry({name: cells[index] for index, name in self._carried.items()}, number)
        except InvalidInput as error:
            return Row(number, None, error)
        values = ",".join(cell for index, cell in enumerate(cells) if index not in self._not_values).encode()
        return _read_csv_row(number, values, ",", self._recipe, about)


def _read_csv_row(number: int, line: bytes | InvalidInput, delimiter: str, recipe: Recipe, about: Mapping[str, str] | None = None) -> Row:
    if isinstance(line, InvalidInput):
        return Row(number, None, line)
    if delimiter != ",":
        line = line.replace(delimiter.encode(), b",")
    if b'"' in line:
        line = line.replace(b'"', b"")  # numbers in quotes are numbers; whatever else is in quotes is refused below
    try:
        (instance,) = instances.from_csv(line, recipe.instance_shape, json.loads, first_line=number, dtype=recipe.dtype)
    except InvalidInput as error:
        return Row(number, None, error, about or {})
    return Row(number, instance, about=about or {})


def _read_json_row(number: int, line: bytes | InvalidInput, recipe: Recipe) -> Row:
    if not isinstance(line, InvalidInput) and b'"image"' not in line:
        line = _limit_line(number, line, recipe)
    if isinstance(line, InvalidInput):
        return Row(number, None, line)
    try:
        document = parse_json(line, f"line {number}")
    except Malformed as error:
        return Row(number, None, error)
    fields = document if isinstance(document, dict) else {"instance": document}
    about: Mapping[str, Any] = {}
    may_hold_booleans = b"true" in line or b"false" in line
    try:
        about = _carry({name: fields[name] for name in CARRIED if isinstance(fields.get(name), str | int)}, number)
        with refuse_broken(f"line {number}"):
            return Row(number, _read_instance(fields, number, recipe, may_hold_booleans=may_hold_booleans), about=about)
    except InvalidInput as error:
        return Row(number, None, error, about)


def _carry(fields: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """Return the fields; raise TooLarge if one is too long to be carried."""
    for name, value in fields.items():
        if len(str(value)) > LONGEST_ABOUT:
            raise TooLarge(f'line {number}: "{name}" has {len(str(value)):,} characters; the limit is {LONGEST_ABOUT}')
    return fields


def _read_instance(fields: Mapping[str, Any], number: int, recipe: Recipe, *, may_hold_booleans: bool) -> bytes:
    if "image" in fields:
        return recipe.from_image(decode_picture(fields["image"], f'"image" in line {number}'))
    values = fields.get("instance", fields.get("pixels"))
    if not isinstance(values, list):
        raise WrongShape(f'line {number} holds no instance; expected a list, {{"instance": […]}} or {{"image": "<base64>"}}')
    (instance,) = instances.from_json(
        [values], recipe.instance_shape, may_hold_booleans=may_hold_booleans, called=f"line {number}", dtype=recipe.dtype
    )
    return instance


def _read_lines(file: "io.BufferedReader[Any]") -> Iterator[tuple[int, bytes | InvalidInput]]:
    """Give each line that is not empty with its number from 1; in place of one that is too long, the error.

    Raises:  Malformed: so many lines are empty, or one is so long, that this is no file of rows.
    """
    number = silence = 0
    while line := file.readline(MAX_LINE_BYTES):
        number += 1
        silence += len(line) + EMPTY_LINE_BYTES
        is_too_long = len(line) == MAX_LINE_BYTES and not line.endswith(b"\n")
        while is_too_long and silence < MAX_SILENCE_BYTES and (rest := file.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
            silence += len(rest)
        if silence >= MAX_SILENCE_BYTES:
            raise Malformed(f"there is no row in the {MAX_SILENCE_BYTES >> 20} MB up to line {number:,}", advice="Leave empty lines out.")
        if is_too_long:
            yield number, TooLarge(f"line {number} has more than {MAX_LINE_BYTES:,} bytes")
        elif stripped := (line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line).strip():
            yield number, stripped
        else:
            continue
        silence = 0


def _limit_lines(lines: Iterator[tuple[int, bytes | InvalidInput]], recipe: Recipe) -> Iterator[tuple[int, bytes | InvalidInput]]:
    return ((number, line if isinstance(line, InvalidInput) else _limit_line(number, line, recipe)) for number, line in lines)


def _limit_line(number: int, line: bytes, recipe: Recipe) -> bytes | InvalidInput:
    """Return a line of numbers; the error in its place if it is longer than an instance's numbers can be."""
    limit = OTHER_BYTES + VALUE_BYTES * recipe.instance_size
    return line if len(line) <= limit else TooLarge(f"line {number} has {len(line):,} bytes; the limit of a line of numbers is {limit:,}")


def _find_delimiter(line: bytes | InvalidInput) -> str:
    """Return what separates the cells: spreadsheets of many countries write semicolons."""
    if isinstance(line, InvalidInput) or b"," in line:
        return ","
    return next((mark for mark in (";", "\t") if mark.encode() in line), ",")


def _read_header(line: bytes | InvalidInput, delimiter: str) -> list[str]:
    """Return the names in the first line, lower-case, or nothing if its first cell is a number: then it is a row."""
    if isinstance(line, InvalidInput) or not line:
        return []
    cells = [cell.strip().lower() for cell in _split_cells(line, delimiter)]
    try:
        float(cells[0] or 0)
    except ValueError:
        return cells
    return []


def _split_cells(line: bytes, delimiter: str) -> list[str]:
    text = line.decode("utf-8", "replace")
    try:
        return next(csv.reader([text], delimiter=delimiter), [""])
    except csv.Error:  # a carriage return or a NUL in the middle: it is not CSV, so its cells are refused one by one
        return text.split(delimiter)
