"""Which of the project's files a function needs: its own folder, and what that imports."""

from collections.abc import Iterator
from functools import cache
from modulefinder import ModuleFinder
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


@cache
def _list_imported(module: str) -> dict[str, Path]:
    """Return the project's modules that a module imports, directly or not, by their names below their import root."""
    finder = ModuleFinder(path=[str(root) for root in IMPORT_ROOTS])
    finder.import_hook(module)
    files = [Path(file) for each in finder.modules.values() if (file := getattr(each, "__file__", None))]
    return {path.relative_to(_root_of(path)).as_posix(): path for path in files}


def _root_of(path: Path) -> Path:
    return next(root for root in IMPORT_ROOTS if path.is_relative_to(root))
