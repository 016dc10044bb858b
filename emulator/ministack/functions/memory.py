"""What Lambda does with a function that takes more memory than it was given: it kills the process, and the invocation fails."""

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

from ministack.core.lambda_runtime import Worker

WATCH_S = 0.05  # a function can take some more between two looks; Lambda's own limit is exact
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def hold_memory_limits() -> None:
    """Kill each function's process that holds more memory than its MemorySize. Only Linux says how much a process holds."""
    running, killed = set[Worker](), set[Worker]()
    invoke = Worker.invoke

    def invoke_within_memory(worker: Worker, event: Any, request_id: str, **options: Any) -> dict[str, Any]:
        running.add(worker)
        try:
            response: dict[str, Any] = invoke(worker, event, request_id, **options)
        finally:
            running.discard(worker)
        if worker not in killed:
            return response
        killed.discard(worker)
        return {**response, "status": "error", "error": f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"}

    Worker.invoke = invoke_within_memory
    threading.Thread(target=_watch, args=(running, killed), name="lambda-memory", daemon=True).start()


def _watch(running: set[Worker], killed: set[Worker]) -> None:
    while True:
        time.sleep(WATCH_S)
        for worker in running.copy():
            process, limit_mb = worker._proc, int(worker.config.get("MemorySize", 128))
            if process is not None and _measure_memory_mb(process.pid) > limit_mb:
                killed.add(worker)
                process.send_signal(signal.SIGKILL)


def _measure_memory_mb(pid: int) -> float:
    """Return how much memory a process holds; 0 for one that has ended, and where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES / (1 << 20)
    except (OSError, IndexError):
        return 0.0
