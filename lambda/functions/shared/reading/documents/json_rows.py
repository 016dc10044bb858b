"""JSON of an upload or a request into drafts: one document, as a request has it, or a document a line (JSON Lines)."""

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from functions.shared.json_body import parse_json
from functions.shared.reading.documents.json_document import find_instances
from functions.shared.reading.documents.json_instance import draft_instance
from functions.shared.reading.documents.split import is_header, name_rows
from functions.shared.reading.drafts.draft import Draft
from functions.shared.reading.drafts.levels import pack_levels
from functions.shared.reading.lines import MAX_LINE_BYTES, Chained, find_longest, limit_line, open_text, read_lines, read_text_line
from functions.shared.reading.notes import Note
from recipes.errors import InvalidInput, TooLarge, WrongShape
from recipes.recipe import Recipe

MAX_DOCUMENT_BYTES = 6_000_000  # in memory as a whole, where it takes up to seventy times as much
UNFINISHED = b"[{,:"
PICTURES = (b'"image', b'"b64"')


def read_json_rows(
    file: "io.BufferedReader[Any]", recipe: Recipe, called: str = "the upload"
) -> tuple[str, tuple[Note, ...], Iterator[Draft], int | None]:
    """Return which of json and jsonl a file is, notes, a draft for each instance, and how many there are if that is known.

    Args:    called: what the file is called in errors.
    Raises:  InvalidInput: it is a document that is broken, holds no instances, or is too large.
    """
    file = open_text(file)
    head, next_line = read_text_line(file, MAX_DOCUMENT_BYTES + 1), b""
    if head.endswith(b"\n"):
        next_line = read_text_line(file, MAX_LINE_BYTES)
    if _has_lines(head, next_line):
        return "jsonl", (), _read_json_lines(file, head, next_line, recipe), None
    document = head + next_line
    document += file.read(max(0, MAX_DOCUMENT_BYTES + 1 - len(document)))
    if len(document) > MAX_DOCUMENT_BYTES:
        raise TooLarge(
            f"the JSON document has more than {MAX_DOCUMENT_BYTES:,} bytes",
            advice="Send JSON Lines: one instance a line, without a list around them.",
        )
    return ("json", *draft_document(parse_json(document, called), document, recipe))


def draft_document(document: Any, text: bytes, recipe: Recipe) -> tuple[tuple[Note, ...], Iterator[Draft], int]:
    """Return notes on how a document is read, a draft for each of its instances, and how many there are.

    Args:    text: the document as it came, in UTF-8.
    Raises:  InvalidInput: it holds no instances, or two things that may be meant.
    """
    found = find_instances(document, recipe)
    may_hold_booleans = b"true" in text or b"false" in text
    drafts = (
        draft_instance(number, value, found.called.format(number - 1), recipe, may_hold_booleans=may_hold_booleans)
        for number, value in enumerate(found.values, 1)
    )
    return found.notes, drafts, len(found.values)


def _has_lines(head: bytes, next_line: bytes) -> bool:
    """Return whether a file that begins so is JSON Lines: its first line is a document, or is broken and the second is one."""
    if not next_line:
        return False
    if _is_document(head):
        return True
    return head.rstrip()[-1:] not in UNFINISHED and next_line.lstrip()[:1] in b"[{" and _is_document(next_line)


def _is_document(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _read_json_lines(file: "io.BufferedReader[Any]", head: bytes, next_line: bytes, recipe: Recipe) -> Iterator[Draft]:
    number = head.count(b"\n")
    is_long = len(head) > MAX_LINE_BYTES
    names = [] if is_long else _find_names(head, recipe)
    if not names:
        yield _draft_line(number, TooLarge(f"line {number} has more than {MAX_LINE_BYTES:,} bytes") if is_long else head.strip(), recipe)
    for following, line in read_lines(io.BufferedReader(Chained(next_line, file), MAX_LINE_BYTES)):
        yield _draft_line(number + following, line, recipe, names)


def _find_names(line: bytes, recipe: Recipe) -> list[str]:
    """Return the names of columns in the first line, as ClickHouse writes them before rows that are lists; none if it is a row."""
    if not recipe.features or b'"' not in line or not line.lstrip().startswith(b"["):
        return []
    row: list[str] = json.loads(line) if _is_document(line) else []
    return row if is_header(row, recipe) else []


def _draft_line(number: int, line: bytes | InvalidInput, recipe: Recipe, names: Sequence[str] = ()) -> Draft:
    place = f"line {number}"
    if not isinstance(line, InvalidInput) and not any(mark in line for mark in PICTURES):
        line = limit_line(number, line, find_longest(recipe))
    if isinstance(line, InvalidInput):
        return Draft(number, error=line)
    if levels := _pack_list(line, recipe):
        return Draft(number, levels, place=place)
    try:
        document = parse_json(line, place)
        found = find_instances(name_rows(names, [document]) if names and isinstance(document, list) else document, recipe)
        if len(found.values) != 1:
            raise WrongShape(f"{place} holds {len(found.values)} instances; expected one a line", advice="Put each on a line of its own.")
    except InvalidInput as error:
        return Draft(number, error=error)
    draft = draft_instance(number, found.values[0], place, recipe, may_hold_booleans=b"true" in line or b"false" in line)
    draft.notes = (*found.notes, *draft.notes)
    return draft


def _pack_list(line: bytes, recipe: Recipe) -> bytes | None:
    """Return a line that is a plain list of a picture's levels as bytes; None if it is anything else. JSON's parser takes twice as long."""
    if (
        recipe.keys
        or not recipe.takes_pictures
        or recipe.dtype != "uint8"
        or recipe.instance_size == 1
        or line[:1] != b"["
        or line[-1:] != b"]"
    ):
        return None
    levels = pack_levels(line[1:-1], b", " if b", " in line[:6] else b",")
    return levels if levels and len(levels) == recipe.instance_size else None
