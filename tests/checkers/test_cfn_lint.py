"""CloudFormation's own linter, with the schemas of several regions."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.infra.combinations import REGIONS, cover_pairs, list_valid


def test_is_clean(synthesize: Any) -> None:
    """All stages and combinations of settings in one run, each template once: reading CloudFormation's schemas takes a while."""
    stages = [synthesize(name) for name in ("local", "dev", "prod")] + [synthesize("dev", **each) for each in cover_pairs(list_valid())]
    folders = {stage.folder for stage in stages}
    different = {path.read_bytes(): path for folder in folders for path in folder.glob("*.template.json")}
    templates = sorted(map(str, different.values()))
    assert len(templates) > 3 * 5
    # W3005: CDK writes a dependency beside a reference that implies it.
    options = ["--format", "parseable", "--ignore-checks", "W3005", "--regions", *REGIONS]
    command = [Path(sys.executable).with_name("cfn-lint"), *options, "--", *templates]
    result = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert (result.returncode, result.stdout + result.stderr) == (0, "")
