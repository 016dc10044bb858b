"""One execution of a pipeline: each step runs as soon as the steps that it needs have succeeded, some of them in parallel."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.runner.cache import Cache
from pipeline.runner.conditions import is_met
from pipeline.runner.job_arguments import describe_job, output_urls
from pipeline.runner.job_process import JobContext, JobFailedError
from pipeline.runner.jobs import remove_job_data, run_job
from pipeline.runner.parse import Definition, Step, bind_parameters
from pipeline.runner.resolve import Scope, resolve

EXECUTING, SUCCEEDED, FAILED, STOPPED = "Executing", "Succeeded", "Failed", "Stopped"


@dataclass(slots=True)
class StepRun:
    """A step that was started: its status and its result."""

    name: str
    type: str
    status: str
    started_at: float
    ended_at: float | None = None
    reason: str = ""
    from_cache: bool = False
    outcome: str = ""  # a condition's: True or False; a registration's: the package's ARN


@dataclass(slots=True)
class Execution:
    """A run of a definition.

    Args:    id: part of its artifacts' URLs.
             folder: where its jobs' folders and logs go.
             context: what the execution itself works with, and its jobs unless `open_job` says otherwise.
             register: CreateModelPackage: its arguments → the package's ARN.
             open_job: (a step, its job's name, its arguments) → what the job runs with; raises where the job may not be created.
             cache: without one, every job runs.
             on_change: called whenever a step begins or ends.
             max_parallel: how many steps run at the same time.
             grace_s: the time between SIGTERM and SIGKILL.
    """

    id: str
    pipeline: str
    definition: Definition
    parameters: Mapping[str, Any]
    folder: Path
    context: JobContext
    register: Callable[[dict[str, Any]], str]
    open_job: Callable[[Step, str, dict[str, Any]], JobContext] | None = None
    cache: Cache | None = None
    on_change: Callable[[], None] = lambda: None
    max_parallel: int = 2
    grace_s: float = 10
    status: str = EXECUTING
    reason: str = ""
    started_at: float = field(default_factory=time.time)
    ended_at: float | None = None
    steps: dict[str, StepRun] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _processes: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    _stopping: bool = False

    def run(self) -> str:
        """Run to the end and return the status; if it is not Succeeded, `reason` says why."""
        try:
            scope = Scope(
                bind_parameters(self.definition.parameters, self.parameters),
                {"PipelineExecutionId": self.id, "PipelineName": self.pipeline},
            )
            left = self._run_steps(scope)
            if left and not self._is_over():
                self.reason = f"{', '.join(step.name for step in left)} cannot run: a step that they need did not run"
        except Exception as error:  # noqa: BLE001 - whatever the reason, the execution must end
            self.reason = f"{type(error).__name__}: {error}"
        self.status = STOPPED if self._stopping else FAILED if self.reason else SUCCEEDED
        self.ended_at = time.time()
        self.on_change()
        return self.status

    def _run_steps(self, scope: Scope) -> list[Step]:
        """Run each step once those that it needs have succeeded, and return the steps for which that never was."""
        waiting, running = list(self.definition.steps), set[Future[tuple[Step, ...]]]()
        with ThreadPoolExecutor(self.max_parallel, thread_name_prefix="pipeline") as pool:
            while True:
                succeeded = {name for name, run in self.steps.items() if run.status == SUCCEEDED}
                for step in [step for step in waiting if step.needs <= succeeded and not self._is_over()]:
                    waiting.remove(step)
                    running.add(pool.submit(self._run_step, step, scope))
                if not running:
                    return waiting
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    waiting += future.result()

    def stop(self) -> None:
        """Stop the running jobs and start no more: SIGTERM as SageMaker sends it, and SIGKILL after `grace_s`."""
        self._stopping = True
        self._signal(signal.SIGTERM)
        kill = threading.Timer(self.grace_s, self._signal, [signal.SIGKILL])
        kill.daemon = True
        kill.start()

    @property
    def is_stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._stopping

    def job_folder(self, step: str) -> Path:
        """Return the folder of a step's job, with its log."""
        return self.folder / step

    def _signal(self, signal_: signal.Signals) -> None:
        with self._lock:
            for process in self._processes:
                if process.poll() is None:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal_)

    def _is_over(self) -> bool:
        return self._stopping or bool(self.reason)

    def _run_step(self, step: Step, scope: Scope) -> tuple[Step, ...]:
        """Run one step; return the steps of the branch that it chose, if it is a condition."""
        if self._is_over():
            return ()
        run = self.steps[step.name] = StepRun(step.name, step.type, EXECUTING, time.time())
        self.on_change()
        following: tuple[Step, ...] = ()
        try:
            arguments = resolve(step.arguments, scope)
            if step.type == "Condition":
                holds = is_met(arguments["Conditions"])
                run.outcome, following = str(holds), step.branches[0 if holds else 1]
            elif step.type == "Fail":
                _fail(arguments["ErrorMessage"])
            elif step.type == "RegisterModel":
                run.outcome = self.register(arguments)
                scope.steps[step.name] = {"ModelPackageArn": run.outcome}
            else:
                self._run_job(step, run, arguments, scope)
                remove_job_data(self.job_folder(step.name))
            run.status = SUCCEEDED
        except Exception as error:  # noqa: BLE001 - a step's failure is a result
            run.status, run.reason = STOPPED if self._stopping else FAILED, str(error)
            self.reason = self.reason or f"step {step.name}: {error}"
        run.ended_at = time.time()
        self.on_change()
        return following

    def _run_job(self, step: Step, run: StepRun, arguments: dict[str, Any], scope: Scope) -> None:
        name, context = f"{step.name}-{self.id}", self.context
        key = self.cache.compute_key(step, arguments, self.id, context.store) if self.cache and step.is_cacheable else ""
        outputs = self.cache.find(key) if self.cache and key else None
        run.from_cache = outputs is not None
        if outputs is None:
            context = self.open_job(step, name, arguments) if self.open_job else context
            outputs = run_job(step.type, name, arguments, self.job_folder(step.name), replace(context, on_start=self._track))
            if self.cache and key:
                self.cache.keep(key, outputs)
        for output, url in output_urls(step.type, name, arguments).items():
            context.store.put(outputs[output], url)
        for file_name, file in step.property_files.items():
            scope.files[step.name, file_name] = json.loads((outputs[file["OutputName"]] / file["FilePath"]).read_text())
        scope.steps[step.name] = describe_job(step.type, name, arguments)

    def _track(self, process: "subprocess.Popen[bytes]") -> None:
        with self._lock:
            self._processes.append(process)
        if self._stopping:
            self.stop()


def _fail(message: str) -> None:
    raise JobFailedError(message)
