"""JSON documents, each on one line."""

import json
from collections.abc import Mapping
from typing import Any


def encode_line(document: Mapping[str, Any]) -> bytes:
    """Return a document as JSON on one line, with a line break at its end."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
