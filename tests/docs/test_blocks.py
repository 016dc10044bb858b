"""Every block of commands says who runs it: a test that is there, or why none can."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^ *(?:<!-- ci: (?P<who>[^>]+?) -->\n *)?```bash\n", re.MULTILINE)
TEST = re.compile(r"tests/[\w/]+\.py")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_says_who_runs_it(page: Path) -> None:
    marks = [match["who"] for match in BLOCK.finditer(page.read_text())]
    assert None not in marks
    assert [test for mark in marks for test in TEST.findall(mark) if not (ROOT / test).is_file()] == []
