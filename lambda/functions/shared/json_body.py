"""JSON in a request's body."""

import json
from typing import Any

from recipes.errors import Malformed


def parse_json(body: bytes) -> Any:
    """Return what a body holds; raise Malformed if it is not JSON in UTF-8."""
    try:
        return json.loads(body.decode("utf-8-sig"))  # json.loads alone would also take UTF-16 and UTF-32
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the body is not JSON: {error}") from error
