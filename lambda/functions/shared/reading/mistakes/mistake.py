"""What was done to a body, and how it is done right."""

from typing import NamedTuple

from recipes.errors import InvalidInput, Malformed

BODY = "the body"  # as details call it; an upload is called so in its place


class Mistake(NamedTuple):
    """What was done, as a sentence about the body, and how it is done right."""

    detail: str
    advice: str
    kind: type[InvalidInput] = Malformed
