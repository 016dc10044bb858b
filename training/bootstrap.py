"""`python3 code.zip STEP …`: unpack the zip, install what the image lacks, run the step.

Packed as the zip's __main__.py. Nothing but the standard library may be imported here: it runs before anything is installed.
"""

import os
import re
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# A pin without a condition; a pin with one is for another platform, or is installed with the package that needs it.
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)\s*\\?$", re.MULTILINE)
LOCK = "requirements/training.txt"


def main() -> None:
    """Replace this process by the step's."""
    code = Path(sys.argv[0]).resolve()
    folder = Path(tempfile.mkdtemp(prefix="inferstack-job-"))
    with zipfile.ZipFile(code) as packed:
        packed.extractall(folder)
    if list_missing((folder / LOCK).read_text()):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # A package that is built runs code of its own, with tools that no lock names.
        subprocess.run([*pip, "--only-binary", ":all:", "--require-hashes", "--requirement", str(folder / LOCK)], check=True)
    os.chdir(folder)
    os.environ["PYTHONPATH"] = str(folder)
    os.environ["INFERSTACK_CODE"] = code.stem
    os.execv(sys.executable, [sys.executable, "-m", "training.steps", *sys.argv[1:]])  # noqa: S606 - this very interpreter, no shell


def list_missing(lock: str) -> list[str]:
    """Return the packages of a lock that are not installed in the version it pins."""
    return [name for name, pinned in PIN.findall(lock) if _read_installed_version(name) != pinned]


def _read_installed_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
