"""No expression that reads what strangers send takes time with the square of a text's length.

It does where two repeats may share a run of characters, as in `\\d+\\.?\\d*`: each way to part the run is tried before a text is refused. A
search begins anew at each character, so there one repeat at the beginning is enough.
"""

import ast
import importlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import pytest

from deployment.paths import ROOT

FOLDERS = {"lambda/functions": "functions", "recipes": "recipes", "serving": "serving"}
WHOLE, PARTS = {"match", "fullmatch"}, {"search", "findall", "finditer", "sub"}  # methods that no text has
LETTERS = frozenset((*map(chr, range(128)), "é", "一", "\u2028"))
MANY = 1000  # a repeat of so many costs what one without an end does
# Variables that hold expressions, by file: where those are.
VARIABLES = {
    "recipes/other_files.py": ("magic", lambda module: [magic for magic, _ in module._KINDS]),
    "lambda/functions/shared/reading/mistakes/text_formats.py": ("pattern", lambda module: [pattern for pattern, *_ in module._FORMATS]),
}
REASONS = {
    "lambda/functions/predict/reading/form.py": ("delimiter", "it begins with a text, and ends where blanks do"),
    "lambda/functions/shared/http/application.py": ("pattern", "a path as the routes have it: no two repeats without a slash between them"),
    "lambda/functions/status/recent_jobs.py": ("INBOX_KEY", "a key of S3 has 1,024 bytes at most"),
    "recipes/units.py": ("_WORD", "what its first alternatives refuse, its last takes whole"),
}


class Item(NamedTuple):
    """A part of an expression: the characters that it takes, the fewest of them, and whether there may be any number."""

    letters: frozenset[str]
    least: int
    is_many: bool


ANCHOR = Item(frozenset(), 0, False)


def read_ways(tree: Iterable[Any], flags: int) -> list[list[Item]]:
    """Return each way through an expression."""
    ways: list[list[Item]] = [[]]
    for operator, value in tree:
        ways = [[*way, *more] for way in ways for more in _read_operator(operator, value, flags)]
    return ways


def _read_operator(operator: Any, value: Any, flags: int) -> list[list[Item]]:
    if operator in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
        return _read_repeat(*value, flags)
    if operator is codes.SUBPATTERN:
        return read_ways(value[3], (flags | value[1]) & ~value[2])
    if operator is codes.BRANCH:
        return [way for branch in value[1] for way in read_ways(branch, flags)]
    if operator in {codes.ASSERT, codes.ASSERT_NOT} and value[0] > 0:  # what looks ahead reads all of it, and takes nothing
        return [[], *read_ways(value[1], flags)]
    if operator in {codes.AT, codes.ASSERT, codes.ASSERT_NOT}:  # what looks back lets a search begin in few places
        is_anchor = value in {codes.AT_BEGINNING, codes.AT_BEGINNING_STRING} if operator is codes.AT else value[0] < 0
        return [[ANCHOR]] if is_anchor else [[]]
    matches = re.compile(_write(operator, value), flags & (re.IGNORECASE | re.ASCII | re.DOTALL))
    return [[Item(frozenset(filter(matches.fullmatch, LETTERS)), 1, False)]]


def _read_repeat(least: int, most: int, content: Iterable[Any], flags: int) -> list[list[Item]]:
    inner = read_ways(content, flags)
    if most < MANY:
        return [*([way[0]._replace(least=least)] if len(way) == 1 else way for way in inner), *([] if least else [[]])]
    if any(item.is_many for way in inner for item in way):
        return [[*way, *again] for way in inner for again in inner]
    return [[Item(frozenset[str]().union(*(item.letters for way in inner for item in way)), least, True)]]


def _write(operator: Any, value: Any) -> str:
    """Return the expression of one character."""
    match operator:
        case codes.LITERAL:
            return re.escape(chr(value))
        case codes.NOT_LITERAL:
            return f"[^{re.escape(chr(value))}]"
        case codes.ANY:
            return "."
        case codes.RANGE:
            return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
        case codes.CATEGORY:
            kind = str(value).removeprefix("CATEGORY_")
            return "\\" + (kind[4].upper() if kind.startswith("NOT_") else kind[0].lower())
        case codes.IN:
            return f"[{''.join('^' if each is codes.NEGATE else _write(each, of) for each, of in value)}]"
    raise AssertionError(f"{operator} is not known here")


def find_square(expression: str | bytes, flags: int = 0, *, is_search: bool = False) -> str:
    """Return what takes the square of a text's length, or nothing."""
    tree = parser.parse(expression, flags)
    for way in read_ways(tree, tree.state.flags):
        items = [item for item in way if item is not ANCHOR]
        for place, first in enumerate(items):
            if not first.is_many:
                continue
            for end, second in enumerate(items[place + 1 :], place + 1):
                shared = first.letters & second.letters
                if second.is_many and shared and all(_may_be(item, shared) for item in items[place + 1 : end]):
                    return "two repeats share a run"
            is_first = ANCHOR not in way and all(_may_be(item, first.letters) for item in items[:place])
            if is_search and is_first and any(item.least for item in items[place + 1 :]):
                return "a search begins with a repeat"
    return ""


def _may_be(item: Item, letters: frozenset[str]) -> bool:
    return not item.least or bool(item.letters & letters)


def list_uses() -> Iterator[tuple[str, str | bytes, int, str]]:
    """Give file, expression, flags and method of each use of an expression."""
    for folder, package in FOLDERS.items():
        for path in sorted(Path(ROOT, folder).rglob("*.py")):
            file = path.relative_to(ROOT).as_posix()
            calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
            calls = [call for call in calls if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)]
            methods = [(call, call.func.attr, call.func.value.id) for call in calls]  # type: ignore[attr-defined]
            for call, method, owner in methods:
                of_re = owner == "re" and method in WHOLE | PARTS | {"split"}
                if not of_re and method not in WHOLE | PARTS:
                    continue
                name = ast.unparse(call.args[0]) if of_re else owner
                if name == REASONS.get(file, ("",))[0]:
                    continue
                if of_re and isinstance(call.args[0], ast.Constant):
                    found: Any = [call.args[0].value]
                else:
                    module = importlib.import_module(".".join((package, *path.relative_to(Path(ROOT, folder)).with_suffix("").parts)))
                    variable, read = VARIABLES.get(file, ("", list))
                    found = read(module) if name == variable else [getattr(module, name)]
                flags = sum(getattr(re, flag) for flag in re.findall(r"re\.([A-Z]+)", ast.unparse(call)))
                for each in found:
                    compiled = isinstance(each, re.Pattern)
                    yield file, each.pattern if compiled else each, each.flags if compiled else flags, method


def test_takes_no_square_of_what_a_stranger_sends() -> None:
    uses = list(list_uses())
    assert len(uses) > 150
    found = {(file, expression): find_square(expression, flags, is_search=method not in WHOLE) for file, expression, flags, method in uses}
    squares = {use: square for use, square in found.items() if square}
    assert squares == {}


@pytest.mark.parametrize(
    ("expression", "is_search", "is_square"),
    [
        (r"\d+\.?\d*", False, True),
        (r"\d+(\.\d*)?", False, False),
        (r"[\s\d]*\d[\s\d]*", False, True),
        (r"\s*\d[\s\d]*", False, False),
        (r"(a+)*b", False, True),
        (r"(a+,)*b", False, False),
        (r".*:.*", False, True),
        (r"\s*x", False, False),
        (r"\s*x", True, True),
        (r"^\s*x", True, False),
        (r"\t(?=\s*x)", True, True),
        (r"\t(?= *x)", True, False),
        (rb"a?[^\W\d]*(,\w+)+", False, False),
        (r"\w{1,60}/\w{1,60}", False, False),
    ],
)
def test_sees_what_takes_the_square(expression: str | bytes, is_search: bool, is_square: bool) -> None:
    assert bool(find_square(expression, is_search=is_search)) is is_square
