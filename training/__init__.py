"""Trainers, export and evaluation."""

import os

# Before ONNX Runtime is imported: it would send telemetry to its maker, and keep a file of it below the home folder.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
