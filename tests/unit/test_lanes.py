"""Each test that asks for a stack of its room runs where that stack is, also in the runs of their own (tests/sdk)."""

import ast
from pathlib import Path

import pytest

from tests.lanes import check_lane

TESTS = Path(__file__).parents[1]
FILES = [path for path in sorted(TESTS.rglob("test_*.py")) if path.relative_to(TESTS).parts[0] != "unit"]


def list_tests(path: Path) -> list[tuple[str, list[str]]]:
    """Return each test of a file as pytest names it, with what it asks for."""
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    name = path.relative_to(TESTS.parent).as_posix()
    return [(f"{name}::{each.name}", [argument.arg for argument in each.args.args]) for each in functions]


def test_every_test_is_where_its_stack_is() -> None:
    tests = [test for path in FILES for test in list_tests(path)]
    assert sum("stack" in fixtures for _, fixtures in tests) > 50
    for nodeid, fixtures in tests:
        check_lane(nodeid, fixtures)


def test_refuses_a_test_that_would_start_another_stack() -> None:
    with pytest.raises(pytest.UsageError, match="asks for stack in the lane tests/browser/test_a"):
        check_lane("tests/browser/test_a.py::test_b", ["stack"])
