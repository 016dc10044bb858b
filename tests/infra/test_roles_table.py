"""docs/roles.md's table of roles against the templates; `make roles` writes it anew."""

import os
import re
from pathlib import Path
from typing import Any

from tests.infra.role_reasons import REASONS, ROLES
from tests.infra.roles_table import build_table, list_rows

PAGE = Path(__file__).resolve().parents[2] / "docs/roles.md"
TABLE = re.compile(r"(?<=<!-- roles -->\n).*(?=<!-- end of roles -->)", re.DOTALL)


def test_the_documented_roles_are_those_of_the_templates(synthesize: Any, every_option: Any) -> None:
    stages = {"serverless": synthesize("prod"), "instances": synthesize("prod", endpoint_kind="cpu"), "options": every_option}
    rows = [row for stage in stages.values() for row in list_rows(stage)]
    assert {row.role for row in rows} == set(ROLES)
    reasons = {row: row.find_reason() for row in rows}
    assert [row for row, reason in reasons.items() if reason is None] == []
    assert set(REASONS) == set(reasons.values())
    page, table = PAGE.read_text(), build_table(stages)
    if os.environ.get("INFERSTACK_WRITE_DOCS"):
        PAGE.write_text(TABLE.sub(lambda _: table, page))
        return
    (documented,) = TABLE.findall(page)
    assert documented == table, "run `make roles`"
