"""The calls of docs/sagemaker-sdk.md, as they are printed, by the SDK itself against a stack on this machine."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.run_state import RunState
from local.stack import down, up
from tests.conftest import free_ports, state_in
from tests.sdk.ask import PYTHON, ROOT

LIMIT_S = 600
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[RunState]:
    with state_in(tmp_path / "stack"):
        try:
            yield up(context={"recipe": "salary"}, port=free_ports())
        finally:
            down()


@pytest.mark.timeout(LIMIT_S)
def test_the_sdk_trains_deploys_predicts_and_deletes(stack: RunState, tmp_path: Path) -> None:
    """Twice: beside the model that the stack was deployed with, and beside the version that was trained, once it is approved."""
    session, train, *deploy = BLOCK.findall((ROOT / "docs/sagemaker-sdk.md").read_text())
    command = ROOT / ".venv/bin/inferstack"
    subprocess.run([command, "pipeline", "data", "salary"], check=True)
    said = run("\n".join((session, train, *deploy)), stack, tmp_path)
    assert re.search(r"'Register[^']*': 'Succeeded'", said)
    subprocess.run([command, "models", "approve", "1", "--wait"], check=True)
    for answered in (said, run("\n".join((session, *deploy)), stack, tmp_path)):
        (value,) = re.findall(r"\[\{'value': ([\d.]+)\}\]", answered)
        assert 65_000 < float(value) < 80_000  # for five years


def run(script: str, stack: RunState, home: Path) -> str:
    """Return what a script of the SDK prints."""
    quiet = {"HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true", "SAGEMAKER_VALIDATE_ROLE": "false"}
    environment = {"PATH": os.environ["PATH"], **quiet, **stack.aws}
    ran = subprocess.run([PYTHON, "-c", script], env=environment, cwd=home, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-4000:]
    return ran.stdout
