"""One JSON line for each thing worth knowing: ids, counts and codes, never what an upload holds or is called."""

import json
import sys
import traceback
from typing import Any


def write_line(level: str, **facts: Any) -> None:
    """Write a line for the operator."""
    sys.stdout.write(json.dumps({"level": level, **facts}) + "\n")


def write_error(error: BaseException, **facts: Any) -> None:
    """Write an error with its traceback."""
    write_line("ERROR", error=type(error).__name__, cause="".join(traceback.format_exception(error))[-4000:], **facts)
