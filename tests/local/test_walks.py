"""The walks of docs/ do what they say: their blocks, marked with this file, are run as they are printed, each page's from top to bottom."""

import re
from pathlib import Path

import pytest

from local.run_state import RunState
from tests.local.scripts import LIMIT_S, ROOT, run

OURS = "tests/local/test_walks.py"
BLOCK = re.compile(r"<!-- ci: (?P<who>[^>]+?) -->\n```bash\n(?P<script>.*?)```", re.DOTALL)


def list_scripts(who: str) -> list[object]:
    """Return the blocks of each page that has some, as one script."""
    pages = {page.name: page.read_text() for page in sorted((ROOT / "docs").glob("*.md"))}
    found = {name: [match["script"] for match in BLOCK.finditer(text) if match["who"] == who] for name, text in pages.items()}
    return [pytest.param("\n".join(blocks), id=name) for name, blocks in found.items() if blocks]


@pytest.mark.timeout(LIMIT_S + 30)
@pytest.mark.parametrize("script", list_scripts(OURS))
def test_runs(script: str) -> None:
    run(script)


@pytest.mark.parametrize("script", list_scripts(f"{OURS}, on a running stack"))
def test_runs_beside_a_stack(stack: RunState, stack_dir: Path, script: str) -> None:
    output = run(script, INFERSTACK_STATE_DIR=str(stack_dir))
    assert re.search(r"digits-photo\.jpg .* succeeded +15 ", output)
    assert "{'0': 1, '1': 3, " in output  # the labels of the photo, from its summary in the results bucket
