"""A blue/green deployment: in which steps traffic moves to a new fleet, how long each bakes, and which alarms roll it back."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from emulator.sagemaker.endpoints.alarms import DescribeAlarms, Invocation, evaluate_alarm
from emulator.sagemaker.errors import validation_exception

CHECK_EVERY_S = 0.2
LARGEST_CANARY = 0.5
SMALLEST_STEP, LARGEST_STEP = 0.1, 0.5


class Clock(Protocol):
    """Time, and a way to wait."""

    def __call__(self) -> float:
        """Return seconds since some moment."""

    def sleep(self, seconds: float, /) -> None:
        """Wait."""


class MonotonicClock:
    """The machine's clock."""

    def __call__(self) -> float:
        """Return seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Step:
    """A share of the traffic that the new fleet gets, 0 to 1, and how long it bakes."""

    share: float
    wait_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A deployment's steps, the last of which is the whole traffic, and the alarms that roll it back."""

    steps: tuple[Step, ...]
    alarms: tuple[str, ...]

    @property
    def duration_s(self) -> float:
        """How long it takes if nothing goes wrong, without the start of the servers."""
        return sum(step.wait_s for step in self.steps)


def plan_deployment(config: Mapping[str, Any], variants: Sequence[Mapping[str, Any]]) -> Plan:
    """Return the plan of a DeploymentConfig.

    Args:    variants: the new production variants; the smallest decides what share a number of instances is.
    Raises:  SageMakerError: a rolling update, or a size or a limit of time that SageMaker refuses.
    """
    if "BlueGreenUpdatePolicy" not in config:
        raise validation_exception("DeploymentConfig.BlueGreenUpdatePolicy is required here: the local run does no rolling updates.")
    policy = config["BlueGreenUpdatePolicy"]
    routing = policy["TrafficRoutingConfiguration"]
    wait_s, termination_s = float(routing["WaitIntervalInSeconds"]), float(policy.get("TerminationWaitInSeconds", 0))
    instances = min(int(variant.get("InitialInstanceCount", 1)) for variant in variants)
    match routing["Type"]:
        case "ALL_AT_ONCE":
            steps = [Step(1, wait_s + termination_s)]
        case "CANARY":
            share = _share(routing, "CanarySize", instances)
            if share > LARGEST_CANARY:
                raise validation_exception(f"CanarySize is {share:.0%} of {instances} instance(s); expected at most {LARGEST_CANARY:.0%}.")
            steps = [Step(share, wait_s), Step(1, termination_s)]
        case "LINEAR":
            share = _share(routing, "LinearStepSize", instances)
            if not SMALLEST_STEP <= share <= LARGEST_STEP:
                expected = f"{SMALLEST_STEP:.0%} to {LARGEST_STEP:.0%}"
                raise validation_exception(f"LinearStepSize is {share:.0%} of {instances} instance(s); expected {expected}.")
            shares = [share * count for count in range(1, 11) if share * count < 1]
            steps = [*(Step(each, wait_s) for each in shares), Step(1, wait_s + termination_s)]
        case other:
            raise validation_exception(f"TrafficRoutingConfiguration.Type is {other}; expected ALL_AT_ONCE, CANARY or LINEAR.")
    alarms = config.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    plan = Plan(tuple(steps), tuple(alarm["AlarmName"] for alarm in alarms))
    limit_s = policy.get("MaximumExecutionTimeoutInSeconds")
    if limit_s is not None and int(limit_s) <= plan.duration_s:
        expected = f"more than the {plan.duration_s:g} s that the deployment waits"
        raise validation_exception(f"BlueGreenUpdatePolicy.MaximumExecutionTimeoutInSeconds is {limit_s}; expected {expected}.")
    return plan


def shift_traffic(steps: Sequence[Step], set_share: Callable[[float], None], find_fault: Callable[[], str], clock: Clock) -> str:
    """Move traffic step by step, and return the fault that ends it at once, or "" when the last step is baked.

    Args:    set_share: gives the new fleet a share of the traffic.
             find_fault: returns what is wrong, or ""; called at each step's beginning and end, and every 0.2 s between them.
    """
    for step in steps:
        set_share(step.share)
        until = clock() + step.wait_s
        while not (fault := find_fault()) and (left_s := until - clock()) > 0:
            clock.sleep(min(CHECK_EVERY_S, left_s))
        if fault:
            return fault
    return ""


def find_alarm(names: Sequence[str], describe: DescribeAlarms, endpoint: str, invocations: Sequence[Invocation]) -> str:
    """Return which alarm is in ALARM after a fleet's invocations, and why, or "".

    An alarm that does not exist would guard nothing, so that is a fault too.
    """
    if not names:
        return ""
    alarms = {alarm["AlarmName"]: alarm for alarm in describe(names)}
    if missing := [name for name in names if name not in alarms]:
        return f"alarm {', '.join(missing)} does not exist"
    return next((reason for name in names if (reason := evaluate_alarm(alarms[name], endpoint, invocations))), "")


def _share(routing: Mapping[str, Any], name: str, instances: int) -> float:
    if name not in routing:
        raise validation_exception(f"TrafficRoutingConfiguration.{name} is required for {routing['Type']}.")
    size = routing[name]
    return int(size["Value"]) / (100 if size["Type"] == "CAPACITY_PERCENT" else instances)
