"""CloudFormation's own linter, with the schemas of several regions."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.checkers.conftest import COMBINATIONS
from tests.infra.combinations import REGIONS, cover_pairs, list_valid

PROCESSES = 2


def lint(templates: list[str]) -> tuple[int, str]:
    """Return the linter's status and all that it says."""
    # W3005: CDK writes a dependency beside a reference that implies it.
    options = ["--format", "parseable", "--ignore-checks", "W3005", "--regions", *REGIONS]
    command = [Path(sys.executable).with_name("cfn-lint"), *options, "--", *templates]
    result = subprocess.run(command, capture_output=True, text=True, timeout=800, check=False)
    return result.returncode, result.stdout + result.stderr


def test_is_clean(synthesize: Any) -> None:
    """All stages and combinations of settings, each template once: minutes of processor time."""
    pairs = [("dev", each) for each in cover_pairs(list_valid())]
    stages = [synthesize(name, **each) for name, each in [*COMBINATIONS.values(), ("prod", {}), *pairs]]
    folders = {stage.folder for stage in stages}
    different = {path.read_bytes(): path for folder in folders for path in folder.glob("*.template.json")}
    templates = sorted(map(str, different.values()))
    assert len(templates) > 3 * 5
    with ThreadPoolExecutor(PROCESSES) as pool:
        assert list(pool.map(lint, (templates[first::PROCESSES] for first in range(PROCESSES)))) == [(0, "")] * PROCESSES
