"""A JSON document into the list of instances that it means: of this API, TensorFlow Serving, SageMaker, MLflow and Open Inference."""

from typing import Any, NamedTuple

from functions.shared.json_body import parse_json
from functions.shared.keys import find_fields
from functions.shared.reading.arrays.nesting import CHANNELS, COLOURED, count_instances, measure
from functions.shared.reading.cells import is_number
from functions.shared.reading.documents.json_instance import (
    DEEPEST,
    FIELDS,
    LEAST_TEXT,
    NO_BYTES,
    PICTURES,
    count_named,
    find_only_text,
    is_record,
)
from functions.shared.reading.documents.listed_bytes import refuse_buffer, refuse_listed_bytes
from functions.shared.reading.documents.only_field import read_name
from functions.shared.reading.documents.open_inference import read_tensors
from functions.shared.reading.documents.split import COLUMNS, NAMES, find_names, is_header, is_named, name_rows, read_described, read_split
from functions.shared.reading.notes import Note
from functions.shared.reading.tables.header import is_count
from functions.shared.reading.units import refuse_number_with_unit, refuse_unit_beside
from recipes.columns import is_nameless
from recipes.errors import Malformed
from recipes.recipe import Recipe

BATCHES = (
    "instances",
    "inputs",
    "Inputs",
    "images",
    "data",
    "input_data",
    "dataframe_records",
    "dataframe_split",
    "rows",
    "ndarray",
    "tensor",
)
TABLES = ("values", "data", "rows")  # fields of the rows of a table whose columns are named beside them
CHATS = ("messages", "contents", "input")
KEPT = ("id", "name", "label")
SHOWN = 5


class Instances(NamedTuple):
    """What a document holds.

    Args:    values: an instance each.
             called: what one is called in errors, by its index.
             notes: on how it was read.
    """

    values: list[Any]
    called: str = "instances[{}]"
    notes: tuple[Note, ...] = ()


def find_instances(document: Any, recipe: Recipe, depth: int = 0) -> Instances:
    """Return the instances in a document.

    Args:    depth: in how many others it is, as {"body": {"instances": […]}}.
    Raises:  Malformed: it holds none, or two things that may be meant.
    """
    if isinstance(document, str) and document.lstrip()[:1] in {"{", "["}:
        document = parse_json(document.encode(errors="surrogatepass"), "the text in the body")  # a program wrote it as JSON twice
    if not isinstance(document, dict):
        return Instances(_list_instances(document, recipe))
    refuse_buffer(document, recipe)
    refuse_unit_beside(document, "the body", recipe)
    found = [name for name in (*FIELDS, *BATCHES) if name in document]
    has_instances = any(isinstance(document[name], list | dict) for name in found)
    if is_record(document, recipe) and (_is_flat(document) or (not has_instances and count_named(document, recipe) > 1)):
        return Instances([document], "the body")
    _refuse_chat(document, recipe)
    if len(found) > 1:  # as rows and columns beside data say how many there are
        found = [name for name in found if not isinstance(document[name], int | float)] or found
    if len(found) > 1:
        raise Malformed(f'the body has both "{found[0]}" and "{found[1]}"; expected one of them')
    if not found and depth < DEEPEST and (around := _find_inner(document, recipe)) is not None:
        inner = find_instances(document[around], recipe, depth + 1)
        return inner._replace(notes=(*_list_ignored(document, around), *inner.notes))
    if not found and len(document) == 1:
        ((name, value),) = document.items()
        if isinstance(value, list | str) and value:  # whatever a program calls it
            notes = read_name(name, value, "the body", recipe)
            called = name[:40].translate({ord("{"): None, ord("}"): None})
            return Instances(_list_instances(value, recipe, name), f"{called}[{{}}]", notes)
    found = found or find_only_text(document) or _find_only_instances(document, recipe)
    return _read_field(document, found[0], recipe, depth) if found else Instances(_read_fields(document, recipe))


def _is_flat(document: dict[str, Any]) -> bool:
    return not any(isinstance(value, list | dict) for value in document.values())


def _find_inner(document: dict[str, Any], recipe: Recipe) -> str | None:
    """Return the field that holds a document itself, as {"body": {"instances": …}} has one; None where others may hold instances too."""
    found = [name for name, value in document.items() if isinstance(value, dict) and any(each in value for each in (*FIELDS, *BATCHES))]
    has_others = is_record(document, recipe) or any(isinstance(value, list) and value for value in document.values())
    return found[0] if len(found) == 1 and (len(document) == 1 or not has_others) else None


def _find_only_instances(document: dict[str, Any], recipe: Recipe) -> list[str]:
    """Return the one field that holds lists of pictures' size, texts or objects; of numbers of a table its name must tell."""
    if not recipe.takes_pictures:
        return []
    found = [name for name, value in document.items() if _are_packed(value) or count_instances(measure(value) or (0,), recipe)]
    return found if len(found) == 1 else []


def _refuse_chat(document: dict[str, Any], recipe: Recipe) -> None:
    """Refuse what is sent to a model of language: its text is no instance, and an answer in words is expected."""
    turns = next((document[name] for name in CHATS if isinstance(document.get(name), list)), None)
    if turns and all(isinstance(turn, dict) and ("role" in turn or "parts" in turn) for turn in turns):
        raise Malformed(
            "the body is a chat request, as of OpenAI or Gemini; expected what is to be predicted alone", advice=_advise(recipe)
        )


def _read_field(document: dict[str, Any], name: str, recipe: Recipe, depth: int) -> Instances:
    """Return the instances in the one field of a document that holds some."""
    value, called = document[name], f"{name}[{{}}]"
    if described := read_described(document, name, recipe):
        values, by = described
        return Instances(values, called, () if COLUMNS in by else _list_ignored(document, name, *by))
    asked = find_fields(document, recipe.keys)
    notes = _list_ignored(document, name, *asked)
    if name in PICTURES and isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return Instances(value, called, notes)
    if name in FIELDS and not _are_several(value, recipe):
        kept = {key: value for key, value in document.items() if key in {name, *KEPT, *asked}}
        return Instances([kept], f'"{name}"', notes)
    if name == "dataframe_split" or (isinstance(value, dict) and {COLUMNS, "data"} <= value.keys()):
        return Instances(read_split(value), f"{name}.data[{{}}]", notes)
    if (held := _find_held(value, recipe)) and depth < DEEPEST:
        names = {
            key: each for key, each in document.items() if is_named(each, recipe) or (key in NAMES and is_header(each, recipe))
        }  # as Seldon has them beside a tensor
        inner = find_instances({**names, **held}, recipe, depth + 1)
        return inner._replace(notes=(*_list_ignored(document, name, *names), *inner.notes))
    if isinstance(value, dict) and len(value) == 1 and not (next(iter(value)) in FIELDS or _are_columns(value, recipe)):  # a tensor
        ((inner_name, value),) = value.items()
        notes += read_name(inner_name, value, repr(name[:40]), recipe)
    values, called = read_tensors(value, recipe) if _is_tensors(value) else (_list_instances(value, recipe, name), called)
    return Instances(values, called, notes)


def _find_held(value: Any, recipe: Recipe) -> dict[str, Any] | None:
    """Return the document in a field of instances, as Seldon's ndarray in data, or alone in a list, as of watsonx."""
    if isinstance(value, dict) and any(name in value for name in (*BATCHES, "values")) and not is_record(value, recipe):
        return value
    inner = value[0] if isinstance(value, list) and len(value) == 1 else None
    return inner if isinstance(inner, dict) and any(find_names(inner, name, recipe) for name in TABLES if name in inner) else None


def _are_several(value: Any, recipe: Recipe) -> bool:
    """Return whether what a field of one instance holds is several for certain: three pictures of one channel may be one of three."""
    if _are_packed(value):
        return True
    lengths = measure(value)
    may_be_channels = len(lengths) == COLOURED and lengths[0] in CHANNELS
    return len(lengths) > 1 and not may_be_channels and (count_instances(lengths, recipe) or 0) > 1


def _is_one(value: Any, recipe: Recipe) -> bool:
    return isinstance(value, list) and count_instances(measure(value), recipe) == 1


def _are_packed(value: Any) -> bool:
    """Return whether a list holds objects, or texts that are too long to be a number each: each of them is an instance of its own."""
    return (
        isinstance(value, list)
        and bool(value)
        and (all(isinstance(each, dict) for each in value) or all(isinstance(each, str) and len(each) >= LEAST_TEXT for each in value))
    )


def _list_instances(value: Any, recipe: Recipe, name: str = "instances") -> list[Any]:
    """Return a list's instances: those in it, or itself if it is one."""
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:  # a program wrote it as JSON twice
        value = parse_json(value.encode(errors="surrogatepass"), f'the text in "{name[:40]}"')
    if isinstance(value, dict) and _are_columns(value, recipe):
        return _read_fields(value, recipe)
    if isinstance(value, str | dict):
        return [value]
    if recipe.instance_size == 1 and type(value) in {int, float}:
        return [value]
    if not isinstance(value, list):
        raise Malformed(f'the JSON has no list "{name}"', advice=_advise(recipe))
    rows: list[Any] = value
    refuse_listed_bytes(rows, recipe)
    if len(rows) > 1 and is_header(rows[0], recipe):
        return name_rows(rows[0], rows[1:])
    while len(rows) == 1 and isinstance(rows[0], list) and (count_instances(measure(rows), recipe) or 0) > 1:
        (rows,) = rows
    if len(rows) < 2:
        return rows
    is_flat = not isinstance(rows[0], list | dict | str) or (
        isinstance(rows[0], str) and len(rows) == recipe.instance_size and is_number(rows[0])
    )
    # As many objects as an instance has values are no values.
    is_one = recipe.instance_size > 1 if is_flat else isinstance(rows[0], list) and count_instances(measure(rows), recipe) == 1
    return [rows] if is_one else rows


def _are_columns(fields: dict[str, Any], recipe: Recipe) -> bool:
    """Return whether an object's fields are columns of instances, or rows by their index: lists of one length, or objects alike."""
    values = list(fields.values())
    if _are_objects(values) and is_record(values[0], recipe):
        return True
    return (_are_objects(values) or _are_lists(values)) and (is_record(fields, recipe) or len(fields) >= recipe.instance_size > 1)


def _are_objects(values: list[Any]) -> bool:
    """Return whether values are objects with the same fields."""
    return bool(values) and all(isinstance(value, dict) and value.keys() == values[0].keys() for value in values)


def _are_lists(values: list[Any]) -> bool:
    """Return whether values are lists of one length."""
    return bool(values) and all(isinstance(value, list) and len(value) == len(values[0]) for value in values)


def _advise(recipe: Recipe) -> str:
    if recipe.categories:
        return f'Send {{"instances": [{{"{recipe.features[0].name}": …}}]}}, with a field for each column.'
    if recipe.takes_pictures:
        return 'Send {"instances": [[0, 255, …], …]}, or {"image": "<base64>"}.'
    return f'Send {{"instances": [[{", ".join(["1.5"] * recipe.instance_size)}], …]}}.'


def _is_tensors(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) and "datatype" in each for each in value)


def _read_fields(document: dict[str, Any], recipe: Recipe) -> list[Any]:
    """Return the instances of an object whose fields are columns: of one instance, or, each a column of its rows, of pandas' to_json()."""
    values, is_counted = list(document.values()), is_count(list(document))
    is_flat = not any(isinstance(value, list | dict) for value in values)
    is_typed_array = recipe.takes_pictures and bool(values) and is_counted  # of a picture's bytes, perhaps
    if is_flat and (is_typed_array or sum(type(value) in {int, float} for value in values) >= recipe.instance_size):
        return values if recipe.instance_size == 1 and is_counted else [document]
    if is_counted and 1 < len(values) < recipe.instance_size and all(_is_one(value, recipe) for value in values):
        return values  # a list whose places became names, as PHP writes it
    if _are_objects(values) and values[0]:
        may_be_columns = is_count(list(values[0])) and len(values) == recipe.instance_size
        if (is_counted and not may_be_columns) or is_record(values[0], recipe):
            return values  # its rows by their index
        for name, column in document.items():
            refuse_number_with_unit(column, repr(name[:40]), recipe)
        if recipe.takes_pictures or is_record(document, recipe) or is_count(list(values[0])) or all(map(is_nameless, document)):
            return [{name: column[row] for name, column in document.items()} for row in values[0]]
    if _are_lists(values) and len(values) >= recipe.instance_size:
        return [dict(zip(document, row, strict=True)) for row in zip(*values, strict=True)]
    held = ", ".join(repr(name[:40]) for name in list(document)[:SHOWN]) or "none"
    is_empty = all(value == {} for value in values)
    advice = NO_BYTES if is_empty and recipe.takes_pictures else _advise(recipe)
    raise Malformed(f'the JSON has no list "instances"; its fields: {held}', advice=advice)


def _list_ignored(document: dict[str, Any], name: str, *others: str) -> tuple[Note, ...]:
    ignored = [key for key in document if key not in {name, *others, *KEPT}]
    if not ignored:
        return ()
    more = f" and {len(ignored) - SHOWN:,} more" if len(ignored) > SHOWN else ""
    return (Note("ignored-fields", f"fields beside {name!r} were ignored: {', '.join(repr(key[:40]) for key in ignored[:SHOWN])}{more}"),)
