"""A function asked as the API asks it."""

import json
from collections.abc import Callable
from typing import Any

from tests.fakes import FakeContext


def ask_handler(handler: Callable[..., dict[str, Any]], request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Return the status and the document of a handler's response to an event."""
    response = handler(request, FakeContext())
    return response["statusCode"], json.loads(response["body"])
