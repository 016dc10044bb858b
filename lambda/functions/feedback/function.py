"""Lambda's entry point: importing it is the function's start."""

import os

from functions.feedback.handler import build

handler = build(os.environ)
