"""JSON that a caller sent."""

import json
from collections.abc import Sequence
from typing import Any

from recipes.errors import Malformed

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
WRITE = "Write it with a library for JSON, as json.dumps(…) or JSON.stringify(…)."


def parse_json(text: bytes, place: str = "the body") -> Any:
    """Return what a text holds; raise Malformed if it is not JSON in UTF-8, or has a field twice.

    Args:    place: where the text is, for the error, as in "line 3".
    """
    try:
        return _DECODER.decode(text.removeprefix(BYTE_ORDER_MARK).decode())  # json.loads alone would also take UTF-16 and UTF-32
    except KeyError as error:
        name = str(error.args[0])[:40]
        raise Malformed(
            f"{place} has the field {name!r} twice in one object: which of them is meant is not certain", advice="Send each field once."
        ) from error
    except json.JSONDecodeError as error:
        raise Malformed(f"{place} is not JSON: {error}", advice=WRITE) from error
    except UnicodeDecodeError as error:
        raise Malformed(f"{place} is not JSON in UTF-8", advice="Send it in UTF-8.") from error
    except (ValueError, RecursionError) as error:  # Python's own limits, in words about Python
        raise Malformed(f"{place} has a number of too many digits, or is nested too deeply") from error


def _read_fields(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's fields; raise KeyError if one is there twice, of which Python would keep the last."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        seen = set[str]()
        raise KeyError(next(name for name, _ in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value]
    return fields


# Made once, as json.loads makes one for each text. Line breaks in a text mean nothing else: encoders of base64 put them there.
_DECODER = json.JSONDecoder(object_pairs_hook=_read_fields, strict=False)
