"""A job as a process instead of a container, with SageMaker's layout of /opt/ml in a folder of its own."""

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployment.paths import PYTHON, ROOT
from pipeline.runner.store import Store, files

OPT_ML = "/opt/ml"
ARCHIVE = "model.tar.gz"
Json = dict[str, Any]


class JobFailedError(RuntimeError):
    """The job ended with an error; the message is the reason it left, or its last words."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What every job of an execution runs with.

    Args:    store: where its inputs are and its outputs go.
             environment: variables beside those of the contract: AWS's addresses and keys.
             started: told each process, so that somebody else can end it.
    """

    store: Store
    environment: Mapping[str, str]
    started: Callable[["subprocess.Popen[bytes]"], None] = lambda _: None


def targets(kind: str, name: str, arguments: Json) -> dict[str, str]:
    """Return where each output of a job goes."""
    if kind == "Training":
        return {"model": f"{arguments['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{name}/output"}
    return {made["OutputName"]: made["S3Output"]["S3Uri"] for made in arguments.get("ProcessingOutputConfig", {}).get("Outputs", [])}


def describe(kind: str, name: str, arguments: Json) -> Json:
    """Return what later steps may refer to, in the shape of DescribeTrainingJob and DescribeProcessingJob, outputs by name."""
    if kind == "Training":
        url = f"{targets(kind, name, arguments)['model']}/{ARCHIVE}"
        return {"TrainingJobName": name, "TrainingJobStatus": "Completed", "ModelArtifacts": {"S3ModelArtifacts": url}}
    outputs = {made["OutputName"]: made for made in arguments.get("ProcessingOutputConfig", {}).get("Outputs", [])}
    return {"ProcessingJobName": name, "ProcessingJobStatus": "Completed", "ProcessingOutputConfig": {"Outputs": outputs}}


def run(kind: str, name: str, arguments: Json, folder: Path, machine: Machine) -> dict[str, Path]:
    """Run a job and return the folder of each of its outputs.

    Args:    folder: its own; it is made anew.
    Raises:  JobFailedError: it failed, or an input is not there.
    """
    return (_train if kind == "Training" else _process)(name, arguments, folder, machine)


def _process(name: str, arguments: Json, folder: Path, machine: Machine) -> dict[str, Path]:
    base = _fresh(folder)
    for given in arguments.get("ProcessingInputs", []):
        source = given["S3Input"]
        _fetch(machine.store, source["S3Uri"], _inside(source["LocalPath"], base), given["InputName"])
    outputs = arguments.get("ProcessingOutputConfig", {}).get("Outputs", [])
    folders = {made["OutputName"]: _inside(made["S3Output"]["LocalPath"], base) for made in outputs}
    for made in folders.values():
        made.mkdir(parents=True, exist_ok=True)
    app = arguments["AppSpecification"]
    _run(name, [*app["ContainerEntrypoint"], *app.get("ContainerArguments", [])], folder, machine, arguments.get("Environment", {}))
    return folders


def _train(name: str, arguments: Json, folder: Path, machine: Machine) -> dict[str, Path]:
    base = _fresh(folder)
    config = base / "input/config"
    config.mkdir(parents=True)
    channels = arguments.get("InputDataConfig", [])
    for channel in channels:
        _fetch(
            machine.store,
            channel["DataSource"]["S3DataSource"]["S3Uri"],
            base / "input/data" / channel["ChannelName"],
            channel["ChannelName"],
        )
    hyperparameters = {key: str(value) for key, value in arguments.get("HyperParameters", {}).items()}
    _write(config / "hyperparameters.json", hyperparameters)
    _write(
        config / "inputdataconfig.json",
        {c["ChannelName"]: {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated"} for c in channels},
    )
    _write(config / "resourceconfig.json", {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "lo"})
    for made in ("model", "output/data", "checkpoints"):
        (base / made).mkdir(parents=True)
    algorithm = arguments["AlgorithmSpecification"]
    environment = {**arguments.get("Environment", {}), **_sm_variables(base, hyperparameters, channels)}
    _run(name, [*algorithm["ContainerEntrypoint"], *algorithm.get("ContainerArguments", [])], folder, machine, environment)
    artifacts = folder / "artifacts"
    artifacts.mkdir()
    with tarfile.open(artifacts / ARCHIVE, "w:gz") as packed:
        for path, inside in files(base / "model"):
            packed.add(path, inside)
    return {"model": artifacts}


def _sm_variables(base: Path, hyperparameters: Mapping[str, str], channels: list[Json]) -> dict[str, str]:
    """Return the variables that SageMaker's training toolkit sets; code written for it reads them."""
    names = [channel["ChannelName"] for channel in channels]
    return {
        "SM_MODEL_DIR": str(base / "model"),
        "SM_OUTPUT_DIR": str(base / "output"),
        "SM_OUTPUT_DATA_DIR": str(base / "output/data"),
        "SM_INPUT_DIR": str(base / "input"),
        "SM_INPUT_CONFIG_DIR": str(base / "input/config"),
        "SM_CHANNELS": json.dumps(names),
        **{f"SM_CHANNEL_{name.upper()}": str(base / "input/data" / name) for name in names},
        "SM_HPS": json.dumps(hyperparameters),
        **{f"SM_HP_{name.upper()}": value for name, value in hyperparameters.items()},
        "SM_NUM_CPUS": str(os.cpu_count() or 1),
        "SM_NUM_GPUS": "0",
        "SM_HOSTS": '["algo-1"]',
        "SM_CURRENT_HOST": "algo-1",
    }


def _run(name: str, command: list[str], folder: Path, machine: Machine, environment: Mapping[str, str]) -> None:
    """Run the container's command in this checkout's environment, /opt/ml meaning the job's folder."""
    base, scratch = folder / "ml", folder / "tmp"
    scratch.mkdir()
    env = {
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "HOME": os.environ.get("HOME", "/"),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "OMP_WAIT_POLICY": "passive",  # branches share the cores: a thread that spins while it waits takes one from the others
        **machine.environment,
        **{key: _moved(value, base) for key, value in environment.items()},
        "SAGEMAKER_BASE_DIR": str(base),
        "TRAINING_JOB_NAME": name,
        "TMPDIR": str(scratch),
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(PYTHON) if word == "python3" else _moved(str(word), base) for word in command],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        machine.started(process)
        status = process.wait()
    shutil.rmtree(scratch, ignore_errors=True)
    if status:
        raise JobFailedError(_reason(folder, status))


def _reason(folder: Path, status: int) -> str:
    failure = folder / "ml/output/failure"
    if failure.is_file():
        return failure.read_text().strip()
    lines = (folder / "log").read_text(errors="replace").strip().splitlines()
    return f"the process ended with status {status}. {lines[-1] if lines else ''}".strip()


def tidy(folder: Path) -> None:
    """Remove what a job that succeeded was given and made, which are in the store; its log stays."""
    for name in ("ml", "artifacts"):
        shutil.rmtree(folder / name, ignore_errors=True)


def last_line(folder: Path) -> str:
    """Return the last line that a job's log holds, or nothing."""
    try:
        with (folder / "log").open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""


def _fetch(store: Store, url: str, target: Path, name: str) -> None:
    target.mkdir(parents=True, exist_ok=True)
    if not store.fetch(url, target):
        raise JobFailedError(f"the input {name} is empty: nothing is at {url}")


def _inside(path: str, base: Path) -> Path:
    """Return where a path below /opt/ml is on this machine."""
    inside = (base / path.removeprefix(OPT_ML).lstrip("/")).resolve()
    if not path.startswith(f"{OPT_ML}/") or not inside.is_relative_to(base.resolve()):
        raise JobFailedError(f"{path} is not below {OPT_ML}")
    return inside


def _moved(text: str, base: Path) -> str:
    return text.replace(OPT_ML, str(base)) if text == OPT_ML or text.startswith(f"{OPT_ML}/") else text


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    base = folder / "ml"
    base.mkdir(parents=True)
    return base


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value))
