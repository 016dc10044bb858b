"""The spelling of a template's properties in requests to the API."""

from typing import Any


def to_api_spelling(value: Any) -> Any:
    """Return a template's properties with the first letter of each name in lower case, without tags."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: to_api_spelling(item) for name, item in value.items() if name != "Tags"}
    return [to_api_spelling(item) for item in value] if isinstance(value, list) else value
