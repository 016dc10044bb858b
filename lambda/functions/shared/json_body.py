"""JSON that a caller sent."""

import json
from typing import Any

from recipes.errors import Malformed

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
WRITE = "Write it with a library for JSON, as json.dumps(…) or JSON.stringify(…)."


def parse_json(text: bytes, place: str = "the body") -> Any:
    """Return what a text holds; raise Malformed if it is not JSON in UTF-8.

    Args:    place: where the text is, for the error, as in "line 3".
    """
    try:
        return json.loads(text.removeprefix(BYTE_ORDER_MARK).decode())  # json.loads alone would also take UTF-16 and UTF-32
    except json.JSONDecodeError as error:
        raise Malformed(f"{place} is not JSON: {error}", advice=WRITE) from error
    except UnicodeDecodeError as error:
        raise Malformed(f"{place} is not JSON in UTF-8") from error
    except (ValueError, RecursionError) as error:  # Python's own limits, in words about Python
        raise Malformed(f"{place} has a number of too many digits, or is nested too deeply") from error
