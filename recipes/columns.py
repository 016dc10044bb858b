"""The columns of a table: numbers with a unit, and categories with the values they are known to have."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import combinations
from typing import Any, NamedTuple

MISSING = frozenset(("na", "n/a", "#n/a", "<na>", "nan", "null", "none"))  # what programs write in place of nothing
_DASHES = dict.fromkeys(map(ord, "\N{HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}"), "-")
LOST_LETTER = "\N{REPLACEMENT CHARACTER}"  # what is read in place of a byte that is no UTF-8
UNKNOWN_CODE = -1  # of a category's value that is none of those known
LONGEST_NAME = 400  # characters: what is longer names no column and no unit, and may be made to take long
COUNTING: tuple[list[str], ...] = ([], ["0"], ["1"])  # numbers of a name that say nothing, as 1000 in size (1000 sqft) and 2 in years^2 do
_NUMBER, _NO_LETTERS = re.compile(r"\d+"), re.compile(r"[\W\d_]+")
NAMELESS = ("x", "v", "column", "col", "feature", "value", "values", "input", "var")  # with a number or without: say nothing


class Quantity(NamedTuple):
    """A number with a meaning.

    Args:    name: its title, and the column of a file that holds it.
             unit: its unit of measure.
             least: the least it can be in the world, whatever a model was trained on, as 0 of years; None where nothing bounds it.
             bounds: the least and the most that it is wherever the recipe is used, as 49 and 61 of a latitude in the United Kingdom. They
             tell columns in each other's place; a number outside them that is no other column's is answered.
    """

    name: str
    unit: str
    least: float | None = None
    bounds: tuple[float, float] | None = None

    def holds(self, value: float) -> bool:
        """Return whether a number lies within the bounds."""
        return self.bounds is not None and self.bounds[0] <= value <= self.bounds[1]

    def describe(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        return {"name": self.name, "unit": self.unit, **({} if self.least is None else {"least": self.least})}


class Category(NamedTuple):
    """A text that is one of a few. An instance holds its place among them, its code, as a number.

    Args:    name: its title, and the column of a file that holds it.
             values: those that are known, in the order of their codes; "" among them is an empty cell.
             other: the one of them that stands for every other text; None where another text is unknown.
    """

    name: str
    values: tuple[str, ...]
    other: str | None = None

    def describe(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        return {"name": self.name, "values": list(self.values)}

    def find_code(self, text: str) -> int:
        """Return the place of a text among the values, whatever its case, spaces and dashes, and that of "" for what stands for nothing.

        Of a text that is none of them it is the place of `other`, or UNKNOWN_CODE.
        """
        codes, wanted = _index_values(self), _fold(text)
        if wanted in MISSING and wanted not in codes:
            wanted = ""
        if wanted not in codes and wanted and self.other:
            wanted = _fold(self.other)
        return codes.get(wanted, UNKNOWN_CODE)


Column = Quantity | Category


@cache
def _index_values(category: Category) -> dict[str, int]:
    return {_fold(value): code for code, value in enumerate(category.values)}


def _fold(text: str) -> str:
    """Return a text as it is compared: spreadsheets and text processors make other dashes and spaces of those that are typed.

    One that is longer than any name keeps its letters: Unicode's normal form of accents takes the square of their count.
    """
    if not text.isascii() and len(text) <= LONGEST_NAME:
        text = _normalize(text)
    folded = text.strip().casefold()
    return " ".join(folded.split()) if "  " in folded else folded


@lru_cache(2048)  # a table's names are compared once for each of its columns, and 400 accents take .14 ms
def _normalize(text: str) -> str:
    import unicodedata  # noqa: PLC0415 - most starts never need it

    return unicodedata.normalize("NFKC", text).translate(_DASHES)


def find_swapped_numbers(values: Sequence[float], columns: Sequence[Column]) -> str:
    """Return what is swapped in a row: two quantities of which each holds a number of the other's, and not its own; "" if nothing."""
    outside = [
        (column, value)
        for column, value in zip(columns, values, strict=True)
        if isinstance(column, Quantity) and column.bounds and not column.holds(value)
    ]
    for (first, number), (second, other) in combinations(outside, 2):
        if first.holds(other) and second.holds(number):
            return f"{first.name} is {number:.6g}, a value of {second.name}, and {second.name} is {other:.6g}, a value of {first.name}"
    return ""


def describe(column: Column) -> str:
    """Return a column as a text for people: experience in years."""
    return f"{column.name} in {column.unit}" if isinstance(column, Quantity) and column.unit else column.name


def is_nameless(name: str) -> bool:
    """Return whether a name says nothing: x0, Column 3."""
    return (left := _keep_letters(name)) in NAMELESS or not left


def is_name_of(name: str, column: Column) -> bool:
    """Return whether a name says a column: "YearsExperience" is experience in years, "Experience (months)" is not."""
    return len(name) <= LONGEST_NAME and _is_name_of(name, column)


@lru_cache(maxsize=256)  # each record of JSON has the same names once more
def _is_name_of(name: str, column: Column) -> bool:
    said = _leave_out_unit(name, column) if isinstance(column, Quantity) else name
    numbers = [number for number in _NUMBER.findall(_fold(said)) if number not in _list_numbers(column)]
    if numbers not in COUNTING:
        return False
    left = _keep_letters(said)
    for word in _list_words(column):
        left = left.replace(word, "")
    return left in {"", "of", "in"} and not is_nameless(name)


@cache
def _list_numbers(column: Column) -> list[str]:
    """Return the numbers of a column's own name and unit: of PM2.5 two."""
    return _NUMBER.findall(_fold(f"{column.name} {getattr(column, 'unit', '')}"))


@cache  # a header may have a hundred thousand names, each of which is compared with each column
def _list_words(column: Column) -> tuple[str, ...]:
    return _keep_letters(column.name), _keep_letters(getattr(column, "unit", ""))


def find_column(names: Sequence[str], column: Column) -> int | None:
    """Return the place of the one name that says a column, its own spelling first; None if none does, or several do."""
    return find_columns(names, (column,))[0]


def find_columns(names: Sequence[str], columns: Sequence[Column]) -> list[int | None]:
    """Return the place of each column's name; see `find_column`. A name that says two of them, as years of two ages, says none."""
    spelled = [_fold(name) for name in names]
    letters: list[str] = []  # of each name once: a body may have half a million of them, each of which is compared with each column
    found = []
    for column in columns:
        wanted, (head, tail) = _list_spellings(column), _list_heads(column)
        places = [at for at, name in enumerate(spelled) if name in wanted]
        if not places:
            letters = letters or [_keep_letters(name) for name in names]
            places = [at for at, held in enumerate(letters) if (head in held or tail in held) and is_name_of(names[at], column)]
        found.append(places[0] if len(places) == 1 else None)
    return [at if found.count(at) == 1 else None for at in found]


@cache
def _list_spellings(column: Column) -> tuple[str, str]:
    """Return a column's own name, and the same of a text that is not UTF-8: its letters beyond ASCII are lost."""
    name = _fold(column.name)
    return name, "".join(letter if letter.isascii() else LOST_LETTER for letter in name)


@cache
def _list_heads(column: Column) -> tuple[str, str]:
    """Return what words begin with, of which a name that says a column has one: the first of its own name, and the first of its unit."""
    heads = [
        _keep_letters(text.strip().partition(" ")[0])[:3] for text in (column.name, column.unit if isinstance(column, Quantity) else "")
    ]
    return heads[0] or heads[1], heads[1] or heads[0]


def _leave_out_unit(name: str, column: Quantity) -> str:
    """Return a name without the column's own unit, however it is spelled, as size_sqft; alone it may be something else, as year."""
    from recipes.units import find_units, split_units  # noqa: PLC0415 - most starts never need it

    told, words = split_units(name)
    return " ".join(words) if told and words and set(told) <= set(find_units(column.unit)) else name


def _keep_letters(text: str) -> str:
    """Return a name's letters, of any alphabet: a column called 价格 is not one without a name."""
    return _NO_LETTERS.sub("", _fold(text)) if len(text) <= LONGEST_NAME else text
