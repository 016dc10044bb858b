"""One instance in JSON into its draft: lists of numbers, a picture in base64, an object that names either."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

from functions.shared.keys import KEYS, find_fields, take_keys
from functions.shared.pictures import decode_picture
from functions.shared.reading.arrays.nesting import advise_shape, count_instances, flatten, measure
from functions.shared.reading.broken import refuse_broken
from functions.shared.reading.categories import encode
from functions.shared.reading.cells import is_number, may_part_thousands, parse_number, split_nested
from functions.shared.reading.documents.only_field import read_name
from functions.shared.reading.drafts.draft import Draft, are_numbers, draft_numbers, may_be_scaled
from functions.shared.reading.marks import describe_picture
from functions.shared.reading.tables.header import CARRIED, LABELS, is_count, read_header
from functions.shared.reading.tables.table import carry, read_label
from functions.shared.reading.units import find_value_in_other_unit, refuse_unit_beside
from recipes import instances, npy
from recipes.columns import describe, find_column, is_name_of, is_nameless
from recipes.errors import InvalidInput, Malformed, UnsupportedType, WrongShape
from recipes.pictures.decode import count_frames, sniff
from recipes.recipe import Recipe

PICTURES = ("image", "b64", "image_bytes", "bytes", "content", "base64", "composite")
_PLAIN_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
_NUMBERS = re.compile(r"[\[(\s]*[\d.eE+-]+[\s,]")  # a text of numbers begins so, and no picture in base64
LEAST_TEXT = 60  # characters of the smallest picture in base64
FIELDS = (*PICTURES, "instance", "pixels", "features", "values", "input")
NO_BYTES = "JSON.stringify() makes {} of a Blob, a File and an ArrayBuffer: send its bytes in base64, or by themselves."
EXPECTED = 'expected a list, {"instance": […]} or {"image": "<base64>"}'
MOST_COLUMNS = 1000  # of a table in an object
DEEPEST = 4  # objects in objects, as {"image_bytes": {"b64": "…"}}


def draft_instance(number: int, value: Any, place: str, recipe: Recipe, *, may_hold_booleans: bool) -> Draft:
    """Return the draft of what JSON holds as one instance.

    Args:    place: what it is called in errors.
             may_hold_booleans: whether the text had a true or a false.
    """
    about: dict[str, Any] = {}
    called = ""
    try:
        value, called, label = _unwrap(value, place, about, recipe)
        _require_keys(about, place, recipe)
        if isinstance(value, str):
            draft = _draft_text(number, value, place, called, recipe)
        elif called:
            draft = _draft_picture(number, value, called, recipe)
        elif isinstance(value, dict) and not _is_typed_array(value, recipe):
            draft = _draft_record(number, value, place, recipe)
        else:
            values = list(value.values()) if isinstance(value, dict) else value
            draft = _draft_list(number, values, place, recipe, may_hold_booleans=may_hold_booleans)
    except InvalidInput as error:
        return Draft(number, error=error, place=place, is_picture=bool(called), about=about)
    draft.about, draft.label = {**about, **draft.about}, draft.label if label is None else read_label(label)
    return draft


def _require_keys(about: Mapping[str, Any], place: str, recipe: Recipe) -> None:
    """Refuse an instance that lacks a key that is asked for."""
    if missing := [key for key in recipe.keys if key not in about.get(KEYS, {})]:
        raise WrongShape(
            f"{place} has no field {missing[0]!r} with one value, which is asked for as a key", advice="Add it, or ask for none."
        )


def is_record(value: Any, recipe: Recipe) -> bool:
    """Return whether an object's fields are columns of the recipe's table."""
    if not isinstance(value, dict) or len(value) > MOST_COLUMNS:
        return False
    names = list(value)
    return any(find_column(names, each) is not None for each in recipe.features)


def count_named(value: Mapping[str, Any], recipe: Recipe) -> int:
    """Return how many of an object's fields are a column's with one value each, beside others that may hold anything."""
    names = [name for name, held in value.items() if not isinstance(held, list | dict)] if len(value) <= MOST_COLUMNS else []
    return sum(find_column(names, each) is not None for each in recipe.features)


def _unwrap(value: Any, place: str, about: dict[str, Any], recipe: Recipe) -> tuple[Any, str, Any]:
    """Return what objects in objects hold, as {"image_bytes": {"b64": "…"}}: what it is called if it is a picture, and its label.

    Args:    about: where the id and the name go.
    """
    label, called = None, place if isinstance(value, str) else ""
    for _ in range(DEEPEST):
        if not isinstance(value, dict):
            break
        refuse_unit_beside(value, place, recipe)
        label = next((value[name] for name in LABELS if isinstance(value.get(name), str | int | float)), label)
        about |= carry({name: value[name] for name in CARRIED if isinstance(value.get(name), str | int)}, place)
        if recipe.keys and (taken := take_keys(value, recipe.keys)):
            about[KEYS] = {**carry(taken, place), **about.get(KEYS, {})}
        if is_record(value, recipe):
            break
        found = [name for name in (*FIELDS, "data") if name in value] or _find_only(value)
        if len(found) > 1:
            raise Malformed(f'{place} has both "{found[0]}" and "{found[1]}"; expected one of them')
        if not found:
            break
        if found[0] not in {*FIELDS, "data"}:
            read_name(found[0], value[found[0]], place, recipe)
        value = value[found[0]]
        if isinstance(value, str) or (found[0] in PICTURES and not isinstance(value, list | dict)):
            called = place if place == f'"{found[0]}"' else f'"{found[0]}" in {place}'
    return value, called, label


def _find_only(fields: Mapping[str, Any]) -> list[str]:
    """Return the one field that may hold an instance, whatever it is called: a model's input has a name of its own."""
    lists, objects = ([name for name, value in fields.items() if isinstance(value, kind)] for kind in (list, dict))
    return next((found for found in (lists, find_only_text(fields), objects) if len(found) == 1), [])


def find_only_text(fields: Mapping[str, Any]) -> list[str]:
    """Return the one field whose text may be a picture, whatever it is called."""
    found = [name for name, value in fields.items() if isinstance(value, str) and len(value) >= LEAST_TEXT]
    return found if len(found) == 1 else []


def _is_typed_array(fields: Mapping[str, Any], recipe: Recipe) -> bool:
    """Return whether an object is a typed array of JavaScript, whose fields count its numbers."""
    return not recipe.categories and len(fields) > 1 and is_count(list(fields)) and are_numbers(list(fields.values()))


def _find_encoded_picture(values: list[Any]) -> bytes | None:
    """Return the bytes of a picture's file in a list, as JSON has them of a buffer, or signed, as Java has them; None if it is none."""
    if not all(type(value) is int and -128 <= value <= 255 for value in values):
        return None
    content = bytes([value & 255 for value in values])
    return content if sniff(content) else None


def _read_text(value: Any) -> Any:
    """Return the number in a text, as fields of pages and databases write numbers; what is no plain number, as it is."""
    if not isinstance(value, str) or not re.fullmatch(_PLAIN_NUMBER, value) or may_part_thousands(value):
        return value
    return parse_number(value)


def _draft_text(number: int, text: str, place: str, called: str, recipe: Recipe) -> Draft:
    """Return the draft of a text: of numbers, as a cell of CSV may hold them, or of a picture in base64."""
    found = split_nested(text) if _NUMBERS.match(text[:LEAST_TEXT]) and not recipe.categories else []
    if len(found) > 1 and all(map(is_number, found)):
        return draft_numbers(number, list(map(parse_number, found)), place, recipe)
    if not recipe.takes_pictures and (is_number(text) or (len(text) < LEAST_TEXT and not called.startswith('"'))):
        return _draft_list(number, [text], place, recipe, may_hold_booleans=False)
    return _draft_picture(number, text, called, recipe)


def _draft_picture(number: int, text: object, place: str, recipe: Recipe) -> Draft:
    with refuse_broken(place):
        content = decode_picture(text, place)
        if content.startswith(npy.MAGIC):
            raise UnsupportedType(f"{place} is an npy array", advice="Send the array by itself: with curl --data-binary @x.npy.")
        if recipe.takes_pictures and not sniff(content) and content and len(content) % recipe.instance_size == 0:
            detail = f"{place} is {len(content):,} bytes without a header, as array.tobytes() gives them"
            raise UnsupportedType(detail, advice='Send the numbers: {"instances": x.tolist()}.')
        found, frames = recipe.read_image(content), count_frames(content)
    return Draft(number, found.values, place=place, is_picture=True, about=describe_picture(found, frames), count=found.side_by_side)


def _draft_record(number: int, fields: Mapping[str, Any], place: str, recipe: Recipe) -> Draft:
    """Return the draft of an object whose fields are columns of a table."""
    names = list(fields)
    is_table = is_record(fields, recipe)
    if not is_table and (len(names) < recipe.instance_size or not any(type(value) in {int, float} for value in fields.values())):
        if recipe.features:
            meant = ", ".join(map(describe, recipe.features))
            raise WrongShape(f"{place} holds no instance; expected an object with {meant}, or a list", advice="Name the fields so.")
        raise WrongShape(f"{place} holds no instance; {EXPECTED}", advice="" if fields else NO_BYTES)
    # Keys may stand about this object, too: they are taken and required before.
    columns = read_header(names, recipe._replace(keys=tuple(find_fields(fields, recipe.keys))) if recipe.keys else recipe)
    other = next(
        (
            names[at]
            for at, of in zip(columns.values, recipe.features, strict=False)
            if not (is_nameless(names[at]) or is_name_of(names[at], of))
        ),
        None,
    )
    if other is not None:
        meant = ", ".join(map(describe, recipe.features))
        raise WrongShape(f"{place} has a field {other[:40]!r}; expected {meant}", advice=f"Name the fields as the features are: {meant}.")
    values = [fields[names[index]] for index in columns.values]
    values = _name_booleans(encode(values, recipe, place) if recipe.categories else values)
    draft = draft_numbers(number, list(map(_read_text, values)), place, recipe)
    draft.label = None if columns.label is None else read_label(fields[names[columns.label]])
    draft.notes = columns.notes
    return draft


def _draft_list(number: int, value: Any, place: str, recipe: Recipe, *, may_hold_booleans: bool) -> Draft:
    if recipe.categories:
        names = ", ".join(column.name for column in recipe.features)
        raise WrongShape(f"{place} does not name its values; expected an object with a field for each column", advice=f"They are {names}.")
    if recipe.instance_size == 1 and type(value) in {int, float}:
        value = [value]
    try:
        (instance,) = instances.from_json(
            [value], recipe.instance_shape, may_hold_booleans=may_hold_booleans, called=place, dtype=recipe.dtype
        )
        return Draft(number, instance, place=place)
    except InvalidInput as error:
        lengths = measure(value)
        is_column = len(lengths) == 1 or (len(lengths) == 2 and lengths[1] == 1)  # as OpenCV's imencode() gives it
        if is_column and (content := _find_encoded_picture(flatten(value, lengths) or [])):
            return _draft_picture(number, base64.b64encode(content).decode(), place, recipe)
        if count_instances(lengths, recipe) != 1 or (values := flatten(value, lengths)) is None:
            error.advice = error.advice or advise_shape(lengths, recipe)
            raise
        if any(isinstance(each, str) for each in values) and are_numbers(numbers := list(map(_read_text, values))):
            return draft_numbers(number, numbers, place, recipe)
        if recipe.takes_pictures and all(isinstance(each, bool) for each in values):
            return Draft(number, bytes([255 * each for each in values]), place=place)
        if lengths not in {recipe.instance_shape, (recipe.instance_size,)}:  # it has axes of one
            return draft_numbers(number, _name_booleans(values), place, recipe)
        error = find_value_in_other_unit(values, place, recipe) or error
        return Draft(number, error=error, values=values if may_be_scaled(values, recipe) else None, place=place)


def _name_booleans(values: Sequence[Any]) -> list[Any]:
    """Return values with booleans as their names, which are refused as no numbers: Python takes true for 1."""
    return [str(value).lower() if isinstance(value, bool) else value for value in values]
