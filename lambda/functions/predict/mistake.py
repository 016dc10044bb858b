"""What was done to a body, and how it is done right."""

from typing import NamedTuple

from recipes.errors import InvalidInput, Malformed

NO_ADDRESS = "the body has the address of a file; nothing is fetched here"


class Mistake(NamedTuple):
    """What was done, as a sentence about the body, and how it is done right."""

    detail: str
    advice: str
    kind: type[InvalidInput] = Malformed
