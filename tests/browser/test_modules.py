"""The page's own logic without a page: node's test runner over web/'s pure modules."""

import subprocess
from pathlib import Path

import pytest

from tests.browser.conftest import NODE

MODULES = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name.removesuffix(".test.mjs"))
def test_passes_under_node(module: Path) -> None:
    done = subprocess.run([NODE, "--test", "--test-reporter=tap", module], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
    assert "# pass 0" not in done.stdout
