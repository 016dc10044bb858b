"""A job's command as a process of this machine, with a log of its own."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deployment.paths import PYTHON, ROOT
from pipeline.runner.store import Store

OPT_ML = "/opt/ml"
LOG_TAIL_BYTES = 2000


class JobFailedError(RuntimeError):
    """The job ended with an error; the message is the reason that it wrote, or its last log line."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What every job of an execution runs with.

    Args:    store: where its inputs are and its outputs go.
             environment: variables beside those of SageMaker's contract: AWS's addresses and keys.
             on_start: called with each process, so that somebody else can end it.
    """

    store: Store
    environment: Mapping[str, str]
    on_start: Callable[["subprocess.Popen[bytes]"], None] = lambda _: None


def run_process(name: str, command: list[str], folder: Path, context: JobContext, environment: Mapping[str, str]) -> None:
    """Run a container's command in this checkout's environment.

    Args:    name: the job's name.
             folder: the job's; `ml` in it stands for /opt/ml, `log` gets the output.
    Raises:  JobFailedError: the process ended with an error.
    """
    base, scratch = folder / "ml", folder / "tmp"
    scratch.mkdir()
    env = {
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "HOME": os.environ.get("HOME", "/"),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "OMP_WAIT_POLICY": "passive",  # parallel jobs share the cores: a thread that spins while it waits takes one from the others
        **context.environment,
        **{key: _replace_opt_ml(value, base) for key, value in environment.items()},
        "SAGEMAKER_BASE_DIR": str(base),
        "TRAINING_JOB_NAME": name,
        "TMPDIR": str(scratch),
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(PYTHON) if word == "python3" else _replace_opt_ml(str(word), base) for word in command],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        context.on_start(process)
        status = process.wait()
    shutil.rmtree(scratch, ignore_errors=True)
    if status:
        raise JobFailedError(_find_reason(folder, status))


def read_last_log_line(folder: Path) -> str:
    """Return the last line of a job's log, or "" if there is none."""
    try:
        with (folder / "log").open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""


def _find_reason(folder: Path, status: int) -> str:
    failure = folder / "ml/output/failure"
    if failure.is_file():
        return failure.read_text().strip()
    return f"the process ended with status {status}. {read_last_log_line(folder)}".strip()


def _replace_opt_ml(text: str, base: Path) -> str:
    return text.replace(OPT_ML, str(base)) if text == OPT_ML or text.startswith(f"{OPT_ML}/") else text
