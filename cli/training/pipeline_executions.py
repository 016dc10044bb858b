"""Executions of a pipeline as the command sees them: SageMaker's, in an account or on the emulator, or one inside this process."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cli.stage.aws import translate_aws_errors
from deployment.paths import state_dir
from pipeline.runner import execution as runner
from pipeline.runner.job_process import read_last_log_line

ENDED = {"Succeeded", "CompletedWithFailures", "Failed", "Stopped"}


@dataclass(frozen=True, slots=True)
class StepStatus:
    """A step: its status, how long it took or takes, and its last message."""

    name: str
    status: str
    seconds: float
    message: str
    from_cache: bool = False


@dataclass(frozen=True, slots=True)
class ExecutionStatus:
    """An execution at a moment; `package` is the ARN of what it registered."""

    status: str
    reason: str
    steps: list[StepStatus]
    package: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will change."""
        return self.status in ENDED


class Execution(Protocol):
    """An execution that was started.

    keeps_results  whether another one takes up what this one's steps came to: SageMaker's own cache does not look into the data, and is off
    """

    id: str
    keeps_results: bool

    def describe(self) -> ExecutionStatus:
        """Return its status and its steps'."""

    def stop(self) -> None:
        """End it."""


class SageMakerExecution:
    """One of SageMaker's.

    Args:    client: boto3's, for SageMaker.
             arn: the execution's.
             now: seconds since the epoch.
             keeps_results: whether it is the emulator's.
    """

    def __init__(self, client: Any, arn: str, now: Callable[[], float], *, keeps_results: bool) -> None:
        self._client, self._arn, self._now, self.keeps_results = client, arn, now, keeps_results
        self.id = arn.rpartition("/")[2]

    def describe(self) -> ExecutionStatus:
        """Return its status and its steps'."""
        with translate_aws_errors():
            execution = self._client.describe_pipeline_execution(PipelineExecutionArn=self._arn)
            pages = self._client.get_paginator("list_pipeline_execution_steps").paginate(
                PipelineExecutionArn=self._arn, SortOrder="Ascending"
            )
            steps = [step for page in pages for step in page["PipelineExecutionSteps"]]
        # In AWS the execution says no more than that a step failed.
        failures = [f"step {step['StepName']}: {reason}" for step in steps if (reason := _read_failure(step))]
        packages = [step.get("Metadata", {}).get("RegisterModel", {}).get("Arn", "") for step in steps]
        return ExecutionStatus(
            execution["PipelineExecutionStatus"],
            "; ".join(failures) or execution.get("FailureReason", ""),
            [self._describe_step(step) for step in steps],
            "".join(packages),
        )

    def stop(self) -> None:
        """End it."""
        with translate_aws_errors():
            self._client.stop_pipeline_execution(PipelineExecutionArn=self._arn, ClientRequestToken=f"stop-{self.id}".ljust(32, "-"))

    def _describe_step(self, step: dict[str, Any]) -> StepStatus:
        ended_at = step["EndTime"].timestamp() if "EndTime" in step else self._now()
        started_at = step["StartTime"].timestamp() if "StartTime" in step else ended_at  # a step may fail before it begins
        # Only the emulator's jobs leave their logs on this machine; an account's are in CloudWatch.
        log = read_last_log_line(state_dir() / "pipelines/executions" / self.id / step["StepName"])
        outcome = step.get("Metadata", {}).get("Condition", {}).get("Outcome", "")
        message = _read_failure(step) or outcome or log
        return StepStatus(step["StepName"], step["StepStatus"], ended_at - started_at, message, "CacheHitResult" in step)


class LocalExecution:
    """One in a thread of this process, which ends with it."""

    keeps_results = True

    def __init__(self, execution: runner.Execution, now: Callable[[], float]) -> None:
        self._execution, self._now = execution, now
        self.id = execution.id
        self._thread = threading.Thread(target=execution.run, name="pipeline", daemon=True)
        self._thread.start()

    def describe(self) -> ExecutionStatus:
        """Return its status and its steps'."""
        execution = self._execution
        steps = [
            StepStatus(
                run.name,
                run.status,
                (run.ended_at or self._now()) - run.started_at,
                run.reason or run.outcome or read_last_log_line(execution.job_folder(run.name)),
                run.from_cache,
            )
            for run in list(execution.steps.values())
        ]
        package = "".join(run.outcome for run in execution.steps.values() if run.type == "RegisterModel")
        status = runner.EXECUTING if self._thread.is_alive() else execution.status
        return ExecutionStatus(status, execution.reason, steps, package)

    def stop(self) -> None:
        """End it."""
        self._execution.stop()
        self._thread.join()


def _read_failure(step: dict[str, Any]) -> str:
    """Return why a step failed, or nothing."""
    return str(step.get("FailureReason") or step.get("Metadata", {}).get("Fail", {}).get("ErrorMessage", ""))


def build_report_path(folder: Path, recipe: str, execution_id: str, bucket: str) -> Path:
    """Return where an execution's report is in a folder that stands for S3."""
    return folder / bucket / "models" / recipe / execution_id / "evaluation/index.html"
