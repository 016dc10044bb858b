"""Lambda's entry point: importing it is the function's start."""

import os

from feedback.handler import build

handler = build(os.environ)
