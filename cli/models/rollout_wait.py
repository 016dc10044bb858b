"""Waiting for the endpoint to serve a model's version, or the deployment's own model."""

from collections.abc import Callable
from typing import TypeVar

from cli.models.versions import ModelVersion, ModelVersions, ServingStack
from cli.stage.aws import AwsFailed
from functions.rollout.interface import SETTLED

ADVICE = "see docs/rollouts.md"
POLL_S = 2.0
LONGEST_WAIT_S = 3 * 3600  # for a rollout that waits for another's end

T = TypeVar("T")


class NotServed(AwsFailed):
    """A version that the endpoint will not serve: it was rolled back, a newer one is approved, or the stack needs a person."""

    code = "not-served"
    title = "Not served"


def wait_until_served(
    versions: ModelVersions,
    number: int,
    *,
    sleep: Callable[[float], object],
    clock: Callable[[], float],
    report: Callable[[str], object] = lambda _: None,
) -> ModelVersion:
    """Wait until the endpoint serves a version, and return it.

    Args:    report: called with the rollout's state at each poll.
    Raises:  NotServed: it was rejected (with the reason), a newer one was approved, the stack needs a person, or it takes too long.
    """

    def look(stack: ServingStack) -> ModelVersion | None:
        version = versions.describe(number, stack)
        if version.status != "Approved":
            raise NotServed(
                f"version {number} is {version.status}: {version.why or 'no reason was given'}", advice="approve it again to try again"
            )
        if _is_settled(stack) and version.serves:
            return version
        if (newest := max(versions.list_approved(), default=0)) > number:
            raise NotServed(f"version {newest} is approved and newer, so it serves", advice=f"{versions.list_command} shows the versions")
        return None

    return _wait(versions, look, f"version {number}", sleep=sleep, clock=clock, report=report)


def wait_until_own_model_serves(
    versions: ModelVersions,
    *,
    sleep: Callable[[float], object],
    clock: Callable[[], float],
    report: Callable[[str], object] = lambda _: None,
) -> None:
    """Wait until the endpoint serves the model that it was deployed with.

    Args:    report: called with the rollout's state at each poll.
    Raises:  NotServed: a version was approved, the stack needs a person, or it takes too long.
    """

    def look(stack: ServingStack) -> ServingStack | None:
        if _is_settled(stack) and stack.serves_own_model:
            return stack
        if newest := max(versions.list_approved(), default=0):
            raise NotServed(f"version {newest} is approved, so it serves", advice=f"{versions.list_command} shows the versions")
        return None

    _wait(versions, look, "the deployment's own model", sleep=sleep, clock=clock, report=report)


def _wait(
    versions: ModelVersions,
    look: Callable[[ServingStack], T | None],
    what: str,
    *,
    sleep: Callable[[float], object],
    clock: Callable[[], float],
    report: Callable[[str], object],
) -> T:
    """Look at the endpoint's stack until it serves what is waited for, and return that."""
    deadline = clock() + LONGEST_WAIT_S
    while True:
        stack = versions.describe_stack()
        report(_describe(stack))
        if served := look(stack):
            return served
        if clock() > deadline:
            raise NotServed(f"{what} does not serve after {LONGEST_WAIT_S // 3600} hours", advice=ADVICE)
        sleep(POLL_S)


def _describe(stack: ServingStack) -> str:
    return stack.status.lower().replace("_", " ") if stack.is_updating else "waiting for the rollout to begin"


def _is_settled(stack: ServingStack) -> bool:
    """Return whether the last update has ended; raise NotServed if it ended badly."""
    if not stack.is_updating and stack.status not in SETTLED:
        raise NotServed(f"the endpoint's stack is {stack.status}", advice=ADVICE)
    return not stack.is_updating
