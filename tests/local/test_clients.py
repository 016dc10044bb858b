"""Clients that are generated from docs/openapi.yaml predict, upload and list: one in Python, one with TypeScript's types."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from local.run_state import RunState
from recipes.media_types import PICTURES

ROOT = Path(__file__).resolve().parents[2]
CONTRACT, PROGRAMS = ROOT / "docs/openapi.yaml", Path(__file__).parent / "api"
TOOLS, NODE_TOOLS = ROOT / ".venvs/contract/bin", ROOT / "node_modules/.bin"
FILES = [ROOT / "docs/seven.png", ROOT / "docs/digits-photo.jpg"]
FOUND = {"labels": [7, 7], "state": "succeeded", "rows": 15, "is_listed": True}
# The generator knows no binary content type but octet-stream: the client sends files as that.
UNKNOWN_TYPES = {*PICTURES, "application/x-npy", "application/x-npz", "text/csv"}


def run(*command: object, cwd: Path) -> str:
    """Return what a command wrote to its output and then to its log; fail with all of it if the command failed."""
    environment = {**os.environ, "PATH": f"{TOOLS}:{ROOT / '.venv/bin'}:{os.environ['PATH']}", "PYTHONPATH": str(cwd)}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def hold(found: dict[str, Any]) -> None:
    refused = found.pop("refused")
    assert (found, refused) == (FOUND, "urn:inferstack:problem:wrong-shape")


def test_the_python_client_predicts_uploads_and_lists(stack: RunState, tmp_path: Path) -> None:
    package = "inferstack_http_api_client"
    said = run(TOOLS / "openapi-python-client", "generate", "--path", CONTRACT, "--meta", "none", "--output-path", package, cwd=tmp_path)
    assert set(re.findall(r"^Unsupported content type (\S+)$", said, re.MULTILINE)) == UNKNOWN_TYPES
    assert said.count("WARNING") == 2 * len(UNKNOWN_TYPES)  # of the default recipe's predictions, and of one's by name
    found = json.loads(run(TOOLS / "python", PROGRAMS / "python_client.py", stack.api_url, *FILES, cwd=tmp_path))
    assert found.pop("recipe") == stack.recipe
    hold(found)


def test_the_typescript_types_hold_for_a_program_that_predicts_uploads_and_lists(stack: RunState, tmp_path: Path) -> None:
    for name in ("typescript_client.ts", "node.d.ts", "tsconfig.json"):
        shutil.copy(PROGRAMS / name, tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    run(NODE_TOOLS / "openapi-typescript", CONTRACT, "--output", "api.ts", cwd=tmp_path)
    run(NODE_TOOLS / "tsc", "--project", tmp_path, cwd=tmp_path)
    hold(json.loads(run("node", "--no-warnings", "typescript_client.ts", stack.api_url, *FILES, cwd=tmp_path)))
