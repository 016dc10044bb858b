"""Builds the functions' bundles before a synthesis, which only looks them up."""

import subprocess

from deployment.paths import PYTHON, ROOT

LIMIT_S = 180
REASON_CHARACTERS = 2000


class BundlesFailed(RuntimeError):
    """The bundles could not be built, or not in time; the message is the reason."""


def build_bundles(stage: str) -> None:
    """Build the bundles of a stage's functions; raise BundlesFailed where that is not possible."""
    command = [str(PYTHON), "-m", "deployment.bundle", "--stage", stage]
    try:
        build = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise BundlesFailed(f"the functions' bundles could not be built within {LIMIT_S} s") from error
    if build.returncode:
        raise BundlesFailed(f"the functions' bundles could not be built. {build.stderr.strip()[-REASON_CHARACTERS:]}")
