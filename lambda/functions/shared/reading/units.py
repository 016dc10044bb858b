"""Numbers in another unit than their column's, where a name or a field beside them tells so for certain."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NoReturn

from functions.shared.reading.cells import begins_with_number
from recipes.columns import LONGEST_NAME, Column, Quantity, describe, find_column
from recipes.errors import NotANumber, WrongShape
from recipes.recipe import Recipe
from recipes.units import SCALES, find_factor, find_units, split_units

FIELDS = ("unit", "units", "uom", "unitcode", "unittext", "unitofmeasure")  # tell the unit of the number beside them
ENDINGS = ("_unit", "_units", "_uom")
MANY = 1e6  # a factor from here on is shown as a whole number, for one with an exponent is hard to read
JOINING = frozenset({"a", "an", "in", "of", "per"})  # words of a unit beside it: US$ a year
_ENDING = re.compile(r"(^|_)(units?|uom)$", re.IGNORECASE)
# What tells a unit where it stands alone: codes of UN/CEFACT's Recommendation 20, as JSON-LD has them, and letters.
ALONE = {
    **{"MTK": "m2", "FTK": "ft2", "ANN": "years", "MON": "months", "WEE": "weeks", "DAY": "days", "HUR": "hours", "MTR": "metres"},
    **{"m": "metres", "d": "days", "h": "hours", "min": "minutes", "s": "seconds", "g": "grams", "l": "litres"},
}


def find_other_unit(name: str, columns: Iterable[Column]) -> str:
    """Return a unit that a name tells and that none of the columns has; "" if it tells none, or the columns have none."""
    return _find_other_unit(name, tuple(columns)) if len(name) <= LONGEST_NAME else ""


@lru_cache(maxsize=256)  # each record of JSON has the same names once more
def _find_other_unit(name: str, columns: tuple[Column, ...]) -> str:
    numbers = [column for column in columns if isinstance(column, Quantity)]
    own = "; ".join(f"{column.name} {column.unit}" for column in numbers)
    units = find_units(own)
    if not units and not any(column.unit for column in numbers):
        return ""
    for column in numbers:
        name = name.replace(column.name.lower(), f" {column.name} ")  # as of experiencemonths
    return next((unit for unit in find_units(name) if unit not in units and unit not in own), "")  # people write feet of square feet


def refuse_other_unit(name: str, called: str, column: Column) -> None:
    """Refuse a number whose name tells another unit than its column's: experience_months of experience in years.

    Args:    called: what holds the number, as it is shown.
    Raises:  WrongShape: it does; with the factor, where there is one.
    """
    if unit := find_other_unit(name, [column]):
        _refuse(unit, called, column)


def find_value_in_other_unit(values: Sequence[Any], place: str, recipe: Recipe) -> NotANumber | None:
    """Return the error of a row's first value that tells a number in another unit than its column's, as 60 months; None if none does."""
    for value, column in zip(values, recipe.features, strict=False):
        if isinstance(value, str) and begins_with_number(value) and (unit := find_other_unit(value, [column])):
            detail, advice = _describe(unit, f"{place}, {column.name} {value[:40]!r}", column)
            return NotANumber(detail, advice=f"{advice}. Send the number alone.")
    return None


def refuse_other_units(names: Iterable[str], called: str, recipe: Recipe) -> None:
    """Refuse the number of a table of one column by the names about it, as the inner one of {"experience": {"months": 60}}."""
    if len(recipe.features) == 1:
        for name in names:
            refuse_other_unit(name, f"{called} has a {name[:40]!r}, which", recipe.features[0])


def is_unit_field(name: str) -> bool:
    """Return whether a field or a column tells the unit of a number beside it: unit, size_unit, unitText."""
    spelled = name.strip().lower()
    if "unit" not in spelled and "uom" not in spelled:  # most: each record is asked for each of its fields
        return False
    return spelled.replace("_", "") in FIELDS or spelled.endswith(ENDINGS)


def refuse_unit_beside(fields: Mapping[str, Any], called: str, recipe: Recipe) -> None:
    """Refuse the numbers of a table beside which a field tells a unit that no column has: {"experience": 60, "unit": "months"}.

    Raises:  WrongShape: one does.
    """
    if not recipe.features:
        return
    for name in filter(is_unit_field, fields):
        value = fields[name]
        told = value if isinstance(value, dict) else {strip_ending(name): value}
        for measured, text in told.items():
            columns = list_measured(measured, value if told is value else fields, recipe)
            if columns and isinstance(text, str) and (unit := _find_told(text.strip(), columns)):
                _refuse(unit, f"{called} has the {name[:40]} {text[:40]!r}, which", columns[0])


def _find_told(text: str, columns: Sequence[Column]) -> str:
    """Return the other unit that a text is; "" of a text that only has one in it, as the Day Care that a clinic calls a unit."""
    spelled = ALONE.get(text, text)
    unit = find_other_unit(spelled, columns)
    return unit if unit and set(split_units(spelled)[1]) <= JOINING else ""


def strip_ending(name: str) -> str:
    """Return what a field of a unit is called without its ending: of experience_unit experience, of unit nothing."""
    return _ENDING.sub("", name.strip())


def list_measured(name: str, fields: Collection[str], recipe: Recipe) -> Sequence[Column]:
    """Return the columns whose unit stands in the field of a unit: of experience_unit that one, of unit any.

    Of another field beside it, as of weight and weight_unit, the unit says nothing of a column.

    Args:    name: the field's own without its ending, experience or "".
             fields: all names beside it.
    """
    columns = [*recipe.features, *([recipe.target] if recipe.target else [])]
    own = [column for column in columns if name and find_column([name], column) is not None]
    is_of_another = name and name.lower() in {each.strip().lower() for each in fields}
    return own or ([] if is_of_another else columns)


def refuse_number_with_unit(fields: Mapping[str, Any], called: str, recipe: Recipe) -> None:
    """Refuse an object of a number and its unit: {"value": 60, "unit": "months"}, or {"months": 60}.

    Raises:  WrongShape: it is one.
    """
    refuse_unit_beside(fields, called, recipe)
    refuse_other_units(fields, called, recipe)
    if recipe.features and (name := next(filter(is_unit_field, fields), None)):
        detail = f"{called} has a {name[:40]!r}: a number is read in the unit of its column, and in no other"
        raise WrongShape(detail, advice="Send the number alone.")


def _refuse(unit: str, called: str, column: Column) -> NoReturn:
    detail, advice = _describe(unit, called, column)
    raise WrongShape(detail, advice=f"{advice}. Call it {column.name}.")


def _describe(unit: str, called: str, column: Column) -> tuple[str, str]:
    """Return what is wrong with a number in another unit, and what brings it to its column's."""
    own = getattr(column, "unit", "")
    factor = find_factor(unit, own) if unit in SCALES or len(find_units(own)) == 1 else None  # of a month's wage and a year's is another
    advice = f"Bring it to {own}" if own else "Bring it to the unit of its column"
    if factor:
        times = max(factor, 1 / factor)
        advice += f": {'multiply' if factor > 1 else 'divide'} by {times:,.{'6g' if times < MANY else '0f'}}"
    return f"{called} tells {unit}; expected {describe(column)}", advice
