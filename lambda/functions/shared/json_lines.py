"""JSON documents, each on one line."""

import json
from collections.abc import Mapping
from typing import Any


def encode_line(document: Mapping[str, Any]) -> bytes:
    """Return a document as JSON on one line, with a line break at its end."""
    return _ENCODE(document).encode("utf-8", "replace") + b"\n"


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # made once, as json.dumps makes one for each document
