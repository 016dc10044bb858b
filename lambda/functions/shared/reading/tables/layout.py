"""How a CSV is written, told by its first lines: its delimiter, its header, its columns. All others are read so."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from functions.shared.reading import cells
from functions.shared.reading.notes import Note
from functions.shared.reading.tables import header
from functions.shared.reading.tables.header import Columns
from functions.shared.reading.tables.nameless import INDEX_FIRST, NAME_FIRST, find_columns
from functions.shared.reading.tables.widths import advise_mark
from functions.shared.reading.units import refuse_other_unit
from recipes.columns import find_column
from recipes.errors import NotANumber, WrongShape
from recipes.instances import PLAIN
from recipes.recipe import Recipe

MAYBE_HEADER = Note(
    "maybe-header",
    'the first line is "0" and was read as a row',
    "If it is a column's name, as pandas writes one, leave it out: to_csv(header=False).",
)
MAYBE_THOUSANDS = "maybe-thousands"
_MARKED_NUMBER = re.compile(r"[+-]?\d[\d.,]*\s*%|0x[0-9a-f]+", re.IGNORECASE)  # no name of a pixel is like it

LOOKED_AT = 3  # rows, to find one cell of all values


@dataclass(frozen=True, slots=True)
class Layout:
    """How a CSV is written.

    Args:    delimiter: what parts its cells.
             has_decimal_comma: whether 3,1 is a number.
             columns: where a row's cells are; None if a row is values alone.
             has_header: whether the first line is one.
             names: the cells of the header.
             notes: what the answer says of it.
    """

    delimiter: str = ","
    has_decimal_comma: bool = False
    columns: Columns | None = None
    has_header: bool = False
    names: Sequence[str] = ()
    notes: tuple[Note, ...] = ()


def find_layout(lines: Sequence[bytes], recipe: Recipe, delimiter: str | None = None) -> Layout:
    """Return how a CSV is written.

    Args:    lines: its first ones, not empty, without a line that names the delimiter.
             delimiter: the one that such a line names.
    Raises:  WrongShape: a header that does not fit the recipe, or a column more than values whose meaning is not certain.
    """
    if not lines:
        return Layout()
    first_line = lines[0].removeprefix(b"#") if len(lines) > 1 else lines[0]  # numpy.savetxt marks its header so
    delimiter = _find_delimiter(first_line, lines[1:], delimiter, recipe)
    first, *rows = (cells.split_cells(line, delimiter) for line in (first_line, *lines[1:]))
    has_decimal_comma = delimiter != "," and cells.has_decimal_commas([first, *rows])
    if not has_decimal_comma:
        _refuse_thousands([first, *rows], delimiter)
    if recipe.instance_size == 1:
        _refuse_spaced_thousands(lines[1:])
    nested = _find_nested([first, *rows], recipe)
    if nested is not None and all(map(cells.is_number, cells.split_nested(first[nested]))):
        return Layout(delimiter, has_decimal_comma, _read_nested(first))
    is_named = bool(first[-1]) or (rows and all(len(row) == len(first) and row[-1] for row in rows))  # else it is a trailing comma
    names = first if len(first) == 1 or is_named else first[:-1]
    if recipe.categories or header.is_header(names, recipe.instance_size):
        _check_names(first_line.decode("utf-8", "replace"), delimiter, names, rows, recipe)
        columns = _read_columns(first, names, rows, delimiter, recipe)
        is_line = len(first) == 1 and delimiter in first[0]  # whole lines are in quotes, and no comma of theirs is known for a decimal
        has_decimal_comma = has_decimal_comma or (not is_line and _has_quoted_decimals(rows, columns))
        notes = (*columns.notes, *_list_point_notes(rows, columns, recipe))
        return Layout(delimiter, has_decimal_comma, columns, has_header=True, names=first, notes=notes)
    found = find_columns([first, *rows], recipe)
    has_decimal_comma = has_decimal_comma or _has_quoted_decimals([first, *rows], found)
    zero = (MAYBE_HEADER,) if first == ["0"] and recipe.instance_size == 1 and rows else ()
    notes = (*(found.notes if found else zero), *_list_point_notes([first, *rows], found, recipe))
    return Layout(delimiter, has_decimal_comma, found, notes=notes)


def _find_delimiter(first: bytes, others: Sequence[bytes], named: str | None, recipe: Recipe) -> str:
    """Return what parts the cells of lines.

    Args:    named: what a line before them says.
    """
    delimiter = named or cells.find_delimiter(others[0] if others else first)
    if recipe.instance_size == 1 and delimiter == "," and others and _are_decimals(first, others):
        return ";"  # a name without any delimiter: the commas below it are decimals
    return delimiter


def _refuse_thousands(rows: list[list[str]], delimiter: str) -> None:
    """Raise NotANumber if a point may part thousands, as where semicolons part cells."""
    may_be_thousands = delimiter == ";" or (delimiter != "," and cells.has_hundreds_beside(rows))
    if may_be_thousands and (cell := cells.find_thousands(rows)):
        raise NotANumber(
            f"whether {cell!r} is {cell.replace('.', '')} or {float(cell)} is not certain: a point may part thousands",
            advice="Write the numbers without points, or with commas between the cells.",
        )


def _refuse_spaced_thousands(lines: Sequence[bytes]) -> None:
    """Raise NotANumber if a space may part thousands, in lines of one number."""
    if text := cells.find_spaced_thousands(lines):
        raise NotANumber(
            f"whether {text!r} is {''.join(text.split())} or several numbers is not certain: a space may part thousands",
            advice="Write the numbers without spaces.",
        )


def _read_columns(first: list[str], names: list[str], rows: list[list[str]], delimiter: str, recipe: Recipe) -> Columns:
    """Return the columns of a header, and refuse rows that do not fit it.

    Args:    first: the header's cells; names are those without the one that a trailing comma makes.
    Raises:  WrongShape: there are no rows, or what they hold is not certain.
    """
    columns = _read_header(names, rows, recipe)
    if not rows:
        raise WrongShape(f"the only line is a header: it begins with {names[0][:40]!r}", advice="Send the rows below it, too.")
    _check_units(rows[0], columns, recipe)
    if delimiter != cells.SPACES:
        _check_length(first, rows, columns)
    if delimiter == "," and not recipe.takes_pictures:
        _check_decimals(first, rows, columns, recipe)
    return columns


def _take_numbers(rows: list[list[str]], columns: Columns | None) -> list[list[str]]:
    """Return the cells of rows that hold values, and the label."""
    held = [] if columns is None else [*columns.values, *([] if columns.label is None else [columns.label])]
    return [[row[at] for at in held if at < len(row)] for row in rows] if columns else rows


def _has_quoted_decimals(rows: list[list[str]], columns: Columns | None) -> bool:
    """Return whether values have decimal commas, in quotes where commas part cells too, as Google's sheets write them; none has a point."""
    values = _take_numbers(rows, columns)
    return not cells.has_points(values) and cells.has_decimal_commas(values)


def _list_point_notes(rows: list[list[str]], columns: Columns | None, recipe: Recipe) -> tuple[Note, ...]:
    """Return a note if points of numbers were read as decimals and may part thousands, as a table of another country has them."""
    numbers = _take_numbers(rows, columns)
    if recipe.takes_pictures or not (cell := cells.find_thousands(numbers) or cells.find_thousands_beside(numbers)):
        return ()
    detail = f"{cell!r} was read as {float(cell):g}, and a point before three figures may part thousands"
    return (Note(MAYBE_THOUSANDS, detail, "If it parts thousands, leave it out."),)


def _are_decimals(name: bytes, lines: Sequence[bytes]) -> bool:
    """Return whether the commas in lines under one name are decimals.

    Raises:  NotANumber: what is before them counts the lines, so that they may as well part two cells.
    """
    texts = [line.decode("latin-1").strip(' "') for line in lines]
    if cells.is_number(name.decode("latin-1")) or any(mark in name.decode("latin-1") for mark in cells.DELIMITERS):
        return False
    if not any("," in text for text in texts) or any('"' in text or not cells.may_have_decimal_comma(text) for text in texts):
        return False
    wholes = [text.partition(",")[0] for text in texts if "," in text]
    if len(wholes) == len(texts) > 1 and wholes[0].isdecimal() and header.is_count(wholes, int(wholes[0])):
        raise NotANumber(
            f"whether {texts[0]!r} is {texts[0].replace(',', '.')} or two cells is not certain: the first numbers count the lines",
            advice="Write decimals with a point, or name both columns in the header.",
        )
    return True


def is_grid(lines: Sequence[bytes], recipe: Recipe, delimiter: str | None) -> bool:
    """Return whether lines are those of one picture: as many as it has, with as many values as it is wide."""
    if len(recipe.instance_shape) != 2 or len(lines) not in {recipe.instance_shape[0], recipe.instance_shape[0] + 1}:
        return False
    width, mark = recipe.instance_shape[1], delimiter or cells.find_delimiter(lines[-1])
    is_named = len(lines) > recipe.instance_shape[0]  # by a header
    counts = {len(cells.split_cells(line, mark)) for line in lines[is_named:]}
    return counts in ({width}, {width + 1}) and (not is_named or header.is_header(cells.split_cells(lines[0], mark), width))


def _check_names(line: str, delimiter: str, names: list[str], rows: list[list[str]], recipe: Recipe) -> None:
    """Refuse a first line that is no header: a row of what is nearly numbers or with another delimiter, or a title above the table.

    Raises:  NotANumber, WrongShape: it is one.
    """
    if not recipe.takes_pictures and not _has_own_name(names, recipe) and (wrong := _find_no_name(list(filter(None, names)))):
        detail = f"the first line has {wrong[:40]!r}, which is no number and no name"
        raise NotANumber(detail, advice=f"{PLAIN} Begin a column's name with a letter.")
    marked = list(filter(_MARKED_NUMBER.fullmatch, names)) if recipe.takes_pictures else []
    if 2 * len(marked) > len(names):
        raise NotANumber(f"line 1, value {names.index(marked[0]) + 1} is {marked[0][:40]!r}; expected a number", advice=PLAIN)
    held = sum(map(bool, names))
    detail = f"the first line has {held:,} name{'s'[: held != 1]}"
    if len(names) == 1 and (advice := advise_mark(line, delimiter, recipe)):
        raise WrongShape(f"{detail}; expected {recipe.instance_size:,}", advice=advice)
    if recipe.instance_size > 2 and rows and 2 * held < (width := Counter(map(len, rows)).most_common(1)[0][0]):
        raise WrongShape(
            f"{detail}, and the lines below have {width:,} cells", advice="Leave out what stands above the header, like a title."
        )


def _has_own_name(names: list[str], recipe: Recipe) -> bool:
    """Return whether a cell is the name of one of the recipe's columns, which may begin with a digit, as 1stFlrSF."""
    own = {column.name.casefold() for column in recipe.features}
    return any(name.casefold() in own for name in names)


def _find_no_name(names: list[str]) -> str | None:
    """Return a cell of a first line that is no name if they all are none, or if half of them are numbers or begin with one."""
    wrong = [name for name in names if cells.is_no_name(name)]
    is_row = 2 * sum(map(cells.begins_with_number, names)) >= len(names)
    return wrong[0] if wrong and (is_row or len(wrong) == len(names)) else None


def _read_header(first: list[str], rows: list[list[str]], recipe: Recipe) -> Columns:
    """Return the columns of a header; one that lacks a name for the rows' own, as R writes it, gets one."""
    if rows and all(len(row) == len(first) + 1 and row[-1] for row in rows):
        _check_row_names(rows, first, recipe)
        columns = _read_header(["", *first], rows, recipe)
        # Of numbers it may as well be a comma that parts decimals or thousands.
        note = INDEX_FIRST if cells.is_number(rows[0][0]) else NAME_FIRST
        return columns if recipe.takes_pictures else replace(columns, notes=(*columns.notes, note))
    size = recipe.instance_size
    if first[-size - 1 :] == [str(number) for number in range(size + 1)]:  # names that say nothing
        offset = len(first) - size - 1
        found = find_columns([row[offset:] for row in rows], recipe)
        if found:
            values = [index + offset for index in found.values]
            return Columns(len(first), values, None if found.label is None else found.label + offset, notes=found.notes)
    return header.read_header(first, recipe, _find_nested(rows, recipe))


def _read_nested(first: list[str]) -> Columns:
    """Return the columns of rows without a header, of which one cell holds all values: what another cell means would be a guess.

    Raises:  WrongShape: there is another.
    """
    if len(first) == 1:
        return Columns(1, [0], is_nested=True)
    raise WrongShape(
        f"the first line has all values in one cell, and begins with {first[0][:40]!r}: what its other cells are is not certain",
        advice="Name the columns in a header line, like label or id, and pixels.",
    )


def _find_nested(rows: list[list[str]], recipe: Recipe) -> int | None:
    """Return the one column whose cells hold all of an instance's values, as 0 0 255 or [0, 0, 255]; None if none does."""
    size = recipe.instance_size
    if size < 3 or not rows or recipe.categories:
        return None
    found = [
        index
        for index, cell in enumerate(rows[0])
        if len(cell) >= 2 * size - 1 and all(len(row) > index and len(cells.split_nested(row[index])) == size for row in rows[:LOOKED_AT])
    ]
    return found[0] if len(found) == 1 else None


def _check_units(row: list[str], columns: Columns, recipe: Recipe) -> None:
    """Refuse a table whose first line below the header tells another unit than a column's; raise WrongShape if it does."""
    for at, feature in zip(columns.values, recipe.features, strict=False):
        if at < len(row) and not any(map(str.isdigit, row[at])):
            refuse_other_unit(row[at], f"{row[at][:40]!r} below the header", feature)


def _check_length(names: list[str], rows: list[list[str]], columns: Columns) -> None:
    """Refuse rows that have an empty cell more than the header has names: they end with a comma, or begin with a number without a name.

    Raises:  WrongShape: both may be, because the last name is of no column that counts.
    """
    last = max(at for at, name in enumerate(names) if name)
    if all(len(row) == len(names) + 1 and not row[-1] for row in rows) and last not in {*columns.values, columns.label}:
        raise WrongShape(
            f"the header has {len(names):,} names, and the lines below have {len(names) + 1:,} cells, of which the last is empty",
            advice="Give each line a cell for each name, and as many commas as the header has.",
        )


def _check_decimals(names: list[str], rows: list[list[str]], columns: Columns, recipe: Recipe) -> None:
    """Refuse numbers that may be the decimals of those before them, because the rows have a cell more than there are names for.

    Raises:  WrongShape: they may be.
    """
    is_extended = columns.width > len(names)  # as R leaves out the name of the rows' own; or the first name is of what is behind that
    is_own = is_extended and any(find_column(names[:1], each) is not None for each in (*recipe.features, recipe.target) if each)
    names = ["", *names] if is_extended else names
    nameless = [at for at, name in enumerate(names) if not name and all(row[at : at + 1] not in ([], [""]) for row in rows)]
    for index in columns.values:
        pairs = [index] if any(at > index for at in nameless) or (is_extended and not is_own) else []
        pairs += [index - 1] if is_extended and not is_own and index > 1 else []
        joined = [[",".join(row[at : at + 2]) for row in rows] for at in pairs]
        if any(all("," in text and cells.may_have_decimal_comma(text) for text in texts) for texts in joined):
            raise WrongShape(
                f"there are numbers in a column without a name beside {names[index][:40]!r}: they may be decimals behind a comma",
                advice="Name each column, and write decimals with a point.",
            )


def _check_row_names(rows: list[list[str]], names: list[str], recipe: Recipe) -> None:
    """Refuse the first cells of rows that have one cell more than the header has names, unless they are names or count the rows.

    Raises:  WrongShape: they are not, or the header's names are parted by another delimiter.
    """
    found, joined = [row[0] for row in rows], [",".join(row) for row in rows]
    is_joined = any(mark in name for name in names for mark in cells.DELIMITERS)
    has_own = any(map(header.is_of_rows, names))  # a column that names or counts the rows
    # As 4'046 of 4'046,8, and 1 of 1,500.00.
    is_parted = not recipe.takes_pictures and (any(map(cells.is_no_name, found)) or (len(names) == 1 and cells.are_thousands(joined)))
    if not (is_joined or has_own or is_parted or all(map(cells.ends_with_number, found))) and (
        any(map(header.is_count, (found, found), (0, 1))) or not any(map(cells.is_number, found))
    ):
        return
    raise WrongShape(
        f"the header has {len(names):,} name{'s'[: len(names) != 1]}, and the lines below have {len(names) + 1:,} cells",
        advice="Part the cells of all lines alike." if is_joined else "Name each column: a label as label, what counts the rows as id.",
    )
