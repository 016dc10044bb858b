"""Uploads that stop the function: a hook in front of the local stack's function, which no stack deploys.

The name of a file says how it stops the function, while the function reads it.
"""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deployment.bundle import find_bundle, locate
from deployment.stages import settings_for

SIGNAL, MEMORY, TIME = KILLERS = ("stops-by-signal", "stops-by-memory", "stops-by-time")
HANDLER = "functions.process_upload.function.handler"
HOOK = """
import os, re, signal, time

from functions.process_upload.function import handler as process
from functions.shared.object_store import Store

HELD, doomed = [], None


def take_memory():
    while True:
        HELD.append(bytearray(b"x") * (64 << 20))


STOPS = {
    "stops-by-signal": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "stops-by-memory": take_memory,
    "stops-by-time": lambda: time.sleep(900),
}


class ShortContext:
    def get_remaining_time_in_millis(self):
        return 1000


def handler(event, context):
    global doomed
    bodies = " ".join(record["body"] for record in event["Records"])
    doomed = next((stop for name, stop in STOPS.items() if name in bodies), None)
    return process(event, ShortContext() if doomed and SHORT else context)


def stop_after_the_note(write):
    def write_and_stop(store, key, document):
        written = write(store, key, document)
        if doomed and re.search(r"/started.json$|/attempts/[^/]+/[0-9]+$", key):
            doomed()
        return written

    return write_and_stop


Store.create_json, Store.write_json = stop_after_the_note(Store.create_json), stop_after_the_note(Store.write_json)
"""


@contextmanager
def let_files_stop_the_function(functions: Any, *, is_soon_received_again: bool = False) -> Iterator[None]:
    """Put the hook in front of the local stack's function, for a while.

    Args:    functions: boto3's client of Lambda.
             is_soon_received_again: whether the function is told that it had but a second, so that tests do not wait for its whole time.
    """
    (name,) = [each["FunctionName"] for each in functions.list_functions()["Functions"] if each["Handler"] == HANDLER]
    hook = {"killers.py": f"SHORT = {is_soon_received_again}\n{HOOK}"}
    with_hook, without = _zip_bundle(hook), _zip_bundle({})
    functions.update_function_code(FunctionName=name, ZipFile=with_hook)
    functions.update_function_configuration(FunctionName=name, Handler="killers.handler")
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=name, Handler=HANDLER)
        functions.update_function_code(FunctionName=name, ZipFile=without)


def _zip_bundle(more: dict[str, str]) -> bytes:
    """Return the function's code with more files."""
    content = io.BytesIO(locate(find_bundle(settings_for("local"), "process_upload")).read_bytes())
    with zipfile.ZipFile(content, "a") as archive:
        for name, text in more.items():
            archive.writestr(name, text)
    return content.getvalue()
