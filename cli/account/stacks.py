"""The stage's stacks as they are in the account: their status, and what belongs to them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.aws import AwsFailed, translate_aws_errors
from cli.finding import Finding
from deployment.settings import Settings
from deployment.stages import PARTS, RECIPE_PARTS, stack_name

FIXES = {
    "UPDATE_ROLLBACK_FAILED": "its events say what could not be restored: mend that, then `aws cloudformation continue-update-rollback`",
    "ROLLBACK_FAILED": "delete it: `aws cloudformation delete-stack --stack-name …`",
    "DELETE_FAILED": "its events say what could not be deleted: delete that, then the stack again",
}


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
    """A deployed stack."""

    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    resources: tuple[Resource, ...] = ()


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
        tuple(Resource(each["LogicalResourceId"], each["ResourceType"], each.get("PhysicalResourceId", "")) for each in summaries),
    )


def judge_stacks(stacks: Mapping[str, StackState], expected: int = len(PARTS)) -> Finding:
    """Return whether every stack is in a state that a deploy can start from.

    Args:    expected: how many the stage has once it is deployed.
    """
    if not stacks:
        return Finding("stacks", True, "none is deployed yet")
    stuck = {name: state.status for name, state in stacks.items() if state.status in FIXES}
    busy = {name: state.status for name, state in stacks.items() if state.status.endswith("_IN_PROGRESS")}
    if wrong := stuck or busy:
        found = ", ".join(f"{name} is {status}" for name, status in wrong.items())
        return Finding("stacks", False, found, FIXES[next(iter(stuck.values()))] if stuck else "wait until it has ended")
    return Finding("stacks", True, f"{len(stacks)} of {expected} are deployed")
