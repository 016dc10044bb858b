"""A pipeline without a stack: the definition that would be deployed, with a folder instead of its buckets and the registry."""

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any

from deployment import jobs_zip
from deployment.paths import state_dir
from deployment.stages import settings_for
from deployment.this_machine import ACCOUNT, REGION
from pipeline.definition import build_definition
from pipeline.parameters import check_parameters
from pipeline.resources import Resources
from pipeline.runner.cache import Cache
from pipeline.runner.execution import Execution
from pipeline.runner.job_process import JobContext
from pipeline.runner.parse import parse_definition
from pipeline.runner.store import FolderStore
from recipes import recipe as recipes
from recipes.dataset import find_raw_files

BUCKET, ASSETS, ROLE = "dump", "assets", f"arn:aws:iam::{ACCOUNT}:role/local"


def build_execution(name: str, folder: Path, *, data: Path | None = None, parameters: Mapping[str, str], cached: bool = True) -> Execution:
    """Return an execution that is ready to run, its raw data in place.

    Args:    name: the recipe's.
             folder: stands for S3; artifacts are in it by bucket and key. The report shows it as it is given.
             data: the raw data; by default what the recipe has at hand.
             parameters: those of StartPipelineExecution.
             cached: results of earlier executions may be used.
    Raises:  KeyError: there is no such recipe.
             FileNotFoundError: there is no raw data.
             InvalidSettings: there is no such parameter, or none of its values is this one.
    """
    recipe = recipes.load(name)
    settings = settings_for("local", recipe=name)
    options, folder = ("--folder", str(folder), *(("--data", str(data)) if data else ())), folder.resolve()
    store, code = FolderStore(folder), jobs_zip.build()
    resources = Resources(
        region=REGION,
        bucket=BUCKET,
        code_url=f"s3://{ASSETS}/{code.name}",
        code_file=code.name,
        image="pytorch-training",
        gpu_image="pytorch-training",
        prepare_role=ROLE,
        train_role=ROLE,
        evaluate_role=ROLE,
        serving_image=settings.serving_image,
        model_group=settings.model_group,
    )
    definition = parse_definition(json.dumps(build_definition(recipe, settings, resources, options=options)))
    check_parameters(definition.parameters, parameters)
    store.put(code, f"s3://{ASSETS}/{code.name}")
    _bring_raw_data(store, f"s3://{BUCKET}/raw/{name}", find_raw_files(name, data))
    id_ = token_hex(6)
    return Execution(
        id_,
        settings.pipeline_name,
        definition,
        {"ChampionEndpoint": "", **parameters},  # no endpoint: the model that the recipe ships is the champion
        folder / "executions" / id_,
        JobContext(store, {"INFERSTACK_BUCKETS_DIR": str(folder)}),
        lambda arguments: _register_package(folder / "model-packages", arguments),
        cache=Cache(state_dir() / "pipeline-cache") if cached else None,
    )


def _bring_raw_data(store: FolderStore, url: str, files: Mapping[str, Path]) -> None:
    """Put the files below a prefix, and remove what an earlier execution brought under other names: the jobs read all that is there."""
    brought = [store.find_path(f"{url}/{name}") for name in files]
    for stale in store.find_path(url).rglob("*"):
        if stale.is_file() and stale not in brought and stale not in files.values():
            stale.unlink()
    for path, (name, file) in zip(brought, files.items(), strict=True):
        if not (path.exists() and path.samefile(file)):
            store.put(file, f"{url}/{name}")


def _register_package(folder: Path, arguments: dict[str, Any]) -> str:
    """Write the package as the next version of its group, and return an ARN like the registry's."""
    group = arguments["ModelPackageGroupName"]
    (folder / group).mkdir(parents=True, exist_ok=True)
    versions = [int(path.stem) for path in (folder / group).glob("*.json") if re.fullmatch(r"\d+", path.stem)]
    version = max(versions, default=0) + 1
    package = {**arguments, "ModelPackageVersion": version, "CreationTime": time.time()}
    (folder / group / f"{version}.json").write_text(json.dumps(package, indent=2) + "\n")
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/{group}/{version}"
