"""A row of numbers that sums up the others, or is their mean, where no word says so: spreadsheets put one at an end of a table.

From there it goes into whatever the table is saved as, CSV, JSON or npy.
"""

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from functions.shared.reading.drafts.draft import Draft, list_notes
from functions.shared.reading.notes import Note
from recipes.errors import WrongShape

LOOKED_AT = 100  # rows: of so many a note is given before the first is answered
LEAST_ROWS = 2  # that are summed up
LEAST_AVERAGED = 3
PRECISION = 1e-6  # of float32
ADVICE = "Leave it out if it is no row of its own."


def watch_sums(drafts: Iterable[Draft]) -> tuple[tuple[Note, ...], Iterator[Draft]]:
    """Return what the first rows of a table tell of themselves, with a note if its first or last row sums up the others; and its rows.

    In a table that is too long for a note on its end, the last row is refused if it is the sum of all others.
    """
    rest = iter(drafts)
    first = list(islice(rest, LOOKED_AT))
    following = next(rest, None)
    if following:
        return list_notes(first), _refuse_sum(chain(first, [following], rest))
    return (*list_notes(first), *_find_total(first)), iter(first)


def _find_total(drafts: Sequence[Draft]) -> tuple[Note, ...]:
    """Return a note if the first or the last row of a whole table is the sum or the mean of its other rows, else nothing."""
    if len(drafts) > 1 and drafts[-1].number > drafts[-2].number + 1 and _list_numbers(drafts[-1])[:1] == [len(drafts) - 1]:
        return (Note("maybe-total", "the last row, after an empty line, is how many rows there are, and was read as one", ADVICE),)
    for called, one, others in (("last", drafts[-1:], drafts[:-1]), ("first", drafts[:1], drafts[1:])):
        held = [numbers for each in others if (numbers := _list_numbers(each))]
        what = one and _compare(_list_numbers(one[0]), held)
        if what:
            return (Note("maybe-total", f"the {called} row is {what} of the other rows, and was read as a row", ADVICE),)
    return ()


def _refuse_sum(drafts: Iterator[Draft]) -> Iterator[Draft]:
    """Give the rows of a table; the last is refused if it is the sum of all others."""
    sums: list[float] = []
    last: Draft | None = None
    for draft in drafts:
        if last:
            yield last
            numbers = _list_numbers(last)
            sums = [a + b for a, b in zip(sums, numbers, strict=True)] if len(sums) == len(numbers) else sums or numbers
        last = draft
    if last:
        numbers = _list_numbers(last)
        if _are_close(numbers, sums[: len(numbers)]):
            last = Draft(last.number, error=WrongShape(f"{last.place} is the sum of the rows above it", advice=ADVICE), place=last.place)
        yield last


def _list_numbers(draft: Draft) -> list[float]:
    """Return a row's values, and its label if that is a number; nothing of a row that cannot be read."""
    label = [float(draft.label)] if isinstance(draft.label, int | float) else []
    return [*array("f", draft.instance), *label] if draft.instance else []


def _compare(one: Sequence[float], others: Sequence[Sequence[float]]) -> str:
    """Return "the sum" or "the mean" if a row is that of the others, by each of its columns; else nothing."""
    columns = list(zip(*(row for row in others if len(row) >= len(one)), strict=False))[: len(one)]
    if not one or not columns or len(columns[0]) < LEAST_ROWS:
        return ""
    if _are_close(one, [math.fsum(column) for column in columns]):
        return "the sum"
    is_mean = len(columns[0]) >= LEAST_AVERAGED and all(map(_is_mean, one, columns))
    return "the mean" if is_mean else ""


def _are_close(one: Sequence[float], sums: Sequence[float]) -> bool:
    return bool(one) and any(one) and len(one) == len(sums) and all(map(_is_close, one, sums))


def _is_close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=PRECISION)


def _is_mean(value: float, column: Sequence[float]) -> bool:
    """Return whether a value is a column's mean, as far as it is written, and is written with more decimals than any of the column."""
    decimals = _count_decimals(value)
    return decimals > max(map(_count_decimals, column)) and abs(value - math.fsum(column) / len(column)) <= 0.6 * 10**-decimals


def _count_decimals(value: float) -> int:
    return len(f"{value:.6g}".partition(".")[2])
