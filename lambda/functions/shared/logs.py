"""JSON log lines: ids, counts and codes, never a payload, a token, or what an upload holds or is called."""

import json
import sys
from typing import Any

LONGEST_TRACEBACK = 20_000  # characters: an error may quote all that it was given


def write_line(level: str, **facts: Any) -> None:
    """Write one line to the function's log.

    Args:    level: INFO, WARNING or ERROR.
             facts: become JSON.
    """
    # Lambda takes stdout line by line; logging's handlers would be a second way to the same place.
    sys.stdout.write(json.dumps({"level": level, **facts}) + "\n")


def write_error(error: BaseException, **facts: Any) -> None:
    """Write an unexpected error with its traceback."""
    import traceback  # noqa: PLC0415 - most starts never need it

    text, half = "".join(traceback.format_exception(error)), LONGEST_TRACEBACK // 2
    shown = text if len(text) <= LONGEST_TRACEBACK else f"{text[:half]}…{text[-half:]}"
    write_line("ERROR", error=type(error).__name__, traceback=shown, **facts)
