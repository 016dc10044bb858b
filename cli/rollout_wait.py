"""Waiting for the endpoint to serve a model's version, or the deployment's own model."""

from collections.abc import Callable

from cli.aws import AwsFailed
from cli.model_versions import ModelVersion, ModelVersions, ServingStack
from functions.rollout.interface import SETTLED

ADVICE = "see docs/operating.md, Rollouts"
POLL_S = 2.0
LONGEST_WAIT_S = 3 * 3600  # for a rollout that waits for another's end


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
    deadline = clock() + LONGEST_WAIT_S
    while True:
        stack = versions.describe_stack()
        version = versions.describe(number, stack)
        report(_describe(stack))
        if version.status != "Approved":
            raise NotServed(
                f"version {number} is {version.status}: {version.why or 'no reason was given'}", advice="approve it again to try again"
            )
        if not stack.is_updating:
            _require_settled(stack)
            if version.serves:
                return version
        if (newest := max(versions.list_approved(), default=0)) > number:
            raise NotServed(f"version {newest} is approved and newer, so it serves", advice="`inferstack models list` shows the versions")
        _require_time(clock(), deadline, f"version {number}")
        sleep(POLL_S)


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
    deadline = clock() + LONGEST_WAIT_S
    while True:
        stack = versions.describe_stack()
        report(_describe(stack))
        if not stack.is_updating:
            _require_settled(stack)
            if stack.is_served and not stack.package_arn:
                return
        if newest := max(versions.list_approved(), default=0):
            raise NotServed(f"version {newest} is approved, so it serves", advice="`inferstack models list` shows the versions")
        _require_time(clock(), deadline, "the deployment's own model")
        sleep(POLL_S)


def _describe(stack: ServingStack) -> str:
    return stack.status.lower().replace("_", " ") if stack.is_updating else "waiting for the rollout to begin"


def _require_settled(stack: ServingStack) -> None:
    if stack.status not in SETTLED:
        raise NotServed(f"the endpoint's stack is {stack.status}", advice=ADVICE)


def _require_time(now_s: float, deadline_s: float, what: str) -> None:
    if now_s > deadline_s:
        raise NotServed(f"{what} does not serve after {LONGEST_WAIT_S // 3600} hours", advice=ADVICE)
