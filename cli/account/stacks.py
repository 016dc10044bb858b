"""The stage's stacks as they are in the account: their status, and what belongs to them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.finding import Finding
from cli.stage.aws import AwsFailed, translate_aws_errors
from cli.stage.stacks import NEVER_CREATED
from deployment.settings import Settings
from deployment.stages import PARTS, RECIPE_PARTS, stack_name

NO_ROLLBACK = "its events say what failed: deploy again with `--no-rollback`, or take it back: `npx cdk rollback --app cdk.out …`"
FIXES = {
    "CREATE_FAILED": NO_ROLLBACK,
    "UPDATE_FAILED": NO_ROLLBACK,
    "UPDATE_ROLLBACK_FAILED": "its events say what could not be restored: mend that, then `aws cloudformation continue-update-rollback`",
    "ROLLBACK_FAILED": "delete it: `aws cloudformation delete-stack --stack-name …`",
    "DELETE_FAILED": "its events say what could not be deleted: delete that, then the stack again",
}
# A first deployment failed and was taken back: cdk deletes such a stack and begins anew, unless the stack is protected.
TAKEN_BACK = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
UNPROTECT = "aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name"
GONE = {"DELETE_COMPLETE", "DELETE_SKIPPED"}  # of a resource: it is no longer the stack's

Key = tuple[str, str]  # what a resource is, like loggroup, and its name


def parse_arn(arn: str) -> Key:
    """Return what an ARN's resource is, and its name."""
    service, resource = arn.split(":", 5)[2::3]
    if service == "s3":
        return "bucket", resource
    type_, name = re.split("[:/]", f"{resource}:", maxsplit=1)
    return type_.replace("-", ""), name.removesuffix(":").removesuffix(":*")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a stack: its logical id, its type, and its name or ARN."""

    logical_id: str
    type: str
    physical_id: str

    @property
    def key(self) -> Key:
        """What the resource is, and its name: some types have a name as their physical id, others an ARN."""
        is_arn = self.physical_id.startswith("arn:")
        return parse_arn(self.physical_id) if is_arn else (self.type.rpartition("::")[2].lower(), self.physical_id)


@dataclass(frozen=True, slots=True)
class StackState:
    """A deployed stack.

    Args:    is_protected: CloudFormation refuses to delete it.
    """

    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    resources: tuple[Resource, ...] = ()
    is_protected: bool = False

    @property
    def is_deployed(self) -> bool:
        """Whether it holds anything: not before its first deployment, nor after one that was taken back."""
        return self.status not in {*TAKEN_BACK, NEVER_CREATED}


def list_stack_names(settings: Settings) -> list[str]:
    """Return the names of the stage's stacks, those of its other recipes too."""
    others = [stack_name(settings.stage, part, each.recipe) for each in settings.split()[1:] for part in RECIPE_PARTS]
    return [*(stack_name(settings.stage, part) for part in PARTS), *others]


def read_stacks(cloudformation: Any, names: Iterable[str]) -> dict[str, StackState]:
    """Return the stacks that exist, by name.

    Raises:  AwsFailed
    """
    return {name: state for name in names if (state := _read_stack(cloudformation, name)) is not None}


def _read_stack(cloudformation: Any, name: str) -> StackState | None:
    try:
        with translate_aws_errors():
            stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
            pages = list(cloudformation.get_paginator("list_stack_resources").paginate(StackName=name))
    except AwsFailed as error:
        if error.aws_code == "ValidationError":  # there is none of that name
            return None
        raise
    summaries = [summary for page in pages for summary in page["StackResourceSummaries"]]
    return StackState(
        stack["StackStatus"],
        {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        tuple(
            Resource(each["LogicalResourceId"], each["ResourceType"], each.get("PhysicalResourceId", ""))
            for each in summaries
            if each["ResourceStatus"] not in GONE
        ),
        bool(stack.get("EnableTerminationProtection")),
    )


def judge_stacks(stacks: Mapping[str, StackState], expected: int = len(PARTS)) -> Finding:
    """Return whether every stack is in a state that a deploy can start from.

    Args:    expected: how many the stage has once it is deployed.
    """
    if not stacks:
        return Finding("stacks", True, "none is deployed yet")
    protected = {name: f"`{UNPROTECT} {name}`, then deploy again" for name, state in stacks.items() if _is_stuck_protected(state)}
    stuck = {name: FIXES[state.status] for name, state in stacks.items() if state.status in FIXES} | protected
    busy = {name: "wait until it has ended" for name, state in stacks.items() if _is_busy(state)}
    if wrong := stuck or busy:
        found = ", ".join(f"{name} is {stacks[name].status}" for name in wrong)
        return Finding("stacks", False, found, next(iter(wrong.values())))
    return Finding("stacks", True, f"{sum(state.is_deployed for state in stacks.values())} of {expected} are deployed")


def _is_stuck_protected(state: StackState) -> bool:
    return state.is_protected and state.status in TAKEN_BACK


def _is_busy(state: StackState) -> bool:
    return state.status.endswith("_IN_PROGRESS") and state.status != NEVER_CREATED
