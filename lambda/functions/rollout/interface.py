"""The package group and the endpoint's stack as a rollout sees them: their values, their errors, and what is asked of them."""

from dataclasses import dataclass
from typing import Protocol

from recipes.errors import InferstackError

PACKAGE_PARAMETER = "ModelPackageArn"  # of the endpoint's stack
CONFIG_OUTPUT = "EndpointConfigName"  # of the same: the configuration that its endpoint is to have
IN_PROGRESS = "_IN_PROGRESS"  # how CloudFormation's status of a stack ends while an operation is under way
LONGEST_DESCRIPTION = 1024  # of an approval, by SageMaker
SETTLED = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}


def describe_approval(why: str) -> str:
    """Return why a version was approved or rejected as SageMaker takes it: on one line, of LONGEST_DESCRIPTION characters at most."""
    return " ".join(why.split())[:LONGEST_DESCRIPTION]


class NotYet(InferstackError):
    """AWS throttles, or something else changes the stack or the package right now: try again later."""

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
             changed_at: when it was last changed; an approval is a change.
    """

    arn: str
    version: int
    changed_at: str


@dataclass(frozen=True, slots=True)
class StackState:
    """The endpoint's stack.

    Args:    status: CloudFormation's.
             package_arn: the parameter PACKAGE_PARAMETER; empty while the recipe's shipped model serves.
             config_name: the output CONFIG_OUTPUT; empty before the stack is created.
             updated_at: when its last operation began.
    """

    status: str
    package_arn: str
    config_name: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class EndpointState:
    """The endpoint itself.

    Args:    status: SageMaker's.
             config_name: the configuration that it serves with.
             reason: why it failed; empty if SageMaker gives none.
    """

    status: str
    config_name: str
    reason: str = ""


class PackageGroup(Protocol):
    """The group; `functions.rollout.model_packages.ModelPackages` is one. Both methods raise NotYet."""

    def find_newest_approved(self) -> Package | None:
        """Return the approved package of the highest version."""

    def reject(self, package: Package, reason: str) -> None:
        """Reject the package."""


class ServingEndpoint(Protocol):
    """The endpoint; `functions.rollout.endpoint.Endpoint` is one."""

    def describe(self) -> EndpointState:
        """Return how the endpoint is now."""


class DeployedStack(Protocol):
    """The endpoint's stack; `functions.rollout.endpoint_stack.EndpointStack` is one. All methods raise NotYet."""

    def describe(self) -> StackState:
        """Return how the stack is now."""

    def read_last_token(self) -> str:
        """Return the ClientRequestToken of the last operation; empty when it had none."""

    def find_failure(self, token: str) -> str:
        """Return the reason of the first failure in the operation with this token."""

    def update(self, package_arn: str, token: str) -> bool:
        """Begin an update of nothing but the package; return False when it would change nothing."""
