"""Columns of an upload that its results repeat, so that they can be joined with other tables: what a job may ask for."""

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from recipes.errors import InvalidInput

KEYS = "keys"  # of a job, of an operator's copy as metadata, and of a line of the results
MOST_KEYS, LONGEST_KEY = 4, 40
MAX_KEYS_BYTES = 900  # in JSON: they stand in an object's metadata, beside the notes


def parse_keys(value: Any) -> tuple[str, ...]:
    """Return the keys that a job asks for: names of columns.

    Raises:  InvalidInput: it is no list of names, or one that is too long.
    """
    is_list = isinstance(value, list) and 0 < len(value) <= MOST_KEYS and all(isinstance(each, str) for each in value)
    if not is_list or not all(each.strip() and len(each) <= LONGEST_KEY and each.isprintable() for each in value):
        raise InvalidInput(
            f"keys is {json.dumps(value)[:80]}; expected 1 to {MOST_KEYS} names of columns in a list, of up to {LONGEST_KEY} characters",
            advice='Send "keys": ["customer_id"], or leave it out.',
        )
    keys = tuple(each.strip() for each in value)
    if len(set(keys)) < len(keys):
        raise InvalidInput(f"keys is {json.dumps(value)[:80]}, which names a column twice", advice="Name each once.")
    if len(json.dumps(keys)) > MAX_KEYS_BYTES:
        raise InvalidInput(
            f"keys has {len(json.dumps(keys))} characters in JSON; the limit is {MAX_KEYS_BYTES}", advice="Name fewer columns."
        )
    return keys


def parse_listed(text: str) -> tuple[str, ...]:
    """Return the keys of an operator's copy, which are parted by commas; raise InvalidInput as above."""
    return parse_keys([each.strip() for each in text.split(",")]) if text.strip() else ()


def find_keys(names: Sequence[str], keys: Sequence[str]) -> dict[str, int | None]:
    """Return the place of each key among names, whatever its case and blanks around it; None where it is none of them, or several."""
    folded = [name.strip().casefold() for name in names]
    return {key: folded.index(word) if folded.count(word := key.casefold()) == 1 else None for key in keys}


def name_columns(keys: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """Return what the column of each key is called beside others: as the key, or key(label) where one is called label already."""
    named: dict[str, str] = {}
    for key in keys:
        name = key
        while name in (*columns, *named.values()):
            name = f"key({name})"
        named[key] = name
    return named


def describe_missing(key: str, names: Sequence[str]) -> str:
    """Return that a key is none of the names."""
    shown = ", ".join(repr(name[:40]) for name in names[:5]) + f" and {len(names) - 5:,} more" * (len(names) > 5)
    return f"no column, or more than one, is called {key!r}, which is asked for as a key; the names are {shown}"


def find_fields(fields: Mapping[str, Any], keys: Sequence[str]) -> list[str]:
    """Return the names of a record's fields that are keys."""
    names = list(fields)
    return [names[at] for at in find_keys(names, keys).values() if at is not None] if keys else []


def take_keys(fields: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Return what a record's fields hold for each key, where that is one value; None for NaN, which JSON does not have."""
    names = list(fields)
    found = {key: fields[names[at]] for key, at in find_keys(names, keys).items() if at is not None}
    held = {key: None if value != value else value for key, value in found.items()}  # noqa: PLR0124 - NaN
    return {key: value for key, value in held.items() if _is_value(value)}


def _is_value(value: Any) -> bool:
    """Return whether JSON has the value as one: it has none for 1e999, which Python reads as infinity."""
    return isfinite(value) if isinstance(value, float) else isinstance(value, str | int | None)
