"""Which files of the checkout are deployed, and one digest of them."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path

# Caches, hidden files (an editor's, or a secret), tests, and what only people or a build read.
LEFT_OUT = ("__pycache__", "*.pyc", ".*", "golden", "tests", "test_*", "*.md", "requirements.txt")
# Data, and what reads data: needed by jobs, never by a function or by the model server, whose model comes from S3.
ONLY_FOR_TRAINING = (
    *("dataset.py", "tabular.py", "csv_files.py", "recordio.py", "folders.py", "generate.py", "kaggle.py"),
    *("*.csv", "pretrained"),
)


def list_sources(folder: Path, *, for_training: bool = False) -> list[Path]:
    """Return the files of a folder that are deployed, sorted.

    Args:    for_training: also what only training reads.
    """
    left_out = LEFT_OUT if for_training else LEFT_OUT + ONLY_FOR_TRAINING

    def is_kept(path: Path) -> bool:
        return path.is_file() and not any(fnmatch(part, pattern) for part in path.relative_to(folder).parts for pattern in left_out)

    return sorted(filter(is_kept, folder.rglob("*")))


def name_below(folder: Path, paths: Iterable[Path]) -> dict[str, Path]:
    """Return each file by its name relative to the folder."""
    return {path.relative_to(folder).as_posix(): path for path in paths}


def digest(files: Mapping[str, Path], *facts: str) -> str:
    """Return 16 hexadecimal digits of the files' names and contents, and of the other facts that decide what is built from them."""
    hash_ = sha256("\n".join(facts).encode())
    for name, path in sorted(files.items()):
        content = path.read_bytes()
        hash_.update(f"\n{name} {len(content)} ".encode() + content)
    return hash_.hexdigest()[:16]
