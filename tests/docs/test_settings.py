"""What the documents say of settings is so: their names, and the numbers that stand beside them."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from deployment.settings import Settings
from deployment.stages import settings_for

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "recipes").glob("*/README.md"))]
NAMES = {field.name for field in fields(Settings)}
VALUE = re.compile(r"`([a-z_0-9]+)`(?: \(|, | \| )([\d,]*\d)(?![\d.])")  # `upload_days`, 7 · `upload_attempts` (5)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_settings_are_called_so_and_have_these_values(page: Path) -> None:
    text = page.read_text()
    assert set(re.findall(r"-c ([a-z_]+)=", text)) <= NAMES | {"name"}
    defaults = settings_for("dev")
    told = [(name, value.replace(",", "")) for name, value in VALUE.findall(text) if name in NAMES]
    assert [(name, value) for name, value in told if str(getattr(defaults, name)) != value] == []
