"""One rule: the endpoint serves the newest approved package of the group. Each look brings the stack one step nearer to that.

none approved      ▸ nothing to do: what serves stays
the stack changes  ▸ look again later
it was rolled back ▸ reject the package with the reason; that event makes the next newest approved one the target
it is the target   ▸ done
else               ▸ update the stack, and look again later
"""

import hashlib
from dataclasses import dataclass
from typing import Protocol

from recipes.errors import InferstackError

SETTLED = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}
ROLLED_BACK = "UPDATE_ROLLBACK_COMPLETE"
LONGEST_DESCRIPTION = 1024  # of an approval


class NotYet(InferstackError):
    """AWS throttles, or something else changes the stack or the package right now: the next look finds out."""

    code = "not-yet"
    title = "Not yet"


class NeedsPerson(InferstackError):
    """The stack is in a state that no update can leave."""

    code = "needs-person"
    title = "Needs a person"


@dataclass(frozen=True, slots=True)
class Package:
    """An approved model package.

    Args:    arn: its ARN.
             version: its number in the group.
             changed_at: when it was last changed, an approval being a change.
    """

    arn: str
    version: int
    changed_at: str


@dataclass(frozen=True, slots=True)
class StackState:
    """The endpoint's stack.

    Args:    status: CloudFormation's.
             package_arn: the parameter ModelPackageArn; empty while the recipe's shipped model serves.
             updated_at: when its last operation began.
    """

    status: str
    package_arn: str
    updated_at: str


class Packages(Protocol):
    """The group; `functions.rollout.registry.Registry` is one. Both raise NotYet."""

    def newest_approved(self) -> Package | None:
        """Return the approved package of the highest version."""

    def reject(self, package: Package, why: str) -> None:
        """Reject the package."""


class Updating(Protocol):
    """The endpoint's stack; `functions.rollout.stack.Stack` is one. All raise NotYet."""

    def state(self) -> StackState:
        """Return how it is now."""

    def last_token(self) -> str:
        """Return the ClientRequestToken of its last operation; empty when that had none."""

    def failure(self, token: str) -> str:
        """Return why the operation with this token failed: its first failure's reason."""

    def update(self, package_arn: str, token: str) -> bool:
        """Begin an update of nothing but the package; return False when it would change nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look came to.

    Args:    finished: whether no other look is needed.
             action: what was done or found, for the log.
             version: the target's; None when there is none.
             reason: why a package was rejected, or what is waited for.
    """

    finished: bool
    action: str
    version: int | None = None
    reason: str = ""


class Service:
    """The use case. It keeps nothing: all it needs to know, the group and the stack know."""

    def __init__(self, packages: Packages, stack: Updating) -> None:
        self._packages, self._stack = packages, stack

    def look(self) -> Look:
        """Do the next step, if there is one.

        Raises:  NeedsPerson: the stack is in a state that no update can leave.
        """
        version = None
        try:
            target = self._packages.newest_approved()
            if target is None:
                return Look(True, "none approved")
            version = target.version
            return self._step(target)
        except NotYet as error:
            return Look(False, "not yet", version, error.detail)

    def _step(self, target: Package) -> Look:
        state = self._stack.state()
        if state.status.endswith("_IN_PROGRESS"):
            return Look(False, "in progress", target.version, state.status)
        if state.status not in SETTLED:
            advice = "see docs/operating.md, Rollouts"
            raise NeedsPerson(
                f"version {target.version} cannot be rolled out: the endpoint's stack is {state.status}; {advice}", advice=advice
            )
        if state.status == ROLLED_BACK and (token := self._stack.last_token()).startswith(approval_token(target)):
            why = f"rolled back: {self._stack.failure(token)}"[:LONGEST_DESCRIPTION]
            self._packages.reject(target, why)
            return Look(True, "rejected", target.version, why)
        if state.package_arn == target.arn:
            return Look(True, "serves", target.version)
        if not self._stack.update(target.arn, update_token(target, state)):
            return Look(True, "serves", target.version)
        return Look(False, "update begun", target.version)


def approval_token(package: Package) -> str:
    """Return what the ClientRequestToken of each update to this package begins with. One approved anew has another, so it is tried anew."""
    return f"rollout-{package.version}-{_digest(package.arn, package.changed_at)}-"


def update_token(package: Package, state: StackState) -> str:
    """Return an update's ClientRequestToken: the same for copies of a message, another when the stack comes back to a package later."""
    return approval_token(package) + _digest(state.updated_at)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
