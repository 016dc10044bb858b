"""One JSON line a request, and one for what nobody foresaw. No payloads, no tokens, no headers."""

import json
import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any


class RequestLog:
    """What is worth knowing of one request; facts are added as they become known, the line is written at the end.

    Args:    facts: what is known at the start.
    """

    def __init__(self, **facts: Any) -> None:
        self._facts: dict[str, Any] = facts
        self._started = time.perf_counter()

    def add(self, **facts: Any) -> None:
        """Remember facts for the line."""
        self._facts.update(facts)

    def write(self, status: int) -> None:
        """Write the line."""
        duration_ms = round((time.perf_counter() - self._started) * 1000, 2)
        _write({"level": "ERROR" if status >= 500 else "INFO", "status": status, "duration_ms": duration_ms, **self._facts})


def write_unexpected(error: BaseException, **facts: Any) -> None:
    """Write an error nobody foresaw, with its traceback: for the operator's log alone."""
    _write({"level": "ERROR", "error": type(error).__name__, "traceback": "".join(traceback.format_exception(error)), **facts})


def _write(line: Mapping[str, Any]) -> None:
    # Lambda takes stdout line by line; logging's handlers would be a second way to the same place.
    sys.stdout.write(json.dumps(line) + "\n")
