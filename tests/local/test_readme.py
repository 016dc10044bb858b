"""The README's blocks do what they say. Each is marked with who runs it, in a comment before it."""

import re
from pathlib import Path

import pytest

from local.run_state import RunState
from tests.local.scripts import ROOT, run

BLOCK = re.compile(r"(?:<!-- ci: (?P<who>[^>]+?) -->\n)?```bash\n(?P<script>.*?)```", re.DOTALL)
BLOCKS = [(match["who"], match["script"]) for match in BLOCK.finditer((ROOT / "README.md").read_text())]


def list_scripts(who: str) -> list[str]:
    return [script for name, script in BLOCKS if name == who]


# Two lines; a digit with a question mark is not certain.
DIGITS = r"\?? ".join("5550142") + r"\?? \| " + r"\?? ".join("31415926")


def test_says_of_every_block_who_runs_it() -> None:
    assert {name for name, _ in BLOCKS} == {
        "tests/local/test_make_up.py",
        "tests/unit/cli/test_cost.py",
        "make test itself",
        "this test, on a running stack",
    }


@pytest.mark.parametrize("script", list_scripts("this test, on a running stack"))
def test_asks_a_running_stack(stack: RunState, stack_dir: Path, script: str) -> None:
    output = run(script, INFERSTACK_STATE_DIR=str(stack_dir))
    assert '"label":7' in output
    assert re.search(rf"digits-photo\.jpg +\S+ +succeeded +15 +0 +[\d.]+ +{DIGITS}", output)


def test_shows_what_the_command_prints(stack: RunState, stack_dir: Path) -> None:
    shown = (ROOT / "README.md").read_text().partition("$ inferstack predict docs/seven.png\n")[2].splitlines()[:2]
    printed = run(".venv/bin/inferstack predict docs/seven.png", INFERSTACK_STATE_DIR=str(stack_dir)).splitlines()[-2:]
    header, answer = (line.split() for line in printed)
    assert shown[0].split() == header
    assert shown[1].split()[:4] == answer[:4]
