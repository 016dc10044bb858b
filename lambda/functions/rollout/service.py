"""One rule: the endpoint serves the newest approved package of the group, or the deployment's own model while none is approved.

Each step brings the stack nearer to that.

there is no stack  ▸ step again later
it changes, or its endpoint before an update ▸ step again later
it was rolled back ▸ reject the package with the reason; the event of that makes the next newest approved one the target
it was rolled back to no package ▸ a person is needed: there is nothing left to reject
it is the target   ▸ finished, if the endpoint has the stack's configuration: SageMaker may have taken it back without a word
else               ▸ update the stack, and step again later
"""

import hashlib
from dataclasses import dataclass

from functions.rollout.interface import (
    IN_PROGRESS,
    SETTLED,
    DeployedStack,
    EndpointState,
    NeedsPerson,
    NotYet,
    Package,
    PackageGroup,
    ServingEndpoint,
    StackState,
    describe_approval,
)

ADVICE = "see docs/rollouts.md"
OWN_MODEL = "the deployment's own model"
ROLLED_BACK = "UPDATE_ROLLBACK_COMPLETE"
IN_SERVICE = "InService"
CHANGING = {"Creating", "Updating", "SystemUpdating", "RollingBack"}


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

    def __init__(self, packages: PackageGroup, stack: DeployedStack, endpoint: ServingEndpoint) -> None:
        self._packages, self._stack, self._endpoint = packages, stack, endpoint

    def advance(self) -> Step:
        """Do the next step, if there is one.

        Raises:  NeedsPerson: the stack is in a state that no update can leave, or the endpoint does not serve what the stack says.
        """
        target = None
        try:
            target = self._packages.find_newest_approved()
            return self._advance_to(target)
        except NotYet as error:
            return Step(False, "not yet", _version(target), error.detail)

    def _advance_to(self, target: Package | None) -> Step:
        state, version = self._stack.describe(), _version(target)
        if state.status.endswith(IN_PROGRESS):
            return Step(False, "in progress", version, state.status)
        wanted_arn = target.arn if target else ""
        if target is None and state.package_arn == wanted_arn:
            return self._confirm(state, None)
        if state.status not in SETTLED:
            raise NeedsPerson(f"{_name(target)} cannot be rolled out: the endpoint's stack is {state.status}; {ADVICE}", advice=ADVICE)
        if state.status == ROLLED_BACK and (token := self._stack.read_last_token()).startswith(approval_token(target)):
            return self._reject(target, self._stack.find_failure(token))
        if state.package_arn != wanted_arn:
            # Scaled or maintained: SageMaker would refuse the update, and the version would be rejected for it.
            if (endpoint := self._endpoint.describe()).status in CHANGING:
                return _wait(endpoint, version)
            is_begun = self._stack.update(wanted_arn, update_token(target, state))
            return Step(False, "update begun" if is_begun else "updated by a copy of the message", version)
        return self._confirm(state, target)

    def _confirm(self, state: StackState, target: Package | None) -> Step:
        """Return whether the endpoint serves what the stack says.

        After an automatic rollback the endpoint is in service with the configuration before, at times without a reason, and CloudFormation
        takes that for a success.

        Args:    target: what the stack names; None if nothing is approved.
        Raises:  NeedsPerson: the endpoint is broken, or lost a deployment that was not of this package.
        """
        endpoint, version = self._endpoint.describe(), _version(target)
        if endpoint.status in CHANGING:
            return _wait(endpoint, version)
        if endpoint.status == IN_SERVICE and endpoint.config_name == state.config_name:
            return Step(True, "serves" if target else "none approved", version)
        why = endpoint.reason or "SageMaker gave no reason"
        fault = f"the endpoint is {endpoint.status} with {endpoint.config_name}, not with {state.config_name}, and {why}"
        if target is None:
            raise NeedsPerson(f"{fault}; {ADVICE}", advice=ADVICE)
        if endpoint.status == IN_SERVICE and self._stack.read_last_token().startswith(approval_token(target)):
            return self._reject(target, fault)
        raise NeedsPerson(f"version {version} is in the stack, but {fault}; {ADVICE}", advice=ADVICE)

    def _reject(self, target: Package | None, fault: str) -> Step:
        if target is None:
            raise NeedsPerson(f"{OWN_MODEL} cannot be rolled out: {fault}; {ADVICE}", advice=ADVICE)
        reason = describe_approval(f"rolled back: {fault}")
        self._packages.reject(target, reason)
        return Step(True, "rejected", target.version, reason)


def _wait(endpoint: EndpointState, version: int | None) -> Step:
    return Step(False, "in progress", version, f"the endpoint is {endpoint.status}")


def _name(target: Package | None) -> str:
    return f"version {target.version}" if target else OWN_MODEL


def _version(target: Package | None) -> int | None:
    return target.version if target else None


def approval_token(package: Package | None) -> str:
    """Return the beginning of each update's ClientRequestToken to this package; a new approval changes it, and is tried again."""
    if package is None:
        return "rollout-none-"
    return f"rollout-{package.version}-{_hash(package.arn, package.changed_at)}-"


def update_token(package: Package | None, state: StackState) -> str:
    """Return an update's ClientRequestToken: the same for copies of a message, another when the stack returns to a package later."""
    return approval_token(package) + _hash(state.updated_at)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
