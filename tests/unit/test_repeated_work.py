"""What reads a stranger's input goes through nothing anew for each of its elements: n elements would take n² steps.

Neither builds a comprehension for each element what is the same for all, nor does it count or look for each in the whole.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployment.paths import ROOT

FOLDERS = ("lambda", "recipes", "serving")
BUILDERS = {"set", "frozenset", "sorted", "list", "tuple", "dict", "Counter"}
SEARCHES = {"count", "index"}
REASONS = {"recipes/columns.py": ["found.count(at)"]}  # as many as a recipe has features
Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def list_repeated(tree: ast.AST) -> Iterator[str]:
    """Give what a comprehension builds for each element though nothing in it is of the element, and what it looks for in all of them."""
    for node in ast.walk(tree):
        if not isinstance(node, Comprehension):
            continue
        own = {each.id for generator in node.generators for each in ast.walk(generator.target) if isinstance(each, ast.Name)}
        all_ = {generator.iter.id for generator in node.generators if isinstance(generator.iter, ast.Name)}
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        conditions = [condition for generator in node.generators for condition in generator.ifs]
        for call in (each for part in (*results, *conditions) for each in ast.walk(part) if isinstance(each, ast.Call)):
            is_builder = isinstance(call.func, ast.Name) and call.func.id in BUILDERS and bool(call.args)
            used = {each.id for each in ast.walk(call) if isinstance(each, ast.Name)}
            is_search = isinstance(call.func, ast.Attribute) and call.func.attr in SEARCHES and bool(used & all_ - own)
            if is_search or (is_builder and not used & own):
                yield ast.unparse(call)


def test_builds_nothing_anew_for_each_element() -> None:
    paths = [path for folder in FOLDERS for path in Path(ROOT, folder).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix(): list(list_repeated(ast.parse(path.read_text()))) for path in paths}
    assert {path: calls for path, calls in found.items() if calls} == REASONS


@pytest.mark.parametrize(
    ("code", "repeated"),
    [
        ("[each for each in values if each not in set(chosen)]", ["set(chosen)"]),
        ("any(find(list(names), each) for each in values)", ["list(names)"]),
        ("{each: sorted(names) for each in values}", ["sorted(names)"]),
        ("next(each for each in names if names.count(each) > 1)", ["names.count(each)"]),
        ("[line.count(mark) for mark in marks]", []),
        ("[sorted(each) for each in values]", []),
        ("[set(row) for rows in values for row in rows]", []),
        ("[each for each in set(values)]", []),
    ],
)
def test_sees_what_is_built_anew(code: str, repeated: list[str]) -> None:
    assert list(list_repeated(ast.parse(code))) == repeated
