"""A guarded deployment: in which steps traffic moves to a new fleet, how long each bakes, and what sends it all back."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from emulator.sagemaker.alarms import Alarm, Invocation, raised
from emulator.sagemaker.errors import invalid

LOOK_EVERY_S = 0.2
LARGEST_CANARY = 0.5
SMALLEST_STEP, LARGEST_STEP = 0.1, 0.5
DescribeAlarms = Callable[[Sequence[str]], Sequence[Alarm]]  # names → definitions of those that there are


class Clock(Protocol):
    """Time, and a way to let it pass."""

    def __call__(self) -> float:
        """Return seconds since some moment."""

    def sleep(self, seconds: float, /) -> None:
        """Let them pass."""


class MonotonicClock:
    """The machine's."""

    def __call__(self) -> float:
        """Return seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float, /) -> None:
        """Let them pass."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Step:
    """A share of the traffic that the new fleet gets, 0 to 1, and how long that bakes."""

    share: float
    wait_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A deployment's steps, the last of which is the whole traffic, and the alarms that end it."""

    steps: tuple[Step, ...]
    alarms: tuple[str, ...]

    @property
    def lasts_s(self) -> float:
        """How long it takes if nothing goes wrong, without the servers' start."""
        return sum(step.wait_s for step in self.steps)


def plan(config: Mapping[str, Any], variants: Sequence[Mapping[str, Any]]) -> Plan:
    """Return the plan of a DeploymentConfig.

    Args:    variants: the new production variants; the smallest decides what share a number of instances is.
    Raises:  SageMakerError: a rolling update, or a size that SageMaker refuses.
    """
    if "BlueGreenUpdatePolicy" not in config:
        raise invalid("DeploymentConfig.BlueGreenUpdatePolicy is required here: the local run does no rolling updates.")
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
                raise invalid(f"CanarySize is {share:.0%} of {instances} instance(s); expected at most {LARGEST_CANARY:.0%}.")
            steps = [Step(share, wait_s), Step(1, termination_s)]
        case "LINEAR":
            share = _share(routing, "LinearStepSize", instances)
            if not SMALLEST_STEP <= share <= LARGEST_STEP:
                expected = f"{SMALLEST_STEP:.0%} to {LARGEST_STEP:.0%}"
                raise invalid(f"LinearStepSize is {share:.0%} of {instances} instance(s); expected {expected}.")
            shares = [share * count for count in range(1, 11) if share * count < 1]
            steps = [*(Step(each, wait_s) for each in shares), Step(1, wait_s + termination_s)]
        case other:
            raise invalid(f"TrafficRoutingConfiguration.Type is {other}; expected ALL_AT_ONCE, CANARY or LINEAR.")
    alarms = config.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    return Plan(tuple(steps), tuple(alarm["AlarmName"] for alarm in alarms))


def shift(steps: Sequence[Step], send: Callable[[float], None], wrong: Callable[[], str], clock: Clock) -> str:
    """Move traffic step by step, and return what went wrong, which ends it at once, or "" when the last step is baked.

    Args:    send: lets the new fleet have a share of the traffic.
             wrong: looks whether something is; asked at each step's beginning and end, and every 0.2 s between them.
    """
    for step in steps:
        send(step.share)
        until = clock() + step.wait_s
        while not (reason := wrong()) and (left_s := until - clock()) > 0:
            clock.sleep(min(LOOK_EVERY_S, left_s))
        if reason:
            return reason
    return ""


def tripped(names: Sequence[str], describe: DescribeAlarms, endpoint: str, invocations: Sequence[Invocation]) -> str:
    """Return which alarm is raised over a fleet's invocations, and why, or "".

    An alarm that is not there would guard nothing, so that is wrong too.
    """
    if not names:
        return ""
    alarms = {alarm["AlarmName"]: alarm for alarm in describe(names)}
    if missing := [name for name in names if name not in alarms]:
        return f"alarm {', '.join(missing)} does not exist"
    return next((reason for name in names if (reason := raised(alarms[name], endpoint, invocations))), "")


def _share(routing: Mapping[str, Any], name: str, instances: int) -> float:
    if name not in routing:
        raise invalid(f"TrafficRoutingConfiguration.{name} is required for {routing['Type']}.")
    size = routing[name]
    return int(size["Value"]) / (100 if size["Type"] == "CAPACITY_PERCENT" else instances)
