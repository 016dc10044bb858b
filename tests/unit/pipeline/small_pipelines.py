"""Small pipelines: definitions whose jobs are a few lines of Python in a zip, and an execution of them in a folder."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.runner.cache import Cache
from pipeline.runner.execution import Execution
from pipeline.runner.job_process import JobContext
from pipeline.runner.parse import parse_definition
from pipeline.runner.store import FolderStore

INPUT, OUTPUT = "/opt/ml/processing/input", "/opt/ml/processing/output"
NOTHING = "pass"


def processing(
    name: str, code: str, *, inputs: dict[str, Any] | None = None, outputs: tuple[str, ...] = ("made",), **more: Any
) -> dict[str, Any]:
    """A processing step that runs the code of that name."""
    given = {"code": f"s3://assets/{code}.zip", **(inputs or {})}
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
            "AppSpecification": {"ImageUri": "any", "ContainerEntrypoint": ["python3", f"{INPUT}/code/{code}.zip"]},
            "RoleArn": "any",
            "ProcessingInputs": [
                {"InputName": each, "S3Input": {"S3Uri": url, "LocalPath": f"{INPUT}/{each}"}} for each, url in given.items()
            ],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {"OutputName": each, "S3Output": {"S3Uri": f"s3://dump/{name}/{each}", "LocalPath": f"{OUTPUT}/{each}"}}
                    for each in outputs
                ]
            },
        },
        **more,
    }


def training(
    name: str, code: str, *, channels: dict[str, Any] | None = None, hyperparameters: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A training step that runs the code of that name."""
    given = {"code": f"s3://assets/{code}.zip", **(channels or {})}
    return {
        "Name": name,
        "Type": "Training",
        "Arguments": {
            "AlgorithmSpecification": {
                "TrainingImage": "any",
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["python3", f"/opt/ml/input/data/code/{code}.zip"],
                "ContainerArguments": ["train"],
            },
            "HyperParameters": hyperparameters or {},
            "InputDataConfig": [{"ChannelName": each, "DataSource": {"S3DataSource": {"S3Uri": url}}} for each, url in given.items()],
            "OutputDataConfig": {"S3OutputPath": "s3://dump/models"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "RoleArn": "any",
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        },
    }


def condition(
    name: str, left: Any, right: Any, then: list[Any], otherwise: list[Any], *, comparison: str = "GreaterThanOrEqualTo"
) -> dict[str, Any]:
    compared = {"Type": comparison, "LeftValue": left, "RightValue": right}
    return {"Name": name, "Type": "Condition", "Arguments": {"Conditions": [compared], "IfSteps": then, "ElseSteps": otherwise}}


def fail(name: str, message: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": message}}


def text(*steps: dict[str, Any], parameters: tuple[dict[str, Any], ...] = ()) -> str:
    return json.dumps({"Version": "2020-12-01", "Parameters": parameters, "Steps": steps})


class Sandbox:
    """A folder that stands for S3, and the packages that were registered.

    Args:    codes: by name, what a job's zip does; `base` is /opt/ml in it.
    """

    def __init__(self, folder: Path, codes: dict[str, str]) -> None:
        self.folder, self.store = folder, FolderStore(folder / "s3")
        self.registered: list[dict[str, Any]] = []
        for name, code in codes.items():
            self.write(f"s3://assets/{name}.zip", zip_code(code))

    def write(self, url: str, content: bytes) -> None:
        path = self.store.find_path(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def read(self, url: str) -> bytes:
        return self.store.find_path(url).read_bytes()

    def execution(
        self,
        definition: str,
        id_: str = "abc",
        *,
        given: dict[str, Any] | None = None,
        cached: bool = False,
        on_change: Callable[[], None] = lambda: None,
    ) -> Execution:
        return Execution(
            id_,
            "any-pipeline",
            parse_definition(definition),
            given or {},
            self.folder / "executions" / id_,
            JobContext(self.store, {}),
            self._register,
            cache=Cache(self.folder / "cache") if cached else None,
            on_change=on_change,
        )

    def _register(self, arguments: dict[str, Any]) -> str:
        self.registered.append(arguments)
        return f"arn:any/{len(self.registered)}"


def zip_code(code: str) -> bytes:
    """Return the code as a zip that Python runs; `base` is the folder that stands for /opt/ml."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        head = "import json, os, pathlib, sys, time\nbase = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR'])\n"
        packed.writestr("__main__.py", f"{head}{code}\n")
    return out.getvalue()
