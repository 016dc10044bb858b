"""What the functions that a person waits for import when they start."""

import subprocess
import sys
from pathlib import Path

import PIL
import pytest

ROOT = Path(__file__).resolve().parents[3]
PATH = f"{ROOT}:{ROOT / 'lambda'}:{Path(PIL.__file__).parents[1]}"
ENVIRONMENT = {
    **{"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"},
    **{"ENDPOINT_NAME": "any", "ENDPOINT_KIND": "serverless", "RECIPE": "digits", "ID_KEY": "any", "ID_KEYS": "any"},
    **{"UPLOADS_BUCKET": "any", "RESULTS_BUCKET": "any", "MAX_UPLOAD_BYTES": "1", "UPLOAD_DAYS": "1", "LABELS_PER_HOUR": "1"},
}
# With `inspect` and what it imports, data classes were a third of a start. `pkgutil` imports it to list modules.
DEAR = {"dataclasses", "inspect", "ast", "pkgutil", "email", "http.client", "botocore", "numpy"}


@pytest.mark.parametrize(("function", "others"), [("predict", {"logging", "datetime"}), ("jobs", {"logging"}), ("feedback", set())])
def test_starts_without_what_is_dear_to_import(function: str, others: set[str]) -> None:
    program = f"import sys; before = set(sys.modules); import functions.{function}.function; print(*(set(sys.modules) - before))"
    command = [sys.executable, "-S", "-c", program]
    done = subprocess.run(command, env={**ENVIRONMENT, "PYTHONPATH": PATH}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    imported = set(done.stdout.split())
    assert f"functions.{function}.handler" in imported
    assert imported.isdisjoint(DEAR | others)
