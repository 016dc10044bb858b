"""CSV into drafts, a line at a time: a line that cannot be read costs that line."""

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from math import isfinite, isnan
from typing import Any

from functions.shared.keys import KEYS
from functions.shared.reading import cells
from functions.shared.reading.categories import encode
from functions.shared.reading.drafts.draft import Draft, are_numbers, draft_numbers
from functions.shared.reading.drafts.levels import pack_levels
from functions.shared.reading.lines import Line, Skipped, find_longest, is_drawn, open_text, read_lines
from functions.shared.reading.notes import Note
from functions.shared.reading.rows import LONGEST_ABOUT
from functions.shared.reading.tables.layout import Layout, find_layout, is_grid
from functions.shared.reading.tables.quotes import join_quoted
from functions.shared.reading.tables.strangers import find_total, is_header_of_another
from functions.shared.reading.tables.widths import advise_mark, advise_width
from functions.shared.reading.units import find_other_unit, refuse_unit_beside
from recipes import instances
from recipes.columns import Category
from recipes.errors import InvalidInput, NotANumber, TooLarge, WrongShape
from recipes.recipe import Recipe

BOOLEANS = {"true": 255, "false": 0}  # as pandas and R write them
LOOKED_AT = 100  # lines tell how a table is written
NOTHING = b" ,;\t|"  # a line of these alone holds nothing: spreadsheets end tables with such
COUNT = re.compile(rb"\(?\d{1,9} rows?( (selected|affected|in set)[^,;|\t]{0,40})?[.)]{0,2}")  # the last line that databases print


def read_table(file: "io.BufferedReader[Any]", recipe: Recipe) -> tuple[tuple[Note, ...], Iterator[Draft]]:
    """Return notes on how a CSV is read, and a draft for each line that is not empty, after a header if there is one.

    Raises:  InvalidInput: how it is written is not certain, or it has another number of columns than an instance.
    """
    longest_bytes = find_longest(recipe)
    skipped = Skipped()
    lines = _take_held(join_quoted(read_lines(open_text(file), longest_bytes), longest_bytes), skipped)
    first = list(islice(lines, LOOKED_AT))
    delimiter = cells.read_separator_line(first[0][1]) if first and isinstance(first[0][1], bytes) else None
    if delimiter:
        del first[0]
    about = _drop_comments(first, recipe, delimiter)
    texts = [line for _, line in first if isinstance(line, bytes)]
    if not recipe.keys and is_grid(texts, recipe, delimiter):
        return (), iter([_draft_grid(texts, recipe, delimiter)])
    layout = find_layout(texts, recipe, delimiter)
    if recipe.keys and not layout.has_header:
        raise WrongShape("keys are asked for, and the table has no header line that names its columns", advice="Add one, or ask for none.")
    if layout.has_header:
        del first[next(index for index, (_, line) in enumerate(first) if isinstance(line, bytes))]
    return (*about, *layout.notes), _TableReader(layout, recipe, skipped).read(chain(first, lines))


def _take_held(lines: Iterable[Line], skipped: Skipped) -> Iterator[Line]:
    """Give the lines that hold cells."""
    for line in lines:
        if _holds_cells(line[1]):
            yield line
        else:
            skipped.add(line[0])


def _holds_cells(line: bytes | InvalidInput) -> bool:
    return isinstance(line, InvalidInput) or bool(line.strip(NOTHING) and not is_drawn(line) and not COUNT.fullmatch(line))


def _drop_comments(first: list[Line], recipe: Recipe, delimiter: str | None) -> tuple[Note, ...]:
    """Take out the comments that a table begins with, as numpy writes them, but for the last if it is a header that fits.

    Return a note if one that is taken out tells a unit that no column has.
    """
    lines = [line for _, line in first if isinstance(line, bytes)]
    comments = next((index for index, (_, line) in enumerate(first) if not isinstance(line, bytes) or line[:1] != b"#"), len(first))
    if not comments or comments == len(first):
        return ()
    texts = lines[comments - 1 :]
    dropped = comments - 1 + (not _has_header(texts, recipe, delimiter) or _has_header(texts[1:], recipe, delimiter))
    del first[:dropped]
    columns = [*recipe.features, *([recipe.target] if recipe.target else [])]
    told = ((text, find_other_unit(text, columns)) for text in (line.decode("utf-8", "replace") for line in lines[:dropped]))
    return next((_note_comment(text, unit) for text, unit in told if unit), ())


def _note_comment(text: str, unit: str) -> tuple[Note, ...]:
    detail = f"the comment {text[:80]!r} tells {unit}; the numbers were read in the units of their columns"
    return (Note("other-unit", detail, "Bring them to those units, if the comment means them."),)


def _has_header(lines: list[bytes], recipe: Recipe, delimiter: str | None) -> bool:
    try:
        return find_layout(lines, recipe, delimiter).has_header
    except WrongShape:
        return False


def _draft_grid(lines: list[bytes], recipe: Recipe, delimiter: str | None) -> Draft:
    """Return the draft of one instance whose lines are the lines of its picture."""
    row = recipe._replace(instance_shape=recipe.instance_shape[1:])
    layout = find_layout(lines, row, delimiter)
    drafts = list(_TableReader(layout, row, Skipped()).read(enumerate(lines[layout.has_header :], layout.has_header + 1)))
    values = [value for draft in drafts for value in draft.instance or draft.values or ()]
    failed = next((draft for draft in drafts if draft.error and not draft.values), None)
    return replace(failed, number=1) if failed else draft_numbers(1, values, "the table", recipe)


class _TableReader:
    """Reads the lines of one table."""

    def __init__(self, layout: Layout, recipe: Recipe, skipped: Skipped) -> None:
        self._skipped = skipped
        self._layout, self._columns, self._recipe = layout, layout.columns, recipe
        self._size = recipe.instance_size
        self._values = list(layout.columns.values) if layout.columns else []
        self._is_plain = layout.columns is None and not layout.has_decimal_comma and layout.delimiter != cells.SPACES
        self._mark = layout.delimiter.encode()
        first = self._values[0] if self._values else 0
        columns = layout.columns
        self._first, self._namers = first, [*sorted(set(range(columns.width)) - set(self._values)), first] if columns else [0]
        self._may_be_named = not (columns and columns.is_nested) and not recipe.categories  # whose cells are no numbers either
        self._last = self._other = 0  # the lines of the last row, and of another table's header
        self._end = 0  # the line in which the last row ends; 0 where a cell in quotes may go on over several

    def read(self, lines: Iterable[Line]) -> Iterator[Draft]:
        for number, line in lines:
            if isinstance(line, InvalidInput):
                yield Draft(number, error=line)
            elif self._other:
                detail = f"line {number} belongs to another table, whose header is line {self._other}"
                yield Draft(number, error=WrongShape(detail, advice="Send each table by itself."))
            elif draft := (self._read_plain(number, line) if self._is_plain else None) or self._read_cells(number, line):
                self._skipped.forgive()
                if 0 < self._end < number - 1 and not self._recipe.takes_pictures:
                    draft.notes = (_note_gap(number - 1),)
                yield draft
            else:
                self._skipped.add(number)
            self._last = number
            self._end = 0 if isinstance(line, bytes) and b'"' in line else number

    def _read_plain(self, number: int, line: bytes) -> Draft | None:
        """Return the draft of a line of plain numbers; None if a cell of it must be looked at."""
        if line.startswith(b"#"):  # a comment, perhaps: JSON's parser takes longer to refuse it
            return None
        levels = pack_levels(line, self._mark) if self._recipe.dtype == "uint8" else None
        if levels and len(levels) == self._size:
            return Draft(number, levels, place=f"line {number}")
        if self._mark != b",":
            line = line.replace(self._mark, b",")
        try:
            values = json.loads(b"[%b]" % line)
        except (ValueError, RecursionError):
            return None
        if len(values) != self._size or b"t" in line or b"f" in line:  # true would be taken for 1
            return None
        try:
            return Draft(number, instances.from_numbers(values, self._recipe.dtype), place=f"line {number}")
        except (TypeError, InvalidInput):
            return draft_numbers(number, values, f"line {number}", self._recipe) if are_numbers(values) else None

    def _read_cells(self, number: int, line: bytes) -> Draft | None:
        """Return the draft of a line; None if it is a comment, or the header once more, as where files were joined."""
        columns, place = self._columns, f"line {number}"
        found = cells.split_cells(line, self._layout.delimiter)
        if found == self._layout.names or self._is_comment(line, found):
            return None
        width = columns.width if columns else self._size
        if self._may_be_named and self._last and not cells.is_number(found[self._first] if self._first < len(found) else ""):
            self._other = number * is_header_of_another(found, self._list_numbers(found), is_after_gap=number > self._last + 1)
        found = cells.trim(found, width)
        if len(found) != width:
            return Draft(number, error=self._refuse_width(line, found, place))
        if total := self._find_total(found):
            detail = f"{place} sums others up: it has the cell {total[:40]!r}"
            return Draft(number, error=WrongShape(detail, advice="Leave it out."))
        if columns is None:
            return self._draft(number, found, place)
        try:
            refuse_unit_beside({name: found[index] for name, index in columns.units.items()}, place, self._recipe)
            about = carry({name: found[index] for name, index in columns.carried.items()}, place)
            if columns.keys:
                about = {**about, KEYS: carry({name: found[index] for name, index in columns.keys.items()}, place)}
        except InvalidInput as error:
            return Draft(number, error=error)
        held = cells.split_nested(found[self._first]) if columns.is_nested else [found[index] for index in self._values]
        draft = self._draft(number, held, place)
        draft.about = about
        if columns.label is not None:
            cell = found[columns.label]
            may_be_class = "," in cell and bool(self._recipe.labels)  # as 5,0 beside pixels, none of which has a comma
            label = cells.parse_number(cell, has_decimal_comma=self._layout.has_decimal_comma or may_be_class)
            draft.label = label[:LONGEST_ABOUT] or None if isinstance(label, str) else read_label(label)
        return draft

    def _is_comment(self, line: bytes, found: list[str]) -> bool:
        """Return whether a line is a comment, as numpy writes one at the end: #N/A is an error of a spreadsheet, and # 1 may be a name."""
        return line[:2] in {b"#", b"# "} and not cells.is_number(found[self._first] if self._first < len(found) else "")

    def _list_numbers(self, found: list[str]) -> list[str]:
        """Return those of a line's cells that hold numbers in a row."""
        columns = self._columns
        if columns is None or len(found) != columns.width:
            return found if columns is None else []
        return [found[index] for index in (*self._values, *([] if columns.label is None else [columns.label]))]

    def _find_total(self, found: list[str]) -> str:
        """Return the cell that says that a line sums others up; it stands where the rows have a name, or in place of the first value."""
        index = self._columns.index if self._columns else None
        return find_total([found[at] for at in self._namers], None if index is None else found[index])

    def _refuse_width(self, line: bytes, found: list[str], place: str) -> InvalidInput:
        """Return the error of a line that has another number of cells than the table."""
        mark = advise_mark(line.decode("utf-8", "replace"), self._layout.delimiter, self._recipe)
        if self._columns:
            detail = f"{place} has {len(found):,} columns; the first lines have {self._columns.width:,}"
            return WrongShape(detail, advice=mark or "Give each line a cell for each column.")
        draft = self._draft(1, found, place)
        if draft.error and draft.error.code == NotANumber.code and not mark:
            return draft.error
        detail = f"{place} has {len(found):,} value{'s'[: len(found) != 1]}; expected {self._size:,}"
        return WrongShape(detail, advice=mark or advise_width(len(found), self._recipe))

    def _draft(self, number: int, found: list[str], place: str) -> Draft:
        has_decimal_comma = self._layout.has_decimal_comma
        values: list[Any] = [cells.parse_number(cell, has_decimal_comma=has_decimal_comma) for cell in found]
        if self._recipe.takes_pictures and len(found) == self._size and all(cell.lower() in BOOLEANS for cell in found):
            return Draft(number, bytes([BOOLEANS[cell.lower()] for cell in found]), place=place)
        if self._recipe.categories:
            texts = zip(self._recipe.features, found, values, strict=True)
            try:
                values = encode([text if isinstance(column, Category) else value for column, text, value in texts], self._recipe, place)
            except InvalidInput as error:
                return Draft(number, error=error)
        return draft_numbers(number, values, place, self._recipe)


def _note_gap(number: int) -> Note:
    """Return the note of a line without a cell that has anything, between two rows: spreadsheets write a value that is missing so."""
    detail = f"empty lines stand between the rows, the first is line {number}: they are no rows, and none is answered"
    return Note("empty-lines", detail, "Where a value is missing, put a number there, or leave the line out.")


def carry(fields: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    """Return the fields that a row's result repeats; raise TooLarge if one is too long."""
    for name, value in fields.items():
        if len(str(value)) > LONGEST_ABOUT:
            raise TooLarge(f'{place}: "{name}" has {len(str(value)):,} characters; the limit is {LONGEST_ABOUT}')
    return fields


def read_label(value: Any) -> int | float | str | None:
    """Return a label as its sender means it: 7 for "7" and 7.0; None if there is none."""
    number = cells.parse_number(value.strip()) if isinstance(value, str) else value
    if isinstance(number, float) and isfinite(number):
        return int(number) if number.is_integer() else number
    if isinstance(number, float):  # JSON has neither; NaN stands for none
        return None if isnan(number) else str(value)[:LONGEST_ABOUT]
    return number if isinstance(number, int) and not isinstance(number, bool) else str(number)[:LONGEST_ABOUT] if number else None
