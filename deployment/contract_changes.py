"""Parts of the API's contract that a stage says in other words: found by how they begin and end, each once."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Change(NamedTuple):
    """A part of the contract, by how it begins and how it ends, and what stands there instead; the end stays."""

    start: str
    end: str
    text: str


def apply_changes(text: str, changes: Iterable[Change]) -> str:
    """Return the contract with each part changed.

    Raises:  ValueError: a part is not there once: the contract was rewritten.
    """
    for change in changes:
        start = text.find(change.start)
        end = text.find(change.end, start + len(change.start))
        if text.count(change.start) != 1 or end < 0:
            raise ValueError(f"the contract holds {text.count(change.start)} times, not once: {change.start}")
        text = text[:start] + change.text + text[end:]
    return text


def write_nested(shape: Sequence[int], title: str) -> str:
    """Return the schema of a picture's values as lists in lists, by the lengths of its axes."""
    nested = '{ $ref: "#/components/schemas/Value" }'
    for length in reversed(shape):
        nested = f"{{ type: array, minItems: {length}, maxItems: {length}, items: {nested} }}"
    return nested.replace("{ ", f"{{ title: {title}, ", 1)


def write_flat(size: int, title: str) -> str:
    """Return the schema of a picture's values in one list."""
    return f'{{ title: {title}, type: array, minItems: {size}, maxItems: {size}, items: {{ $ref: "#/components/schemas/Value" }} }}'
