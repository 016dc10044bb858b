"""The page's own logic without a page: node's test runner over web/'s pure modules."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.browser.conftest import NODE
from tests.browser.servers import WEB

MODULES = sorted(Path(__file__).parent.glob("*.test.mjs"))


def list_imports(module: Path) -> set[Path]:
    """The modules that come with a module: what it imports, and what those import."""
    own = {
        (module.parent / name).resolve()
        for name in re.findall(r'^(?:import|export)\b.*?from "(\./[^"]+)"', module.read_text(), re.MULTILINE)
    }
    return own.union(*(list_imports(each) for each in own))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name.removesuffix(".test.mjs"))
def test_passes_under_node(module: Path) -> None:
    done = subprocess.run([NODE, "--test", "--test-reporter=tap", module], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
    assert "# pass 0" not in done.stdout


def test_asks_for_all_of_its_modules_at_once() -> None:
    """Else a browser finds them import by import, and each level costs a round trip: `index.html` names them all."""
    named = re.findall(r'rel="modulepreload" href="([^"]+)"', (WEB / "index.html").read_text())
    assert {(WEB / name).resolve() for name in named} == list_imports(WEB / "app.js")
    assert named == sorted(named)
