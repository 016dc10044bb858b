"""Whether the disk has room for a run."""

import shutil
from pathlib import Path

RUN_BYTES = 200_000_000  # templates, logs and the functions' bundles, unpacked, are 82 MB; the rest is for uploads


def find_free_bytes(folder: Path) -> int:
    """Return how much may be written into a folder, which need not be there yet."""
    return shutil.disk_usage(next(each for each in (folder, *folder.absolute().parents) if each.exists())).free
