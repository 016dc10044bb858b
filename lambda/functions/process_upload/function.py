"""Lambda's entry point: importing it is the function's start."""

import os

from functions.shared.start import suspend_collection

with suspend_collection():
    from functions.process_upload.wiring import build

    handler = build(os.environ)
