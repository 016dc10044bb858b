"""A pipeline without a stack: the very definition that would be deployed, with a folder for its buckets and for the registry."""

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
from pipeline.definition import Place, definition
from pipeline.runner.cache import Cache
from pipeline.runner.definition import parse
from pipeline.runner.execution import Execution
from pipeline.runner.jobs import Machine
from pipeline.runner.store import Folder
from recipes import recipe as recipes
from recipes.dataset import raw_files

BUCKET, ASSETS, ROLE = "dump", "assets", "arn:aws:iam::000000000000:role/local"


def execution(recipe: str, folder: Path, *, data: Path | None = None, parameters: Mapping[str, Any], cached: bool = True) -> Execution:
    """Return an execution that is ready to run, its raw data in place.

    Args:    folder: what stands for S3; artefacts are in it by bucket and key.
             data: the raw data; what the recipe has at hand when left out.
             parameters: as a start of the pipeline takes them.
    Raises:  FileNotFoundError: there is no raw data.
    """
    settings = settings_for("local", recipe=recipe)
    store, code = Folder(folder), jobs_zip.build()
    store.put(code, f"s3://{ASSETS}/{code.name}")
    for file in raw_files(recipe, data):
        store.put(file, f"s3://{BUCKET}/raw/{recipe}/{file.name}")
    place = Place(
        bucket=BUCKET,
        code_url=f"s3://{ASSETS}/{code.name}",
        code_file=code.name,
        image="pytorch-training",
        gpu_image="pytorch-training",
        prepare_role=ROLE,
        train_role=ROLE,
        evaluate_role=ROLE,
        serving_image=settings.serving_image,
        model_group=settings.endpoint_name,
    )
    made = definition(recipes.load(recipe), settings, place)
    id_ = token_hex(6)
    return Execution(
        id_,
        settings.endpoint_name,
        parse(json.dumps(made)),
        {"ChampionEndpoint": "", **parameters},  # there is none: the model that the recipe ships is the champion
        folder / "executions" / id_,
        Machine(store, {}),
        lambda arguments: _register(folder / "model-packages", arguments),
        cache=Cache(state_dir() / "pipeline-cache") if cached else None,
    )


def _register(folder: Path, arguments: dict[str, Any]) -> str:
    """Write the package as the next version of its group, and return an ARN like the registry's."""
    group = arguments["ModelPackageGroupName"]
    (folder / group).mkdir(parents=True, exist_ok=True)
    versions = [int(path.stem) for path in (folder / group).glob("*.json") if re.fullmatch(r"\d+", path.stem)]
    version = max(versions, default=0) + 1
    package = {**arguments, "ModelPackageVersion": version, "CreationTime": time.time()}
    (folder / group / f"{version}.json").write_text(json.dumps(package, indent=2) + "\n")
    return f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{group}/{version}"
