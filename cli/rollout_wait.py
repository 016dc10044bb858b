"""Waiting for the endpoint to serve a model's version."""

from collections.abc import Callable

from cli.aws import AwsFailed
from cli.model_versions import ModelVersion, ModelVersions
from functions.rollout.interface import SETTLED

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
        report(f"{stack.status.lower().replace('_', ' ')}" if stack.is_updating else "waiting for the rollout to begin")
        if version.status != "Approved":
            raise NotServed(
                f"version {number} is {version.status}: {version.why or 'no reason was given'}", advice="approve it again to try again"
            )
        if not stack.is_updating:
            if stack.status not in SETTLED:
                raise NotServed(f"the endpoint's stack is {stack.status}", advice="see docs/operating.md, Rollouts")
            if version.serves:
                return version
        if (newest := max(versions.list_approved(), default=0)) > number:
            raise NotServed(f"version {newest} is approved and newer, so it serves", advice="`inferstack models list` shows the versions")
        if clock() > deadline:
            raise NotServed(
                f"version {number} does not serve after {LONGEST_WAIT_S // 3600} hours", advice="see docs/operating.md, Rollouts"
            )
        sleep(POLL_S)
