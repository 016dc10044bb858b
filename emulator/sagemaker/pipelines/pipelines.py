"""SageMaker Pipelines: their definitions, and executions that run jobs as processes of this machine."""

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any

from emulator.access import Assume
from emulator.sagemaker.errors import SageMakerError, resource_not_found, validation_exception
from emulator.sagemaker.operation import Operation, Request, Response, sagemaker_arn, select_fields
from emulator.sagemaker.permissions.execution_role import assume_execution_role
from emulator.sagemaker.pipelines.roles import PipelineRoles
from pipeline.runner.cache import Cache
from pipeline.runner.execution import EXECUTING, FAILED, Execution, StepRun
from pipeline.runner.job_process import JobContext
from pipeline.runner.parse import UnsupportedDefinitionError, bind_parameters, parse_definition
from pipeline.runner.store import Store

Pipeline = dict[str, Any]
MAX_RESULTS = 100
JOB_RESOURCE = {"Processing": "processing-job", "Training": "training-job"}


class Pipelines:
    """The pipelines and their executions.

    Args:    folder: where jobs' folders, logs and the cache go.
             open_store: opens the store in which the cache looks for what has changed.
             register: CreateModelPackage.
             assume: lets SageMaker act as the roles of a pipeline and of its jobs.
    """

    def __init__(self, folder: Path, open_store: Callable[[], Store], register: Operation, assume: Assume) -> None:
        self._folder, self._open_store, self._register, self._assume = folder, open_store, register, assume
        self._pipelines: dict[str, Pipeline] = {}
        self._roles: dict[str, PipelineRoles] = {}  # by the execution's ARN
        self._executions: dict[str, tuple[Pipeline, Execution]] = {}
        self._lock = threading.Lock()

    @property
    def operations(self) -> dict[str, Operation]:
        """Each operation by its name in the API."""
        return {
            "CreatePipeline": self.create,
            "UpdatePipeline": self.update,
            "DescribePipeline": lambda request: dict(self._pipeline(request["PipelineName"])),
            "DeletePipeline": self.delete,
            "ListPipelines": self.list,
            "StartPipelineExecution": self.start,
            "StopPipelineExecution": self.stop,
            "DescribePipelineExecution": lambda request: self._describe(request["PipelineExecutionArn"]),
            "ListPipelineExecutions": self.list_executions,
            "ListPipelineExecutionSteps": self.list_steps,
            "ListPipelineParametersForExecution": self.list_parameters,
        }

    def create(self, request: Request) -> Response:
        """CreatePipeline; a definition that cannot be executed here is refused."""
        name = request["PipelineName"]
        self._require_supported(request["PipelineDefinition"])
        with self._lock:
            if name in self._pipelines:
                raise validation_exception(
                    f"Pipeline names must be unique within an AWS account and region. Pipeline with name ({name}) already exists."
                )
            now = time.time()
            fields = select_fields(request, "PipelineName", "PipelineDisplayName", "PipelineDefinition", "RoleArn")
            state = {
                "PipelineArn": sagemaker_arn("pipeline", name),
                "PipelineStatus": "Active",
                "CreationTime": now,
                "LastModifiedTime": now,
            }
            self._pipelines[name] = {**fields, **state}
        return {"PipelineArn": self._pipelines[name]["PipelineArn"]}

    def update(self, request: Request) -> Response:
        """UpdatePipeline: running executions keep the definition that they were started with."""
        pipeline = self._pipeline(request["PipelineName"])
        if "PipelineDefinition" in request:
            self._require_supported(request["PipelineDefinition"])
        changed = select_fields(request, "PipelineDisplayName", "PipelineDefinition", "RoleArn")
        pipeline.update(changed, LastModifiedTime=time.time())
        return {"PipelineArn": pipeline["PipelineArn"]}

    def delete(self, request: Request) -> Response:
        """DeletePipeline: refused while an execution runs."""
        pipeline = self._pipeline(request["PipelineName"])
        running = [arn for arn, (other, execution) in list(self._executions.items()) if other is pipeline and execution.status == EXECUTING]
        if running:
            raise SageMakerError(
                400, "ConflictException", f"Pipeline {pipeline['PipelineArn']} has running executions: stop {running[0]} first."
            )
        del self._pipelines[pipeline["PipelineName"]]
        return {"PipelineArn": pipeline["PipelineArn"]}

    def list(self, _: Request) -> Response:
        """ListPipelines."""
        names = ("PipelineName", "PipelineArn", "PipelineDisplayName", "RoleArn", "CreationTime", "LastModifiedTime")
        return {"PipelineSummaries": [select_fields(pipeline, *names) for pipeline in self._pipelines.values()]}

    def start(self, request: Request) -> Response:
        """StartPipelineExecution: returns at once; the execution runs on a thread of its own."""
        name = request["PipelineName"].rpartition("/")[2]
        pipeline = self._pipeline(name)
        definition = parse_definition(pipeline["PipelineDefinition"])
        parameters = {parameter["Name"]: parameter["Value"] for parameter in request.get("PipelineParameters", [])}
        try:
            bind_parameters(definition.parameters, parameters)
        except ValueError as error:
            raise validation_exception(f"{error}.") from error
        id_ = token_hex(6)
        arn = f"{pipeline['PipelineArn']}/execution/{id_}"
        roles = PipelineRoles(assume_execution_role(self._assume, pipeline["RoleArn"]), self._assume, arn)
        execution = Execution(
            id_,
            name,
            definition,
            parameters,
            self._folder / "executions" / id_,
            JobContext(self._open_store(), {}),
            partial(roles.register, self._register),
            open_job=roles.open_job,
            cache=Cache(self._folder / "cache"),
        )
        self._executions[arn], self._roles[arn] = (pipeline, execution), roles
        threading.Thread(target=execution.run, name=f"pipeline-{id_}", daemon=True).start()
        return {"PipelineExecutionArn": arn}

    def stop(self, request: Request) -> Response:
        """StopPipelineExecution."""
        arn = request["PipelineExecutionArn"]
        execution = self._execution(arn)[1]
        for run in list(execution.steps.values()):
            if run.status == EXECUTING and run.type in JOB_RESOURCE:
                self._roles[arn].require_stop(run.type, f"{run.name}-{execution.id}")
        execution.stop()
        return {"PipelineExecutionArn": arn}

    def list_executions(self, request: Request) -> Response:
        """ListPipelineExecutions, newest first."""
        pipeline = self._pipeline(request["PipelineName"].rpartition("/")[2])
        arns = [arn for arn, (other, _) in self._executions.items() if other["PipelineArn"] == pipeline["PipelineArn"]]
        limit = request.get("MaxResults", MAX_RESULTS)
        return {"PipelineExecutionSummaries": [self._summarize(arn) for arn in arns[::-1][:limit]]}

    def list_steps(self, request: Request) -> Response:
        """ListPipelineExecutionSteps, the last one first unless SortOrder says otherwise."""
        _, execution = self._execution(request["PipelineExecutionArn"])
        steps = [self._describe_step(execution, run) for run in list(execution.steps.values())]
        return {"PipelineExecutionSteps": steps if request.get("SortOrder") == "Ascending" else steps[::-1]}

    def list_parameters(self, request: Request) -> Response:
        """ListPipelineParametersForExecution."""
        _, execution = self._execution(request["PipelineExecutionArn"])
        parameters = bind_parameters(execution.definition.parameters, execution.parameters)
        return {"PipelineParameters": [{"Name": name, "Value": str(value)} for name, value in parameters.items()]}

    def close(self) -> None:
        """Stop every execution."""
        for _, execution in list(self._executions.values()):
            execution.stop()

    def _describe_step(self, execution: Execution, run: StepRun) -> dict[str, Any]:
        step: dict[str, Any] = {"StepName": run.name, "StepStatus": run.status, "StartTime": run.started_at}
        if run.ended_at is not None:
            step["EndTime"] = run.ended_at
        if run.reason:
            step["FailureReason"] = run.reason
        if run.from_cache:
            step["CacheHitResult"] = {}
        if run.type in JOB_RESOURCE:
            name = f"{run.name}-{execution.id}"
            step["Metadata"] = {f"{run.type}Job": {"Arn": sagemaker_arn(JOB_RESOURCE[run.type], name)}}
        elif run.type == "Condition":
            step["Metadata"] = {"Condition": {"Outcome": run.outcome}}
        elif run.type == "Fail":
            step["Metadata"] = {"Fail": {"ErrorMessage": run.reason}}
        elif run.outcome:
            step["Metadata"] = {"RegisterModel": {"Arn": run.outcome}}
        return step

    def _summarize(self, arn: str) -> dict[str, Any]:
        execution = self._describe(arn)
        return {
            "PipelineExecutionArn": arn,
            "PipelineExecutionStatus": execution["PipelineExecutionStatus"],
            "StartTime": execution["CreationTime"],
            "PipelineExecutionFailureReason": execution.get("FailureReason", ""),
        }

    def _describe(self, arn: str) -> dict[str, Any]:
        pipeline, execution = self._execution(arn)
        response = {
            "PipelineArn": pipeline["PipelineArn"],
            "PipelineExecutionArn": arn,
            "PipelineExecutionStatus": execution.status if execution.status != EXECUTING or not execution.is_stopping else "Stopping",
            "CreationTime": execution.started_at,
            "LastModifiedTime": execution.ended_at or time.time(),
        }
        if execution.status == FAILED:
            response["FailureReason"] = execution.reason
        return response

    def _require_supported(self, text: str) -> None:
        try:
            parse_definition(text)
        except UnsupportedDefinitionError as error:
            raise validation_exception(f"The pipeline cannot be executed here: {error}.") from error

    def _pipeline(self, name: str) -> Pipeline:
        if name not in self._pipelines:
            raise resource_not_found(f"Pipeline '{sagemaker_arn('pipeline', name)}' does not exist.")
        return self._pipelines[name]

    def _execution(self, arn: str) -> tuple[Pipeline, Execution]:
        if arn not in self._executions:
            raise resource_not_found(f"Pipeline execution '{arn}' does not exist.")
        return self._executions[arn]
