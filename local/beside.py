"""Programs that threads run beside each other. They are ended when Ctrl-C interrupts the main thread, which waits for them."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

_running = set["subprocess.Popen[str]"]()
_is_ending = threading.Event()


@contextmanager
def run_beside() -> Iterator[ThreadPoolExecutor]:
    """Give two threads for programs. If what is inside fails, those that run are ended, and what begins then is ended too."""
    try:
        with ThreadPoolExecutor(2) as pool:
            try:
                yield pool
            except BaseException:
                _is_ending.set()
                for process in tuple(_running):
                    send_signal(process, signal.SIGTERM)
                raise
    finally:
        _is_ending.clear()


@contextmanager
def end_with_caller(process: "subprocess.Popen[str]") -> Iterator[None]:
    """End a program, and all of its session, which it leads, if what is inside fails or what runs beside it is ended."""
    _running.add(process)
    try:
        if _is_ending.is_set():
            send_signal(process, signal.SIGTERM)
        yield
    except BaseException:
        send_signal(process, signal.SIGTERM)
        raise
    finally:
        _running.discard(process)


def send_signal(process: "subprocess.Popen[str]", signal_: signal.Signals) -> None:
    """Send a signal to a program and all that it started, unless it has ended."""
    if process.poll() is None:
        os.killpg(process.pid, signal_)
