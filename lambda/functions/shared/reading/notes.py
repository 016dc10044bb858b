"""Notes on how an input was read: what an answer, or the summary of a job, says of that."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Note(NamedTuple):
    """What the answer says of how its input was read, where that is not plain.

    Args:    code: its public name.
             detail: a sentence for people.
             advice: what to do to have it read in another way.
    """

    code: str
    detail: str
    advice: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the document, without empty fields."""
        return {name: text for name, text in self._asdict().items() if text}


def read_notes(documents: Iterable[Mapping[str, str]]) -> tuple[Note, ...]:
    """Return the notes that `to_json` wrote."""
    return tuple(Note(**document) for document in documents)
