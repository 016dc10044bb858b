"""One log line for each request."""

import time
from typing import Any

from functions.shared.logs import write_line


class RequestLog:
    """Collects facts about one request; the line is written at the end.

    Args:    facts: what is known at the start.
    """

    def __init__(self, **facts: Any) -> None:
        self._facts: dict[str, Any] = facts
        self._started = time.perf_counter()

    def add(self, **facts: Any) -> None:
        """Add facts to the line."""
        self._facts.update(facts)

    def write(self, status: int) -> None:
        """Write the line.

        Args:    status: the response's; 500 and above are errors.
        """
        duration_ms = round((time.perf_counter() - self._started) * 1000, 2)
        write_line("ERROR" if status >= 500 else "INFO", status=status, duration_ms=duration_ms, **self._facts)
