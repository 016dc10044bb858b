"""The training pipeline on the running stack: from raw data in the dump bucket to a version that can be approved."""

import io
import json
import tarfile
import time
from typing import Any
from urllib.parse import urlparse

import pytest

from local.run_state import RunState
from recipes.digits.dataset import find_raw_files

TRY = {"Limit": "300", "Candidates": "xgboost", "Threshold": "0.2", "MinimumImprovement": "-1", "MinimumRowImprovement": "-1"}


@pytest.fixture(scope="module")
def raw(stack: RunState, client: Any) -> None:
    for name, file in find_raw_files().items():
        client("s3").upload_file(str(file), stack.dump_bucket, f"raw/digits/{name}")


class Run:
    """An execution, followed to its end."""

    def __init__(self, sagemaker: Any, name: str, limit_s: float = 140, **parameters: str) -> None:
        given = [{"Name": key, "Value": value} for key, value in (TRY | parameters).items()]
        self._sagemaker = sagemaker
        self.arn = sagemaker.start_pipeline_execution(PipelineName=name, PipelineParameters=given)["PipelineExecutionArn"]
        self._deadline = time.monotonic() + limit_s

    @property
    def about(self) -> dict[str, Any]:
        found: dict[str, Any] = self._sagemaker.describe_pipeline_execution(PipelineExecutionArn=self.arn)
        return found

    @property
    def steps(self) -> dict[str, dict[str, Any]]:
        found = self._sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=self.arn)["PipelineExecutionSteps"]
        return {step["StepName"]: step for step in found}

    def ended(self) -> str:
        while (status := self.about["PipelineExecutionStatus"]) in {"Executing", "Stopping"}:
            assert time.monotonic() < self._deadline, self.steps
            time.sleep(0.3)
        return str(status)


def test_registers_a_version_takes_up_what_is_known_and_refuses_with_the_reason(stack: RunState, client: Any, raw: None) -> None:
    sagemaker, s3 = client("sagemaker"), client("s3")
    first = Run(sagemaker, stack.endpoint)
    assert first.ended() == "Succeeded", first.about
    assert not any("CacheHitResult" in step for step in first.steps.values())
    arn = first.steps["Register"]["Metadata"]["RegisterModel"]["Arn"]
    package = sagemaker.describe_model_package(ModelPackageName=arn)
    assert package["ModelApprovalStatus"] == "PendingManualApproval"

    def stored(url: str) -> bytes:
        place = urlparse(url)
        content: bytes = s3.get_object(Bucket=place.netloc, Key=place.path[1:])["Body"].read()
        return content

    with tarfile.open(fileobj=io.BytesIO(stored(package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]))) as packed:
        manifest = json.load(packed.extractfile("manifest.json") or io.BytesIO())
    quality = json.loads(stored(package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]))
    assert quality["multiclass_classification_metrics"]["accuracy"]["value"] == manifest["metrics"]["accuracy"] > 0.2

    second = Run(sagemaker, stack.endpoint, Threshold="0.999")
    assert second.ended() == "Failed"
    assert "accuracy on the validation split is below the threshold 0.999" in second.about["FailureReason"]
    known = {name for name, step in second.steps.items() if "CacheHitResult" in step}
    assert known == {name for name in second.steps if name == "Prepare" or name.startswith("Train-")}
    assert "Register" not in second.steps


@pytest.mark.parametrize(("step", "limit"), [("Prepare", "2001"), ("Train-xgboost", "2000")])  # not the same: what is known takes no job
def test_stops_when_it_is_told(stack: RunState, client: Any, raw: None, step: str, limit: str) -> None:
    sagemaker = client("sagemaker")
    run = Run(sagemaker, stack.endpoint, Limit=limit, Seed="7")
    while step not in run.steps:
        time.sleep(0.1)
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=run.arn, ClientRequestToken="t" * 32)
    assert run.ended() == "Stopped"
    assert "Evaluate" not in run.steps


def test_refuses_a_parameter_it_does_not_have(stack: RunState, client: Any) -> None:
    sagemaker = client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError, match="no parameter Treshold; the pipeline has DataPrefix"):
        Run(sagemaker, stack.endpoint, Treshold="1")
