"""The log of an invocation: all that the function wrote during it.

ministack waits 50 ms for the function's lines after its response. On a busy machine a line that comes later would be taken for the next
invocation's, and is lost where there is none. Here the worker says where the lines of an invocation end.
"""

import queue
import time
from typing import Any

from ministack.core import lambda_runtime

END = "\x1e end of the invocation's lines"
LIMIT_S, LOOK_EVERY_S = 5.0, 0.05  # for a worker that ended before it could say so
RESPOND = "        _real_stdout.flush()\n\nrun()"  # the end of the loop of ministack's worker
SAY_END = f"        sys.stderr.write({END + chr(10)!r})\n        sys.stderr.flush()\n"


def end_logs_with_invocations() -> None:
    """Let each Python worker mark the end of an invocation's lines, and let ministack read up to it."""
    script, read_for_a_while = lambda_runtime._PYTHON_WORKER_SCRIPT, lambda_runtime.Worker._drain_stderr_bounded
    if script.count(RESPOND) != 1:
        raise RuntimeError("ministack's worker is another one: adapt emulator/ministack/functions/logs.py")
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(RESPOND, SAY_END + RESPOND)

    def read_to_the_end(self: Any, **waits: float) -> str:
        if not str(self.config.get("Runtime", "")).startswith("python"):
            return str(read_for_a_while(self, **waits))
        return "\n".join(_read_lines(self))

    lambda_runtime.Worker._drain_stderr_bounded = read_to_the_end


def _read_lines(worker: Any) -> list[str]:
    lines: list[str] = []
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        is_over = not worker._stderr_thread.is_alive()
        try:
            line = worker._stderr_queue.get(timeout=LOOK_EVERY_S)
        except queue.Empty:
            if is_over:
                break
            continue
        if line == END:
            break
        lines.append(line)
    return lines
