"""One execution of a pipeline: every step as soon as what it needs has succeeded, branches side by side."""

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

from pipeline.runner import jobs
from pipeline.runner.cache import Cache
from pipeline.runner.definition import Definition, Step, values
from pipeline.runner.jobs import JobFailedError, Machine
from pipeline.runner.resolve import Scope, resolve

EXECUTING, SUCCEEDED, FAILED, STOPPED = "Executing", "Succeeded", "Failed", "Stopped"
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "GreaterThanOrEqualTo": lambda left, right: left >= right,
    "GreaterThan": lambda left, right: left > right,
    "LessThanOrEqualTo": lambda left, right: left <= right,
    "LessThan": lambda left, right: left < right,
    "Equals": lambda left, right: left == right,
}


@dataclass(slots=True)
class StepRun:
    """What became of a step."""

    name: str
    type: str
    status: str
    started_at: float
    ended_at: float | None = None
    reason: str = ""
    from_cache: bool = False
    outcome: str = ""  # of a condition: True or False; of a registration: the package's ARN


@dataclass(slots=True)
class Execution:
    """A run of a definition.

    Args:    id: the execution's, which is part of its artefacts' addresses.
             folder: where its jobs' folders and logs go.
             machine: what jobs run with.
             register: CreateModelPackage: its arguments → the package's ARN.
             cache: None: every job runs.
             changed: called whenever a step begins or ends.
             at_once: jobs side by side.
             grace_s: what a process has to end by itself once it is told to.
    """

    id: str
    pipeline: str
    definition: Definition
    parameters: Mapping[str, Any]
    folder: Path
    machine: Machine
    register: Callable[[dict[str, Any]], str]
    cache: Cache | None = None
    changed: Callable[[], None] = lambda: None
    at_once: int = 2
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
        """Run to the end and return the status; `reason` says why it is not Succeeded."""
        started: dict[Future[tuple[Step, ...]], Step] = {}
        try:
            scope = Scope(values(self.definition, dict(self.parameters)), {"PipelineExecutionId": self.id, "PipelineName": self.pipeline})
            waiting = list(self.definition.steps)
            with ThreadPoolExecutor(self.at_once, thread_name_prefix="pipeline") as pool:
                while True:
                    done = {name for name, run in self.steps.items() if run.status == SUCCEEDED}
                    for step in [step for step in waiting if step.needs <= done and not self._over()]:
                        waiting.remove(step)
                        started[pool.submit(self._step, step, scope)] = step
                    if not started:
                        break
                    for future in wait(started, return_when=FIRST_COMPLETED).done:
                        started.pop(future)
                        waiting += future.result()
            if not self._over() and waiting:
                self.reason = f"{', '.join(step.name for step in waiting)} can never run: what they need did not"
        except Exception as error:  # noqa: BLE001 - whatever it is, the execution must come to an end
            self.reason = f"{type(error).__name__}: {error}"
        self.status = STOPPED if self._stopping else FAILED if self.reason else SUCCEEDED
        self.ended_at = time.time()
        self.changed()
        return self.status

    def stop(self) -> None:
        """End what runs, and start nothing more: SIGTERM as SageMaker sends it, and SIGKILL for what is left after a while."""
        self._stopping = True
        self._signal(signal.SIGTERM)
        harder = threading.Timer(self.grace_s, self._signal, [signal.SIGKILL])
        harder.daemon = True
        harder.start()

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._stopping

    def log_folder(self, step: str) -> Path:
        """Return the folder that holds the step's log."""
        return self.folder / step

    def _signal(self, what: signal.Signals) -> None:
        with self._lock:
            for process in self._processes:
                if process.poll() is None:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, what)

    def _over(self) -> bool:
        return self._stopping or bool(self.reason)

    def _step(self, step: Step, scope: Scope) -> tuple[Step, ...]:
        """Run one step and return those that follow from it: the branch that a condition chose."""
        if self._over():
            return ()
        run = self.steps[step.name] = StepRun(step.name, step.type, EXECUTING, time.time())
        self.changed()
        following: tuple[Step, ...] = ()
        try:
            arguments = resolve(step.arguments, scope)
            if step.type == "Condition":
                holds = all(COMPARE[each["Type"]](each["LeftValue"], each["RightValue"]) for each in arguments["Conditions"])
                run.outcome, following = str(holds), step.branches[0 if holds else 1]
            elif step.type == "Fail":
                _fail(arguments["ErrorMessage"])
            elif step.type == "RegisterModel":
                run.outcome = self.register(arguments)
                scope.steps[step.name] = {"ModelPackageArn": run.outcome}
            else:
                self._job(step, run, arguments, scope)
                jobs.tidy(self.log_folder(step.name))
            run.status = SUCCEEDED
        except Exception as error:  # noqa: BLE001 - a step's failure is a result
            run.status, run.reason = STOPPED if self._stopping else FAILED, str(error)
            self.reason = self.reason or f"step {step.name}: {error}"
        run.ended_at = time.time()
        self.changed()
        return following

    def _job(self, step: Step, run: StepRun, arguments: dict[str, Any], scope: Scope) -> None:
        name, store = f"{step.name}-{self.id}", self.machine.store
        key = self.cache.key(step, arguments, self.id, store) if self.cache and step.cached else ""
        outputs = self.cache.find(key) if self.cache and key else None
        run.from_cache = outputs is not None
        if outputs is None:
            outputs = jobs.run(step.type, name, arguments, self.log_folder(step.name), replace(self.machine, started=self._see))
            if self.cache and key:
                self.cache.keep(key, outputs)
        for output, url in jobs.targets(step.type, name, arguments).items():
            store.put(outputs[output], url)
        for file, about in step.property_files.items():
            scope.files[step.name, file] = json.loads((outputs[about["OutputName"]] / about["FilePath"]).read_text())
        scope.steps[step.name] = jobs.describe(step.type, name, arguments)

    def _see(self, process: "subprocess.Popen[bytes]") -> None:
        with self._lock:
            self._processes.append(process)
        if self._stopping:
            self.stop()


def _fail(message: str) -> None:
    raise JobFailedError(message)
