"""The real command: no account, no network, no Docker."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def cdk_synth(folder: Path, *context: str) -> subprocess.CompletedProcess[str]:
    nowhere = "http://127.0.0.1:9"
    environment = {
        "PATH": f"{ROOT / '.venv' / 'bin'}:/usr/bin:/bin",
        "HOME": str(folder),
        "CDK_HOME": str(folder / ".cdk"),
        "HTTPS_PROXY": nowhere,
        "HTTP_PROXY": nowhere,
        "AWS_EC2_METADATA_DISABLED": "true",
        **{name: os.environ[name] for name in ("TMPDIR",) if name in os.environ},
    }
    command = [str(ROOT / "node_modules" / ".bin" / "cdk"), "synth", "--quiet", "--no-notices", "--output", str(folder / "out")]
    for pair in context:
        command += ["-c", pair]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)


def test_synthesizes_with_the_cli_from_a_bare_environment(tmp_path: Path, any_model: str, synthesize: Any) -> None:
    expected = synthesize("prod")
    done = cdk_synth(tmp_path, "stage=prod", f"model_dir={any_model}")
    assert done.returncode == 0, done.stderr
    for stack, template in expected.templates.items():
        written = json.loads((tmp_path / "out" / f"Inferstack-prod-{stack}.template.json").read_text())
        assert set(written["Resources"]) == set(template["Resources"])


def test_says_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    done = cdk_synth(tmp_path, "stage=dev", "memory=1")
    assert done.returncode != 0
    assert "no setting memory; there are stage" not in done.stderr
    assert "no setting memory; there are recipe" in done.stderr
    assert "Traceback" not in done.stderr
