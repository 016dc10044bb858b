"""Pictures inside JSON."""

import base64
import binascii

from recipes.errors import Malformed


def decode_picture(value: object, place: str) -> bytes:
    """Return the bytes of a picture that JSON holds as base64 or as a data: URL.

    Args:    place: where the value is, for the error, as in '"image" in line 3'.
    Raises:  Malformed: not a string, or not base64.
    """
    if not isinstance(value, str):
        raise Malformed(f"{place} is not a string; expected a picture as base64")
    text = value.partition(",")[2] if value.startswith("data:") else value
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"{place} is not base64", advice="Use standard base64, without line breaks.") from error
