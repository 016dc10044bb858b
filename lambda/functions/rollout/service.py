"""One rule: the endpoint serves the newest approved package of the group. Each step brings the stack nearer to that.

none approved      ▸ nothing to do: what serves stays
the stack changes  ▸ step again later
it was rolled back ▸ reject the package with the reason; the event of that makes the next newest approved one the target
it is the target   ▸ finished
else               ▸ update the stack, and step again later
"""

import hashlib
from dataclasses import dataclass

from functions.rollout.interface import (
    IN_PROGRESS,
    LONGEST_DESCRIPTION,
    SETTLED,
    DeployedStack,
    NeedsPerson,
    NotYet,
    Package,
    PackageGroup,
    StackState,
)

ROLLED_BACK = "UPDATE_ROLLBACK_COMPLETE"


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one step, as the log shows it.

    Args:    finished: whether no other step is needed.
             action: what was done, or why nothing was.
             version: the target's; None when there is none.
             reason: why a package was rejected, or what the rollout waits for.
    """

    finished: bool
    action: str
    version: int | None = None
    reason: str = ""


class Service:
    """The use case. It remembers nothing between steps: the group and the stack hold all it needs."""

    def __init__(self, packages: PackageGroup, stack: DeployedStack) -> None:
        self._packages, self._stack = packages, stack

    def advance(self) -> Step:
        """Do the next step, if there is one.

        Raises:  NeedsPerson: the stack is in a state that no update can leave.
        """
        version = None
        try:
            target = self._packages.find_newest_approved()
            if target is None:
                return Step(True, "none approved")
            version = target.version
            return self._advance_to(target)
        except NotYet as error:
            return Step(False, "not yet", version, error.detail)

    def _advance_to(self, target: Package) -> Step:
        state = self._stack.describe()
        if state.status.endswith(IN_PROGRESS):
            return Step(False, "in progress", target.version, state.status)
        if state.status not in SETTLED:
            advice = "see docs/operating.md, Rollouts"
            raise NeedsPerson(
                f"version {target.version} cannot be rolled out: the endpoint's stack is {state.status}; {advice}", advice=advice
            )
        if state.status == ROLLED_BACK and (token := self._stack.read_last_token()).startswith(approval_token(target)):
            reason = f"rolled back: {self._stack.find_failure(token)}"[:LONGEST_DESCRIPTION]
            self._packages.reject(target, reason)
            return Step(True, "rejected", target.version, reason)
        if state.package_arn == target.arn:
            return Step(True, "serves", target.version)
        if not self._stack.update(target.arn, update_token(target, state)):
            return Step(True, "serves", target.version)
        return Step(False, "update begun", target.version)


def approval_token(package: Package) -> str:
    """Return the beginning of each update's ClientRequestToken to this package; a new approval changes it, and is tried again."""
    return f"rollout-{package.version}-{_hash(package.arn, package.changed_at)}-"


def update_token(package: Package, state: StackState) -> str:
    """Return an update's ClientRequestToken: the same for copies of a message, another when the stack returns to a package later."""
    return approval_token(package) + _hash(state.updated_at)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
