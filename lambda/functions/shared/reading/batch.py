"""What is read of a request's body."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from functions.shared.reading.notes import Note

NONE: Mapping[int, Any] = {}


class Batch(NamedTuple):
    """The instances of a request.

    Args:    instances: their bytes, one after another, each of the recipe's size.
             notes: on how they were read.
             counts: how many instances stand beside each other in a picture, by its index, where they are several.
             details: what the answer says of each instance beside its prediction; empty if that is nothing for all of them.
             marks: how many pieces of ink stand about the one instance of a picture and were not read, by its index, where there are any.
             unknown: the columns of an instance whose category is none of those known, by its index, where there are any.
    """

    instances: bytes
    notes: tuple[Note, ...] = ()
    counts: Mapping[int, int] = NONE
    details: tuple[Mapping[str, Any], ...] = ()
    marks: Mapping[int, int] = NONE
    unknown: Mapping[int, list[str]] = NONE
