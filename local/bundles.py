"""Builds the functions' bundles before a synthesis, which only looks them up."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from deployment.paths import PYTHON, ROOT
from deployment.stages import read_context
from local.beside import end_with_caller
from recipes.errors import InferstackError

LIMIT_S = 180
REASON_CHARACTERS = 2000


class BundlesFailed(InferstackError):
    """The bundles could not be built, or not in time; the message is the reason."""

    code = "bundles-failed"
    title = "Bundles failed"


def build_bundles(stage: str, context: Mapping[str, object]) -> list[Path]:
    """Build the bundles of a stage's functions with these settings, and return the zips.

    Raises:  BundlesFailed: that is not possible.
             InvalidSettings: there are no such settings.
    """
    settings = read_context(stage, context)
    target = ["--python", settings.function_python, "--architecture", settings.function_architecture]
    command = [str(PYTHON), "-m", "deployment.bundle", "--stage", stage, *target]
    try:
        code, out, errors = _run(command)
    except subprocess.TimeoutExpired as error:
        raise BundlesFailed(f"the functions' bundles could not be built within {LIMIT_S} s") from error
    if code:
        raise BundlesFailed(f"the functions' bundles could not be built. {errors.strip()[-REASON_CHARACTERS:]}")
    return [ROOT / f"{line.split()[0]}.zip" for line in out.splitlines()]


def _run(command: Sequence[str]) -> tuple[int, str, str]:
    """Return a command's exit status, and what it wrote to stdout and stderr; raise TimeoutExpired if it takes too long."""
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as process,
        end_with_caller(process),
    ):
        out, errors = process.communicate(timeout=LIMIT_S)
    return process.returncode, out, errors
