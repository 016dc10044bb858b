"""Which of the project's files a function needs: its own folder, and what that imports."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from deployment.paths import ROOT
from deployment.sources import list_sources, name_below

IMPORT_ROOTS = (ROOT / "lambda", ROOT)
FUNCTIONS = ROOT / "lambda/functions"


def list_members(function: str) -> dict[str, Path]:
    """Return the project's files in the function's bundle, by their names there.

    Raises:  ImportError: there is no such function, or it does not parse.
    """
    imported = _list_imported(f"functions.{function}.function")
    members = dict(imported) | name_below(ROOT / "lambda", list_sources(FUNCTIONS / function))
    if "recipes/recipe.py" in imported:  # it imports the recipe that a setting names
        members |= name_below(ROOT, list_sources(ROOT / "recipes"))
    return members


def list_requirements(function: str) -> list[Path]:
    """Return the function's requirements.txt and the files it includes; none where a function needs no package."""
    path = FUNCTIONS / function / "requirements.txt"
    return list(_follow(path)) if path.is_file() else []


def _follow(requirements: Path) -> Iterator[Path]:
    yield requirements
    for line in requirements.read_text().splitlines():
        if line.startswith("-r "):
            yield from _follow((requirements.parent / line.removeprefix("-r ").strip()).resolve())


def _list_imported(module: str) -> dict[str, Path]:
    """Return the project's modules that a module imports, directly or not, itself too, by their names below their import root.

    Raises:  ImportError: there is no such module, or one does not parse.
    """
    if not _find_file(module):
        raise ImportError(f"no module {module}")
    found, waiting = dict[str, Path](), [module]
    while waiting:
        parts = waiting.pop().split(".")
        for count in range(1, len(parts) + 1):  # its packages are imported with it
            for name, file in _find_file(".".join(parts[:count])).items():
                if name not in found:
                    found[name] = file
                    waiting += _list_imports(file)
    return found


@cache
def _find_file(module: str) -> dict[str, Path]:
    """Return the file of a module or package of the project's by its name below the import root; nothing for all that is none."""
    path = module.replace(".", "/")
    for root in IMPORT_ROOTS:
        for name in (f"{path}/__init__.py", f"{path}.py"):
            if (root / name).is_file():
                return {name: root / name}
    return {}


@cache
def _list_imports(file: Path) -> list[str]:
    """Return the names that a file imports, anywhere in it: each may be a module, or something in one."""
    try:
        statements = list(_list_statements(ast.parse(file.read_bytes(), file).body))
    except SyntaxError as error:
        raise ImportError(f"{file} does not parse: {error}") from error
    names = [each.name for statement in statements if isinstance(statement, ast.Import) for each in statement.names]
    return names + [
        f"{import_.module}.{each.name}" for import_ in statements if isinstance(import_, ast.ImportFrom) for each in import_.names
    ]


def _list_statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for statement in body:
        yield statement
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from _list_statements(getattr(statement, part, ()))
