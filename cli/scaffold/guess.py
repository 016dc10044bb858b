"""What the columns of a table are, by their cells: numbers, categories, and what says nothing that a model could learn from."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from recipes.tables.csv_files import MISSING, CsvTable

Kind = Literal["number", "category", "left out"]
MOST_VALUES = 50  # of a category: more are no menu, and each is seen too seldom
MOST_MISSING = 0.2  # of a number's cells: each row without one is lost
IDENTIFIER = re.compile(r"(?:.*[^a-z])?(?:id|uuid|guid|key|index|no|nr|number)", re.IGNORECASE)
DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?: .*)?|\d{1,2}:\d{2}(?::\d{2})?")


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What a column is taken for.

    Args:    why: what was seen, for people.
             values: of a category, in the order of their codes.
             missing: how many of its cells hold nothing.
    """

    name: str
    kind: Kind
    why: str
    values: tuple[str, ...] = ()
    missing: int = 0


def guess_columns(table: CsvTable) -> list[ColumnGuess]:
    """Return what each column is taken for."""
    twice = {name for name, count in Counter(name.casefold() for name in table.names).items() if count > 1}
    columns = zip(table.names, zip(*table.rows, strict=True), strict=True)
    return [
        ColumnGuess(name, "left out", "it has no name" if not name else "two columns have this name")
        if not name or name.casefold() in twice
        else guess_column(name, cells, table.is_number)
        for name, cells in columns
    ]


def guess_column(name: str, cells: Sequence[str], is_number: Callable[[str], bool]) -> ColumnGuess:
    """Return what a column is taken for, by its cells."""
    held = [cell for cell in cells if cell.casefold() not in MISSING]
    missing, distinct = len(cells) - len(held), len({cell.casefold() for cell in held})
    if not held:
        return ColumnGuess(name, "left out", "it is empty", missing=missing)
    if distinct == 1 and not missing:
        return ColumnGuess(name, "left out", f"it is always {held[0][:40]!r}")
    if sum(map(is_number, held)) == len(held):
        return _guess_number(name, held, missing)
    if sum(DATE.fullmatch(cell) is not None for cell in held) >= 0.9 * len(held):
        return ColumnGuess(name, "left out", "dates: a model would learn each day; make them a month, an age or a season", missing=missing)
    values = list_values(cells)
    if len(values) <= MOST_VALUES and distinct <= max(2, len(held) / 2):
        return ColumnGuess(name, "category", f"{distinct:,} texts", values, missing)
    numbers = sum(map(is_number, held))
    mixed = f"; {numbers:,} of them are numbers, {next(cell for cell in held if not is_number(cell))[:40]!r} is none" * bool(numbers)
    return ColumnGuess(name, "left out", f"{distinct:,} different texts in {len(held):,} rows{mixed}", missing=missing)


def list_values(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the texts in a column, each in the spelling that it has most often, sorted; an empty cell last."""
    spellings: dict[str, str] = {}
    for text, _ in Counter(cells).most_common():
        spellings.setdefault(text.casefold(), text)
    empty = "" in spellings
    return (*sorted(text for text in spellings.values() if text), *([""] if empty else []))


def _guess_number(name: str, held: Sequence[str], missing: int) -> ColumnGuess:
    if len(set(held)) == len(held) and all(cell.lstrip("+-").isdigit() for cell in held):
        numbers = [int(cell) for cell in held]
        if IDENTIFIER.fullmatch(name):
            return ColumnGuess(name, "left out", "an id: another number in each row", missing=missing)
        if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] in {0, 1}:
            return ColumnGuess(name, "left out", "it counts the rows", missing=missing)
    if missing > MOST_MISSING * (missing + len(held)):
        return ColumnGuess(name, "left out", f"{missing:,} of its cells are empty, and each would cost its row", missing=missing)
    return ColumnGuess(name, "number", "numbers", missing=missing)
