"""SageMaker Pipelines: definitions that are kept, and executions that run their jobs as processes of this machine."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any

from emulator.sagemaker.errors import SageMakerError, invalid
from pipeline.runner.cache import Cache
from pipeline.runner.definition import UnsupportedDefinitionError, parse, values
from pipeline.runner.execution import EXECUTING, FAILED, Execution, StepRun
from pipeline.runner.jobs import Machine
from pipeline.runner.store import Store

Request = Mapping[str, Any]
Pipeline = dict[str, Any]
MAX_RESULTS = 100
AWS_VARIABLES = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")  # no default region: SageMaker sets none
JOB_RESOURCE = {"Processing": "processing-job", "Training": "training-job"}


class Pipelines:
    """The pipelines and their executions.

    Args:    folder: where jobs' folders, logs and the cache go.
             store: makes what jobs read from and write to.
             register: CreateModelPackage.
             arn_of: (resource type, name) → its ARN.
    """

    def __init__(
        self,
        folder: Path,
        store: Callable[[], Store],
        register: Callable[[Request], dict[str, Any]],
        arn_of: Callable[[str, str], str],
    ) -> None:
        self._folder, self._store, self._register, self._arn_of = folder, store, register, arn_of
        self._pipelines: dict[str, Pipeline] = {}
        self._executions: dict[str, tuple[Pipeline, Execution]] = {}
        self._lock = threading.Lock()

    @property
    def operations(self) -> dict[str, Callable[[Request], dict[str, Any]]]:
        """Each operation by its name in the API."""
        return {
            "CreatePipeline": self.create,
            "UpdatePipeline": self.update,
            "DescribePipeline": lambda request: dict(self._pipeline(request["PipelineName"])),
            "DeletePipeline": self.delete,
            "ListPipelines": self.list,
            "StartPipelineExecution": self.start,
            "StopPipelineExecution": self.stop,
            "DescribePipelineExecution": lambda request: self._described(request["PipelineExecutionArn"]),
            "ListPipelineExecutions": self.list_executions,
            "ListPipelineExecutionSteps": self.list_steps,
            "ListPipelineParametersForExecution": self.list_parameters,
        }

    def create(self, request: Request) -> dict[str, Any]:
        """CreatePipeline; a definition that cannot be executed here is refused."""
        name = request["PipelineName"]
        self._check(request["PipelineDefinition"])
        with self._lock:
            if name in self._pipelines:
                raise invalid(
                    f"Pipeline names must be unique within an AWS account and region. Pipeline with name ({name}) already exists."
                )
            now = time.time()
            kept = {key: request[key] for key in ("PipelineName", "PipelineDisplayName", "PipelineDefinition", "RoleArn") if key in request}
            about = {
                "PipelineArn": self._arn_of("pipeline", name),
                "PipelineStatus": "Active",
                "CreationTime": now,
                "LastModifiedTime": now,
            }
            self._pipelines[name] = {**kept, **about}
        return {"PipelineArn": self._pipelines[name]["PipelineArn"]}

    def update(self, request: Request) -> dict[str, Any]:
        """UpdatePipeline: executions that run keep the definition they were started with."""
        pipeline = self._pipeline(request["PipelineName"])
        if "PipelineDefinition" in request:
            self._check(request["PipelineDefinition"])
        changed = {key: request[key] for key in ("PipelineDisplayName", "PipelineDefinition", "RoleArn") if key in request}
        pipeline.update(changed, LastModifiedTime=time.time())
        return {"PipelineArn": pipeline["PipelineArn"]}

    def delete(self, request: Request) -> dict[str, Any]:
        """DeletePipeline, and the end of what runs of it."""
        pipeline = self._pipeline(request["PipelineName"])
        for other, execution in list(self._executions.values()):
            if other is pipeline:
                execution.stop()
        del self._pipelines[pipeline["PipelineName"]]
        return {"PipelineArn": pipeline["PipelineArn"]}

    def list(self, _: Request) -> dict[str, Any]:
        """ListPipelines."""
        shown = ("PipelineName", "PipelineArn", "PipelineDisplayName", "RoleArn", "CreationTime", "LastModifiedTime")
        return {"PipelineSummaries": [{key: kept[key] for key in shown if key in kept} for kept in self._pipelines.values()]}

    def start(self, request: Request) -> dict[str, Any]:
        """StartPipelineExecution: returns at once; the execution runs on a thread of its own."""
        name = request["PipelineName"].rpartition("/")[2]
        pipeline = self._pipeline(name)
        definition = parse(pipeline["PipelineDefinition"])
        given = {parameter["Name"]: parameter["Value"] for parameter in request.get("PipelineParameters", [])}
        try:
            values(definition, given)
        except ValueError as error:
            raise invalid(f"{error}.") from error
        id_ = token_hex(6)
        arn = f"{pipeline['PipelineArn']}/execution/{id_}"
        execution = Execution(
            id_,
            name,
            definition,
            given,
            self._folder / "executions" / id_,
            Machine(self._store(), {key: os.environ[key] for key in AWS_VARIABLES if key in os.environ}),
            lambda arguments: str(self._register(arguments)["ModelPackageArn"]),
            cache=Cache(self._folder / "cache"),
        )
        self._executions[arn] = pipeline, execution
        threading.Thread(target=execution.run, name=f"pipeline-{id_}", daemon=True).start()
        return {"PipelineExecutionArn": arn}

    def stop(self, request: Request) -> dict[str, Any]:
        """StopPipelineExecution."""
        arn = request["PipelineExecutionArn"]
        self._execution(arn)[1].stop()
        return {"PipelineExecutionArn": arn}

    def list_executions(self, request: Request) -> dict[str, Any]:
        """ListPipelineExecutions, newest first."""
        pipeline = self._pipeline(request["PipelineName"].rpartition("/")[2])
        arns = [arn for arn, (other, _) in self._executions.items() if other["PipelineArn"] == pipeline["PipelineArn"]]
        shown = ("PipelineExecutionArn", "PipelineExecutionStatus", "StartTime", "PipelineExecutionFailureReason")
        described = [self._described(arn) for arn in reversed(arns)]
        summaries = [
            {"StartTime": each["CreationTime"], "PipelineExecutionFailureReason": each.get("FailureReason", ""), **each}
            for each in described
        ]
        return {
            "PipelineExecutionSummaries": [
                {key: each[key] for key in shown} for each in summaries[: request.get("MaxResults", MAX_RESULTS)]
            ]
        }

    def list_steps(self, request: Request) -> dict[str, Any]:
        """ListPipelineExecutionSteps, the last one first unless SortOrder says otherwise."""
        _, execution = self._execution(request["PipelineExecutionArn"])
        steps = [self._step(execution, run) for run in list(execution.steps.values())]
        return {"PipelineExecutionSteps": steps if request.get("SortOrder") == "Ascending" else steps[::-1]}

    def list_parameters(self, request: Request) -> dict[str, Any]:
        """ListPipelineParametersForExecution."""
        _, execution = self._execution(request["PipelineExecutionArn"])
        found = values(execution.definition, dict(execution.parameters))
        return {"PipelineParameters": [{"Name": name, "Value": str(value)} for name, value in found.items()]}

    def close(self) -> None:
        """End everything that runs."""
        for _, execution in list(self._executions.values()):
            execution.stop()

    def _step(self, execution: Execution, run: StepRun) -> dict[str, Any]:
        described: dict[str, Any] = {"StepName": run.name, "StepStatus": run.status, "StartTime": run.started_at}
        if run.ended_at is not None:
            described["EndTime"] = run.ended_at
        if run.reason:
            described["FailureReason"] = run.reason
        if run.from_cache:
            described["CacheHitResult"] = {}
        if run.type in JOB_RESOURCE:
            name = f"{run.name}-{execution.id}"
            described["Metadata"] = {f"{run.type}Job": {"Arn": self._arn_of(JOB_RESOURCE[run.type], name)}}
        elif run.type == "Condition":
            described["Metadata"] = {"Condition": {"Outcome": run.outcome}}
        elif run.type == "Fail":
            described["Metadata"] = {"Fail": {"ErrorMessage": run.reason}}
        elif run.outcome:
            described["Metadata"] = {"RegisterModel": {"Arn": run.outcome}}
        return described

    def _described(self, arn: str) -> dict[str, Any]:
        pipeline, execution = self._execution(arn)
        described = {
            "PipelineArn": pipeline["PipelineArn"],
            "PipelineExecutionArn": arn,
            "PipelineExecutionStatus": execution.status if execution.status != EXECUTING or not execution.stopping else "Stopping",
            "CreationTime": execution.started_at,
            "LastModifiedTime": execution.ended_at or time.time(),
        }
        if execution.status == FAILED:
            described["FailureReason"] = execution.reason
        return described

    def _check(self, text: str) -> None:
        try:
            parse(text)
        except UnsupportedDefinitionError as error:
            raise invalid(f"The pipeline cannot be executed here: {error}.") from error

    def _pipeline(self, name: str) -> Pipeline:
        if name not in self._pipelines:
            raise SageMakerError(400, "ResourceNotFound", f"Pipeline '{self._arn_of('pipeline', name)}' does not exist.")
        return self._pipelines[name]

    def _execution(self, arn: str) -> tuple[Pipeline, Execution]:
        if arn not in self._executions:
            raise SageMakerError(400, "ResourceNotFound", f"Pipeline execution '{arn}' does not exist.")
        return self._executions[arn]
