"""How the command ends: each error becomes one line and an exit code, and none a traceback."""

import os
import shutil
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import recipes
from cli.console import leave_quietly, print_failure
from cli.failures import WrongCall
from recipes.errors import InferstackError, InvalidSettings

ERROR, WRONG_CALL, INTERRUPTED, NOBODY_READS = 1, 2, 130, 141  # the last two as shells have them: 128 and the signal's number
TRACEBACK = "INFERSTACK_TRACEBACK"


def run(command: Callable[[], object]) -> int:
    """Run a command, which may end itself with SystemExit, and return the exit code.

    With INFERSTACK_TRACEBACK set, what nobody expected is raised as it is, for who looks for the defect.
    """
    try:
        code = _run_to_end(command)
        if sys.stdout is not None:
            sys.stdout.flush()  # here and not when Python ends, where a full disk would be a traceback
    except InferstackError as error:
        return report(error.detail, error.advice, WRONG_CALL if isinstance(error, InvalidSettings | WrongCall) else ERROR)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        leave_quietly()
        return NOBODY_READS
    except OSError as error:
        return report(_describe(error), "")
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        return report(*_explain(error))
    return code


def _run_to_end(command: Callable[[], object]) -> int:
    try:
        command()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer makes an error of it
            raise end.__context__ from None
        return end.code if isinstance(end.code, int) else ERROR if end.code else 0
    return 0


def report(message: str, advice: str, code: int = ERROR) -> int:
    """Print what went wrong, as JSON where the call asks for that, and return the exit code."""
    with suppress(OSError):  # where nothing can be written, the exit code says it alone
        print_failure(message, advice=advice, as_json="--json" in sys.argv)
        return code
    leave_quietly()
    with suppress(OSError):
        print_failure(message, advice=advice)
    return code


def _explain(error: Exception) -> tuple[str, str]:
    """Return what nobody expected, and what to do: a recipe may be somebody's own, all else is ours."""
    said = f"{type(error).__name__}: {error}"
    if place := _find_place_in_recipe(error):
        return f"{place}: {said}", f"mend it there; {TRACEBACK}=1 shows what led to it"
    return said, f"this is a defect of inferstack: set {TRACEBACK}=1, run it again, and report what it prints"


def _find_place_in_recipe(error: Exception) -> str:
    """Return which line of a recipe's own files an error comes from, like recipes/digits/recipe.py:7; empty if from elsewhere."""
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        places.append((error.filename or "", error.lineno))
    for file, line in reversed(places):
        for folder in map(Path, recipes.__path__):
            if Path(file).is_relative_to(folder) and Path(file).parent != folder:
                return f"{Path(file).relative_to(folder.parent)}:{line}"
    return ""


def _describe(error: OSError) -> str:
    """Return what failed, with the file where the system names one; of a folder's copy, which goes on after a failure, the first."""
    if isinstance(error, shutil.Error) and isinstance(failures := error.args[0], list):
        (_, _, first), *others = failures
        return f"{first}, and {len(others):,} more could not be copied" if others else str(first)
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else reason
