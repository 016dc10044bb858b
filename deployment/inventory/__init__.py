"""What each deployable holds of others' software: its locks, its list of contents, and what is known against them."""

from pathlib import Path

from deployment.bundle import list_functions
from deployment.bundle.contents import list_requirements
from deployment.paths import ROOT

LOCKS = ROOT / "requirements"
TORCH = "torch*.txt"  # locked apart from the rest of training, for its builds differ from machine to machine


def list_deployables() -> dict[str, tuple[Path, ...]]:
    """Return the locks of each deployable by its name: one for each lock, each function and the page, which has none of Python's."""
    locks: dict[str, tuple[Path, ...]] = {path.stem: (path,) for path in sorted(set(LOCKS.glob("*.txt")) - set(LOCKS.glob(TORCH)))}
    locks["training"] += tuple(sorted(LOCKS.glob(TORCH)))
    return {**locks, **{f"function-{name}": tuple(list_requirements(name)) for name in list_functions()}, "page": ()}


def read_locks(paths: tuple[Path, ...]) -> str:
    """Return the locks as one, without the lines that name each other."""
    return "".join(line for path in paths for line in path.read_text().splitlines(keepends=True) if not line.startswith("-r "))
