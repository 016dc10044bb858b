"""A request's body as its sender packed it: what is in it, and what it holds."""

from typing import NamedTuple

from functions.predict.reading import kinds
from functions.predict.reading.codecs import decode_or_explain
from functions.predict.reading.packing import check_encoding, unwrap
from functions.shared.reading.batch import Batch
from recipes.media_types import FORM, read_media_type
from recipes.recipe import Recipe


class Body(NamedTuple):
    """What was sent, and what its sender says of it.

    Args:    content_type, content_encoding: the headers of those names, whole; empty where there is none.
    """

    content: bytes
    content_type: str = ""
    content_encoding: str = ""

    @property
    def media_type(self) -> str:
        """The declared type, without its parameters."""
        return read_media_type(self.content_type)


def read_body(body: Body, recipe: Recipe) -> Batch:
    """Return the instances in a body of any kind that is read here, packed or not.

    Raises:  InvalidInput: of the kind that fits, naming the place; and the fix, where a tool made a mistake that is known.
    """
    if body.content_encoding:
        check_encoding(body.content_encoding)
    content = unwrap(body.content)
    if kinds.is_form(content, body.media_type):
        from functions.predict.reading.form_batch import read_form  # noqa: PLC0415 - most starts never need it

        return read_form(content, body.content_type, recipe)
    if body.media_type == FORM and recipe.instance_size == 1:
        from functions.shared.reading.mistakes.bodies import refuse_joined_numbers  # noqa: PLC0415 - as above

        refuse_joined_numbers(content)
    return decode_or_explain(content, body.media_type, recipe)
