"""docs/aws.md: each row names AWS's own words, what holds the rule here, and a test that exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/aws.md").read_text()
ROWS = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in re.findall(r"^\|(?! what |---).*\|$", PAGE, re.MULTILINE)]
HOLDERS = {"emulator", "template", "unit", "nothing yet"}


def test_a_row_has_a_rule_its_source_its_holder_and_its_test() -> None:
    assert [row for row in ROWS if len(row) != 4 or not all(row) or not set(re.split(r", *", row[2])) <= HOLDERS] == []


def test_every_test_that_the_page_names_exists() -> None:
    named = [re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row[3]) for row in ROWS if row[2] != "nothing yet"]
    assert [row for row, tests in zip([row for row in ROWS if row[2] != "nothing yet"], named, strict=True) if not tests] == []
    missing = [
        f"{path}::{name}"
        for tests in named
        for path, name in tests
        if not (ROOT / path).is_file() or not re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
    ]
    assert missing == []
