"""Lambda's entry point: importing it is the function's start."""

import os

from functions.status.wiring import build

handler = build(os.environ)
