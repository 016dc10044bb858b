"""A job as a process instead of a container, with SageMaker's layout of /opt/ml in a folder of its own."""

import json
import os
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path

from pipeline.runner.job_arguments import ARCHIVE, Json, list_outputs
from pipeline.runner.job_process import OPT_ML, JobContext, JobFailedError, run_process
from pipeline.runner.store import Store, list_files


def run_job(kind: str, name: str, arguments: Json, folder: Path, context: JobContext) -> dict[str, Path]:
    """Run a Processing or Training job and return the folder of each of its outputs.

    Args:    folder: the job's own; it is emptied first.
    Raises:  JobFailedError: it failed, or an input is missing.
    """
    return (_run_training if kind == "Training" else _run_processing)(name, arguments, folder, context)


def remove_job_data(folder: Path) -> None:
    """Remove the inputs and outputs of a job that succeeded, which are in the store; its log stays."""
    for name in ("ml", "artifacts"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _run_processing(name: str, arguments: Json, folder: Path, context: JobContext) -> dict[str, Path]:
    base = _create_base(folder)
    for input_ in arguments.get("ProcessingInputs", []):
        source = input_["S3Input"]
        _fetch(context.store, source["S3Uri"], _path_below(source["LocalPath"], base), input_["InputName"])
    outputs = {output["OutputName"]: _path_below(output["S3Output"]["LocalPath"], base) for output in list_outputs(arguments)}
    for output in outputs.values():
        output.mkdir(parents=True, exist_ok=True)
    app = arguments["AppSpecification"]
    command = [*app["ContainerEntrypoint"], *app.get("ContainerArguments", [])]
    run_process(name, command, folder, context, arguments.get("Environment", {}))
    return outputs


def _run_training(name: str, arguments: Json, folder: Path, context: JobContext) -> dict[str, Path]:
    base = _create_base(folder)
    channels = {channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in arguments.get("InputDataConfig", [])}
    for channel, url in channels.items():
        _fetch(context.store, url, base / "input/data" / channel, channel)
    hyperparameters = {key: str(value) for key, value in arguments.get("HyperParameters", {}).items()}
    _write_config(base / "input/config", hyperparameters, list(channels))
    for name_below in ("model", "output/data", "checkpoints"):
        (base / name_below).mkdir(parents=True)
    algorithm = arguments["AlgorithmSpecification"]
    command = [*algorithm["ContainerEntrypoint"], *algorithm.get("ContainerArguments", [])]
    environment = {**arguments.get("Environment", {}), **_sm_variables(base, hyperparameters, list(channels))}
    run_process(name, command, folder, context, environment)
    artifacts = folder / "artifacts"
    artifacts.mkdir()
    with tarfile.open(artifacts / ARCHIVE, "w:gz") as archive:
        for path, name_in_archive in list_files(base / "model"):
            archive.add(path, name_in_archive)
    return {"model": artifacts}


def _write_config(folder: Path, hyperparameters: Mapping[str, str], channels: list[str]) -> None:
    """Write the files that a training container finds in /opt/ml/input/config."""
    folder.mkdir(parents=True)
    contents = {
        "hyperparameters.json": hyperparameters,
        "inputdataconfig.json": {name: {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated"} for name in channels},
        "resourceconfig.json": {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "lo"},
    }
    for name, content in contents.items():
        (folder / name).write_text(json.dumps(content))


def _sm_variables(base: Path, hyperparameters: Mapping[str, str], channels: list[str]) -> dict[str, str]:
    """Return the variables that SageMaker's training toolkit sets; code written for it reads them."""
    return {
        "SM_MODEL_DIR": str(base / "model"),
        "SM_OUTPUT_DIR": str(base / "output"),
        "SM_OUTPUT_DATA_DIR": str(base / "output/data"),
        "SM_INPUT_DIR": str(base / "input"),
        "SM_INPUT_CONFIG_DIR": str(base / "input/config"),
        "SM_CHANNELS": json.dumps(channels),
        **{f"SM_CHANNEL_{name.upper()}": str(base / "input/data" / name) for name in channels},
        "SM_HPS": json.dumps(hyperparameters),
        **{f"SM_HP_{name.upper()}": value for name, value in hyperparameters.items()},
        "SM_NUM_CPUS": str(os.cpu_count() or 1),
        "SM_NUM_GPUS": "0",
        "SM_HOSTS": '["algo-1"]',
        "SM_CURRENT_HOST": "algo-1",
    }


def _fetch(store: Store, url: str, target: Path, name: str) -> None:
    target.mkdir(parents=True, exist_ok=True)
    if not store.fetch(url, target):
        raise JobFailedError(f"the input {name} is empty: there is nothing at {url}")


def _path_below(path: str, base: Path) -> Path:
    """Return where a path below /opt/ml is on this machine."""
    moved = (base / path.removeprefix(OPT_ML).lstrip("/")).resolve()
    if not path.startswith(f"{OPT_ML}/") or not moved.is_relative_to(base.resolve()):
        raise JobFailedError(f"{path} is not below {OPT_ML}")
    return moved


def _create_base(folder: Path) -> Path:
    """Empty the job's folder and return the one in it that stands for /opt/ml."""
    shutil.rmtree(folder, ignore_errors=True)
    base = folder / "ml"
    base.mkdir(parents=True)
    return base
