"""Builds the functions' bundles before a synthesis, which only looks them up."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from deployment.paths import PYTHON, ROOT
from deployment.stages import read_context

LIMIT_S = 180
REASON_CHARACTERS = 2000


class BundlesFailed(RuntimeError):
    """The bundles could not be built, or not in time; the message is the reason."""


def build_bundles(stage: str, context: Mapping[str, str]) -> list[Path]:
    """Build the bundles of a stage's functions with these settings, and return the zips.

    Raises:  BundlesFailed: that is not possible.
             InvalidSettings: there are no such settings.
    """
    settings = read_context(stage, context)
    target = ["--python", settings.function_python, "--architecture", settings.function_architecture]
    command = [str(PYTHON), "-m", "deployment.bundle", "--stage", stage, *target]
    try:
        build = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise BundlesFailed(f"the functions' bundles could not be built within {LIMIT_S} s") from error
    if build.returncode:
        raise BundlesFailed(f"the functions' bundles could not be built. {build.stderr.strip()[-REASON_CHARACTERS:]}")
    return [ROOT / f"{line.split()[0]}.zip" for line in build.stdout.splitlines()]
