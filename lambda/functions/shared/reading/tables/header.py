"""What a header line says: which columns are values, and which are the label, the id and the name."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from functions.shared.keys import describe_missing, find_keys
from functions.shared.reading.categories import UTF_8
from functions.shared.reading.cells import is_number
from functions.shared.reading.notes import Note
from functions.shared.reading.units import find_other_unit, is_unit_field, list_measured, refuse_other_unit, strip_ending
from recipes.columns import LOST_LETTER, describe, find_columns, is_name_of, is_nameless
from recipes.errors import Malformed, WrongShape
from recipes.recipe import Recipe

CARRIED = ("id", "name")  # columns and fields that a row's line in the results repeats
LABELS = ("label", "labels", "class", "digit", "target", "y")
# In any language that was seen, without what stands around their letters.
INDEXES = {
    "",
    "index",
    "idx",
    "row",
    "rownames",
    "rowid",
    "rownum",
    "rownumber",
    "no",
    "nr",
    "sno",
    "slno",
    "srno",
    "lfdnr",
    "obs",
    "n°",
    "№",
}
UNKNOWN = {"na", "n/a", "#n/a", "null", "none", "?", "true", "false"}  # what stands in place of a number, and is no name
LEAST_COUNTED = 10  # columns that are called by numbers alone
SHOWN = 5
_COLUMN_FIRST = re.compile(r"(?<![a-z])(x|c|col|column)[\W_]*\d+[\W_]*(y|r|row)[\W_]*\d+$")  # names a pixel by its column, and then its row


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a row's cells are.

    Args:    width: how many cells a row has.
             values: of the instance's values, in the instance's order.
             label: of the label; None if there is none.
             carried: of the id and the name, by name.
             keys: of the columns that are to be carried too, by what they are asked for as.
             index: of what names the rows; None if nothing does.
             units: of those that tell the unit of a number beside them, by name.
             is_nested: whether one cell holds all of an instance's values.
             notes: what the answer says of it.
    """

    width: int
    values: Sequence[int]
    label: int | None = None
    carried: dict[str, int] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    index: int | None = None
    units: dict[str, int] = field(default_factory=dict)
    is_nested: bool = False
    notes: tuple[Note, ...] = ()


def is_header(cells: Sequence[str], size: int) -> bool:
    """Return whether a first line is a header: most of its cells are no numbers, or they count from 0, as pandas names columns."""
    held = [cell for cell in cells if cell]
    if not held:
        return False
    if 2 * sum(not is_number(cell) and cell.lower() not in UNKNOWN for cell in held) > len(held):
        return True
    is_indexed = len(cells) > 1 and _is_index(cells[0].lower())
    counted = list(cells[1:] if is_indexed else cells)
    numbers = [cell.removesuffix(".0") for cell in cells if is_number(cell)]  # between a label and a name, perhaps
    if len(numbers) >= LEAST_COUNTED and (is_count(numbers, 1) or is_count(numbers)):
        return True
    return is_count(counted) and (is_indexed or len(counted) >= min(size, LEAST_COUNTED) > 2)


def is_of_rows(name: str) -> bool:
    """Return whether a column is called as one that names or counts the rows."""
    return name.lower() in CARRIED or _is_index(name.lower())


def is_count(cells: Sequence[str], start: int = 0) -> bool:
    """Return whether cells count from a number."""
    return list(cells) == [str(number) for number in range(start, start + len(cells))]


def read_header(cells: Sequence[str], recipe: Recipe, nested: int | None = None) -> Columns:
    """Return where the columns of a table are, by their names.

    Args:    nested: the one column whose cells hold all of an instance's values; None if none does.
    Raises:  WrongShape: the columns of values are not as many as an instance has, or in no certain order.
    """
    names = [_find_name(cell, recipe) for cell in cells]
    labels = (*((recipe.target.name.lower(),) if recipe.target else ()), *LABELS)
    features = [feature.name.lower() for feature in recipe.features]
    label = _find_label(cells, names, [name for name in labels if name not in features])
    carried = {name: names.index(name) for name in CARRIED if name in names and name not in features}
    keys = _find_keys(cells, recipe)
    others = {*carried.values(), *(index for index, name in enumerate(names) if name in labels or _is_index(name))}
    values, ignored = _find_values(cells, names, others, recipe, nested)
    if keys and nested is None and len(values) != recipe.instance_size:  # else a key is a value too, or beside all of them
        values, ignored = _find_values(cells, names, others.union(keys.values()), recipe, nested)
    ignored = [at for at in ignored if at not in keys.values()]
    if nested is None and len(values) != recipe.instance_size:
        raise WrongShape(
            f"the header names {len(values):,} {'column' if len(values) == 1 else 'columns'} of values; expected {recipe.instance_size}",
            advice=_advise_columns(len(values), labels, recipe),
        )
    values, notes = _order(names, values)
    for at, feature in zip(values, recipe.features, strict=False):
        refuse_other_unit(cells[at], f"the column {cells[at][:40]!r}", feature)
    if label is not None and recipe.target and (unit := find_other_unit(cells[label], [recipe.target])):
        detail = f"the column {cells[label][:40]!r} tells {unit} and was left out; {describe(recipe.target)} is compared with answers"
        notes.append(Note("other-unit", detail, f"Bring it to {describe(recipe.target)}."))
        label = None
    notes += [
        Note("other-names", f"the column {cells[index][:40]!r} was read as {describe(feature)}", f"Name it {feature.name}.")
        for index, feature in zip(values, recipe.features, strict=False)
        if not (is_nameless(cells[index]) or is_name_of(cells[index], feature))
    ]
    if ignored:
        notes.append(_describe_ignored([cells[index] for index in ignored]))
    index = next((at for at, name in enumerate(names) if _is_index(name) and at not in values), None)
    # Not by the names, in which salary_unit is a spelling of salary.
    telling = {cell: at for at, cell in enumerate(cells) if is_unit_field(cell) and at not in values}
    units = {cell: at for cell, at in telling.items() if list_measured(strip_ending(cell), cells, recipe)}
    return Columns(len(names), values, label, carried, keys, index, units, nested is not None, tuple(notes))


def _find_keys(cells: Sequence[str], recipe: Recipe) -> dict[str, int]:
    """Return the columns that are asked for as keys; raise WrongShape if one is not there."""
    keys = {}
    for key, at in find_keys(cells, recipe.keys).items() if recipe.keys else ():
        if at is None:
            raise WrongShape(describe_missing(key, cells), advice="Name keys as the header does, each once.")
        keys[key] = at
    return keys


def _find_values(
    cells: Sequence[str], names: Sequence[str], others: Collection[int], recipe: Recipe, nested: int | None
) -> tuple[list[int], list[int]]:
    """Return the columns of values, and those that are left out.

    Args:    others: columns that are something else: a label, an id, a count of the rows.
    """
    named = find_columns(cells, recipe.features)
    values = [index for index in range(len(names)) if index not in others]
    if len(named) == 1:  # its unit alone, as years, may be something else where there are other columns
        at, word = named[0], recipe.features[0].name.lower()
        if at is not None and word in names[at]:
            return [at], [other for other in values if other != at and not is_unit_field(cells[other])]
        named = []
    _refuse_missing(cells, named, recipe)
    if named and None not in named:
        return [at for at in named if at is not None], []
    if nested is not None:
        return [nested], [index for index in values if index != nested]
    return _choose_values(names, values, recipe.instance_size)


def _describe_ignored(cells: Sequence[str]) -> Note:
    shown = ", ".join(repr(cell[:40]) for cell in cells[:SHOWN])
    more = f" and {len(cells) - SHOWN:,} more" if len(cells) > SHOWN else ""
    return Note("ignored-columns", f"columns that are no values were left out: {shown}{more}")


def _find_label(cells: Sequence[str], names: Sequence[str], labels: Sequence[str]) -> int | None:
    """Return the column of the label: one that is called so before one that has the target's name in its own."""
    spelled = [cell.strip().lower() for cell in cells]
    return next((held.index(label) for label in labels for held in (spelled, names) if label in held), None)


def _refuse_missing(cells: Sequence[str], named: Sequence[int | None], recipe: Recipe) -> None:
    """Refuse names of which some are none of several columns: in which order the others would be is not certain.

    Raises:  WrongShape: naming those that are missing. Names that say nothing, as x0 and x1, are in the recipe's order, if all are numbers.
             Malformed: the same, where names have lost letters.
    """
    if None not in named or len(named) < 2 or (all(map(is_nameless, cells)) and not recipe.categories):
        return
    missing = [describe(feature) for feature, at in zip(recipe.features, named, strict=True) if at is None]
    held = ", ".join(repr(cell[:40]) for cell in cells[:SHOWN]) + f" and {len(cells) - SHOWN:,} more" * (len(cells) > SHOWN)
    if any(LOST_LETTER in cell for cell in cells):
        raise Malformed(f"the names are {held}: letters were lost, since the text is not UTF-8", advice=UTF_8)
    wanted = ", ".join(feature.name for feature in recipe.features)
    raise WrongShape(
        f"no column, or more than one, is called {', '.join(missing)}; the names are {held}",
        advice=f"Name each column once, of a CSV in its header line, in any order: {wanted}.",
    )


def _advise_columns(count: int, labels: Sequence[str], recipe: Recipe) -> str:
    if recipe.takes_pictures and 2 * count < recipe.instance_size:
        return f"A row is the {recipe.instance_size:,} values of one picture. Send pictures themselves as PNG, or upload a zip of them."
    own = f"Call the column of {describe(recipe.features[0])} {recipe.features[0].name}. " if len(recipe.features) == 1 else ""
    return f"{own}Columns called {', '.join((*CARRIED, *labels))} do not count."


def _find_name(cell: str, recipe: Recipe) -> str:
    """Return what a column is called: of "Salary (US$)" the recipe's target."""
    name = cell.strip().lower()
    target = recipe.target.name.lower() if recipe.target else ""
    return target if target in re.findall(r"[^\W\d_]+", name) else name


def _is_index(name: str) -> bool:
    return name.startswith("unnamed:") or re.sub(r"[#._\s]", "", name) in INDEXES


def _choose_values(names: Sequence[str], values: list[int], size: int) -> tuple[list[int], list[int]]:
    """Return the columns of values and those left out, where there are more than values and the values' names are alike but for numbers."""
    if len(values) <= size or size == 1:  # of one value its own name alone would be like itself
        return values, []
    families = {index: _get_family(names[index]) for index in values}
    alike = [family for family, count in Counter(families.values()).items() if count == size and "#" in family]
    if len(alike) != 1:
        return values, []
    chosen = [index for index, family in families.items() if family == alike[0]]
    return chosen, [index for index, family in families.items() if family != alike[0]]


def _get_family(name: str) -> str:
    return re.sub(r"\d+", "#", name)


def _order(names: Sequence[str], values: list[int]) -> tuple[list[int], list[Note]]:
    """Return the columns of values in the order of the numbers in their names: sorted as text, pixel10 comes before pixel2."""
    families = {_get_family(names[index]) for index in values}
    if len(values) < 2 or len(families) > 1 or "#" not in next(iter(families)):
        return values, []
    places = {index: tuple(map(int, re.findall(r"\d{1,9}", names[index]))) for index in values}
    if is_across := _COLUMN_FIRST.search(names[values[0]]) is not None:
        places = {index: place[::-1] for index, place in places.items()}
    if len(set(places.values())) < len(values) or (ordered := sorted(values, key=places.__getitem__)) == values:
        return values, []
    if len(places[values[0]]) > 1 and not is_across:
        raise WrongShape(
            f"the columns of values begin with {names[values[0]]!r} and {names[values[1]]!r}: which number is the row is not certain",
            advice="Bring them row by row: 0x0, 0x1, …",
        )
    return ordered, [Note("ordered-columns", "the columns were taken in the order of the numbers in their names, not as they stand")]
