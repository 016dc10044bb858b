"""The columns of a table without a header: values alone, or one more, whose meaning is certain or which is refused."""

from collections import Counter

from functions.shared.reading import cells
from functions.shared.reading.notes import Note
from functions.shared.reading.tables.header import UNKNOWN, Columns, is_count
from functions.shared.reading.tables.strangers import TOTALS
from recipes.errors import WrongShape
from recipes.recipe import Recipe

LABEL_FIRST = Note("label-column", "the first column was taken for the label of the row, not for a value", "Name the columns in a header.")
LABEL_LAST = Note("label-column", "the last column was taken for the label of the row, not for a value", "Name the columns in a header.")
NAME_FIRST, NAME_LAST = (
    Note("name-column", f"the {at} column is text and was taken for the name of the row, not for a value", "Name the columns in a header.")
    for at in ("first", "last")
)
COUNT_FIRST = Note(
    "index-column",
    "the first column counts the rows, or is their label: it was left out, and no answer is compared with it",
    "Name the columns in a header: id, or label.",
)
INDEX_FIRST = Note("index-column", "the first column counts the rows and was left out", "Name the columns in a header.")
SHOWN = 3


def find_columns(rows: list[list[str]], recipe: Recipe) -> Columns | None:
    """Return where the cells of rows without a header are, or None if they are values alone, or of a width that is refused row by row."""
    size = recipe.instance_size
    rows = [cells.trim(row, size) for row in rows]
    if not rows or Counter(map(len, rows)).most_common(1)[0][0] != size + 1:
        return None
    rows = [row for row in rows if len(row) == size + 1]
    first, last = [row[0] for row in rows], [row[-1] for row in rows]
    # Of a table of numbers, 8 Ann is what is behind a decimal comma; a picture's name may begin with a number.
    is_parted = not recipe.takes_pictures and (any(map(cells.is_no_name, (*first, *last))) or all(map(cells.ends_with_number, first)))
    if _are_words(first) and not any(map(_is_word, last)) and not is_parted:
        return Columns(size + 1, range(1, size + 1), carried={"name": 0}, notes=(NAME_FIRST,))
    if _are_words(last) and not any(map(_is_word, first)) and not is_parted:
        return Columns(size + 1, range(size), carried={"name": size}, notes=(NAME_LAST,))
    if recipe.takes_pictures:
        is_counted = len(rows) > 1 and any(is_count(first, start) for start in (0, 1))
        if is_counted and len(rows) > len(recipe.labels):
            return Columns(size + 1, range(1, size + 1), notes=(INDEX_FIRST,))
        if _are_labels(first, recipe) and _are_blank(last):
            return Columns(size + 1, range(1, size + 1), None if is_counted else 0, notes=(COUNT_FIRST if is_counted else LABEL_FIRST,))
        if _are_labels(last, recipe) and _are_blank(first):
            return Columns(size + 1, range(size), size, notes=(LABEL_LAST,))
    raise WrongShape(
        f"a row has {size + 1} values; expected {size}: which of them is a label or counts the rows is not certain "
        f"(the first column begins {_show(first)}, the last {_show(last)})",
        advice="Leave that column out, or name the columns in a header line, like label or id.",
    )


def _show(column: list[str]) -> str:
    return ", ".join(cell[:20] or "empty" for cell in column[:SHOWN])


def _is_word(cell: str) -> bool:
    return bool(cell) and not cells.is_number(cell) and cell.lower() not in UNKNOWN


def _are_words(column: list[str]) -> bool:
    return all(map(_is_word, column)) and not all(cell.lower().rstrip(" :") in TOTALS for cell in column)


def _are_labels(column: list[str], recipe: Recipe) -> bool:
    """Return whether each cell is one of the labels, and one is not zero: pixels at an edge are zeros too."""
    labels = {str(label) for label in recipe.labels}
    return all(cell.removesuffix(".0") in labels for cell in column) and not _are_blank(column)


def _are_blank(column: list[str]) -> bool:
    return all(cells.parse_number(cell) == 0 for cell in column)
