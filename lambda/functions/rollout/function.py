"""Lambda's entry point: importing it is the function's start."""

import os

from functions.rollout.wiring import build

handler = build(os.environ)
