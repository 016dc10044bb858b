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
    script = "\n".join(BLOCK.findall((ROOT / "docs/sagemaker-sdk.md").read_text()))
    quiet = {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", "SAGEMAKER_VALIDATE_ROLE": "false"}
    environment = {"PATH": os.environ["PATH"], **quiet, **stack.aws}
    subprocess.run([ROOT / ".venv/bin/inferstack", "pipeline", "data", "salary"], check=True)
    ran = subprocess.run([PYTHON, "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-4000:]
    assert re.search(r"'Register[^']*': 'Succeeded'", ran.stdout)
    (value,) = re.findall(r"\[\{'value': ([\d.]+)\}\]", ran.stdout)
    assert 65_000 < float(value) < 80_000  # for five years
