"""Files that a command is called with."""

import os
from collections.abc import Sequence
from pathlib import Path

from functions.shared.litter import is_litter


def expand_paths(paths: Sequence[Path]) -> tuple[list[Path], int]:
    """Return files, each once, with those in folders sorted; and how many in folders were skipped.

    Skipped in a folder are hidden files (a name on the way begins with a dot), what desktops and tools leave there, and all that is not a
    file, like a pipe. A file that is named itself is taken whatever its name. Links to folders are not followed: they may lead back.

    Raises:  OSError: a folder cannot be read.
    """
    files: dict[Path, None] = {}
    skipped = 0
    for path in paths:
        if not path.is_dir():
            files[path] = None
            continue
        inside: list[Path] = []
        for folder, _, names in os.walk(path, onerror=_raise):
            found = [Path(folder, name) for name in names]
            taken = [file for file in found if not is_litter(file.relative_to(path).as_posix()) and file.is_file()]
            inside += taken
            skipped += len(names) - len(taken)
        files.update(dict.fromkeys(sorted(inside)))
    return list(files), skipped


def _raise(error: OSError) -> None:
    raise error


def format_path(file: Path) -> str:
    """Return a path that any terminal can print: bytes that are not UTF-8 become question marks."""
    return os.fsencode(file).decode("utf-8", "replace")


def read_size(file: Path) -> int:
    """Return a file's bytes for a bar, 0 if they cannot be known; an error is reported when the file is opened."""
    try:
        return file.stat().st_size
    except OSError:
        return 0
