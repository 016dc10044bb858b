"""The instances in a form: in its files and its fields, or the row of a table that it is."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NoReturn, TypeVar

from functions.predict.config import MAX_BODY_BYTES
from functions.predict.reading import kinds
from functions.predict.reading.codecs import decode_or_explain
from functions.predict.reading.form import Field, parse_multipart, parse_urlencoded
from functions.predict.reading.packing import unwrap
from functions.shared.reading import wrappers
from functions.shared.reading.batch import Batch
from functions.shared.reading.documents.json_instance import is_record
from functions.shared.reading.notes import Note
from recipes.errors import InvalidInput, Malformed
from recipes.media_types import CSV, FORM, JSON, read_media_type
from recipes.recipe import Recipe

Value = TypeVar("Value")
# Fields of a form whose text may be instances.
HOLDING = {"inputs", "data", "input_data", "rows", "json", "body", "payload", "csv", "features", "values", "array"}
SHOWN = 5  # names of fields in a note


def read_form(content: bytes, content_type: str, recipe: Recipe) -> Batch:
    """Return the instances in the files of a form and in those of its fields that hold some, in their order, or the row that it is."""
    left_bytes = MAX_BODY_BYTES  # of what all files have when they are unpacked

    def read(field: Field) -> Batch | None:
        nonlocal left_bytes
        is_packed = field.name != "image" and wrappers.find_wrapper(field.content) == "base64"
        if field.file is not None or is_packed or wrappers.recognize_binary(field.content):
            inner = unwrap(field.content, left_bytes)
            left_bytes = max(0, left_bytes - len(inner))
            return decode_or_explain(inner, field.media_type, recipe) if field.content or field.file else None
        if field.name == "image" and field.content.lstrip()[:1] not in {b"{", b"["}:
            text = field.content.replace(b" ", b"+")  # which a form means by a plus
            return decode_or_explain(json.dumps({"image": text.decode("utf-8", "replace")}).encode(), JSON, recipe)
        is_meant = field.name in {"image", "instances"} or is_nameless  # as by curl's --data-urlencode @FILE
        if is_meant or (not is_row and _may_hold_instances(field, is_only=len(fields) == 1)):
            return decode_or_explain(unwrap(field.content, left_bytes), "", recipe)
        return None

    fields = parse_urlencoded(content) if read_media_type(content_type) == FORM else parse_multipart(content, content_type)
    is_nameless = not any(field.name for field in fields)
    is_row = bool(recipe.features) and _is_row([field.name for field in fields], recipe)
    batches, left = [], []
    for number, field in enumerate(fields, 1):
        try:
            found = read(field)
        except InvalidInput as error:
            name = f' "{field.file or field.name}"'.replace(' ""', "")
            raise type(error)(f"field {number}{name} of the form: {error.detail}", advice=error.advice) from error
        if found:
            details = {"name": field.file} if field.file else {}
            batches.append(found._replace(details=(details,) * (len(found.instances) // recipe.instance_bytes)))
        elif field.content:
            left.append(field)
    if not batches:  # what is beside a row's columns is ignored in any table, and is told where it may be rows itself
        batches = [_read_row([(field.name, field.content.decode("utf-8", "replace")) for field in fields], recipe)]
        left = [field for field in left if _may_hold_instances(field, is_only=False)]
    batch = _join(batches)
    return batch._replace(notes=(*batch.notes, *_list_ignored([field.name for field in left])))


def _list_ignored(names: Sequence[str]) -> tuple[Note, ...]:
    held = ", ".join(repr(name[:40]) for name in names[:SHOWN]) + f" and {len(names) - SHOWN} more" * (len(names) > SHOWN)
    return (Note("ignored-fields", f"fields of the form were ignored: {held}"),) if names else ()


def _may_hold_instances(field: Field, *, is_only: bool) -> bool:
    """Return whether a field's text is JSON or lines of numbers, and its name says what it is for; the only field may have any name."""
    if field.name not in HOLDING and not is_only:
        return False
    return kinds.recognize(field.content, "") != "" and any(mark in field.content for mark in (b"[", b"{", b",", b";", b"\n"))


def _is_row(names: Sequence[str], recipe: Recipe) -> bool:
    """Return whether the fields of a form are called as the columns of a table."""
    return is_record(dict.fromkeys(names), recipe)


def _read_row(pairs: Sequence[tuple[str, str]], recipe: Recipe) -> Batch:
    """Return the row of a table whose columns are the fields of a form, as an HTML page sends it.

    Raises:  Malformed: they are not, or one is there twice.
    """
    fields = dict(pairs)
    if not _is_row(list(fields), recipe):
        _refuse_empty_form(fields, recipe)
    if len(fields) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        detail = f"the form has the field {twice[:40]!r} twice: which of them is meant is not certain"
        raise Malformed(detail, advice="Send each field once.")
    text = io.StringIO()
    csv.writer(text).writerows((fields.keys(), fields.values()))
    return decode_or_explain(text.getvalue().encode(), CSV, recipe)


def _join(batches: Sequence[Batch]) -> Batch:
    """Return the instances of several batches as one; a note that several have is in it once."""
    starts = [0, *accumulate(len(batch.details) for batch in batches)]
    return Batch(
        b"".join(batch.instances for batch in batches),
        notes=tuple(dict.fromkeys(note for batch in batches for note in batch.notes)),
        counts=_join_counts(starts, [batch.counts for batch in batches]),
        marks=_join_counts(starts, [batch.marks for batch in batches]),
        unknown=_join_counts(starts, [batch.unknown for batch in batches]),
        details=tuple(details for batch in batches for details in batch.details),
    )


def _join_counts(starts: Sequence[int], counts: Sequence[Mapping[int, Value]]) -> dict[int, Value]:
    """Return what is said of instances of several batches by their places among all."""
    return {start + index: count for start, each in zip(starts, counts, strict=False) for index, count in each.items()}


def _refuse_empty_form(names: Iterable[str], recipe: Recipe) -> NoReturn:
    held = ", ".join(repr(name[:40]) for name in list(names)[:10]) or "none"
    expected = "no file, and no field 'image' or 'instances'" if recipe.takes_pictures else "no file, and no field for each column"
    advice = "With curl: -F image=@picture.png, or the file itself with --data-binary @picture.png."
    if not recipe.takes_pictures:
        columns = ", ".join(column.name for column in recipe.features)
        advice = f"Name the fields as the columns are: {columns}. With curl, a file: -F file=@table.csv."
    raise Malformed(f"the form has {expected}; its fields: {held}", advice=advice)
