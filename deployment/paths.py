"""Where things are in the checkout."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / ".build"
EMULATOR_PYTHON = ROOT / ".venvs/local/bin/python"
SERVING_PYTHON = ROOT / ".venvs/serving/bin/python"
PYTHON = ROOT / ".venv/bin/python"
NODE = ROOT / ".venv/bin/node"
CDK = ROOT / "node_modules/.bin/cdk"


def state_dir() -> Path:
    """Return the folder of the running stack's state and logs: $INFERSTACK_STATE_DIR, else .inferstack in the checkout."""
    return Path(os.environ.get("INFERSTACK_STATE_DIR", ROOT / ".inferstack")).resolve()
