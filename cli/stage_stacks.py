"""The stacks of a stage as they are deployed, and what becomes of their resources when they are deleted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deployment.stages import PARTS, stack_name


@dataclass(frozen=True, slots=True)
class StackResource:
    """A resource of a stack.

    Args:    kind: its type, like AWS::S3::Bucket.
             id: its physical id: a name or an ARN, by its type.
             is_retained: whether it stays when its stack is deleted.
    """

    kind: str
    id: str
    is_retained: bool


@dataclass(frozen=True, slots=True)
class StageStack:
    """A deployed stack.

    Args:    is_protected: CloudFormation refuses to delete it.
    """

    name: str
    status: str
    is_protected: bool
    resources: tuple[StackResource, ...]

    @property
    def is_changing(self) -> bool:
        """Whether an operation on it is under way."""
        return self.status.endswith("_IN_PROGRESS")

    def list_retained(self) -> list[StackResource]:
        """Return what stays when the stage is destroyed."""
        return [each for each in self.resources if self.is_protected or each.is_retained]

    def list_deleted(self, kind: str) -> list[str]:
        """Return the ids of the resources of a type that go with the stack."""
        return [] if self.is_protected else [each.id for each in self.resources if each.kind == kind and not each.is_retained]


def find_stacks(stage: str, cloudformation: Any) -> list[StageStack]:
    """Return the stacks of a stage that exist, in the order in which they can be deleted."""
    return [stack for part in reversed(PARTS) for stack in find_stack(stack_name(stage, part), cloudformation)]


def find_stack(name: str, cloudformation: Any) -> Iterator[StageStack]:
    """Yield the stack of a name, if it exists."""
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        if "does not exist" in str(error):
            return
        raise
    template = cloudformation.get_template(StackName=name)["TemplateBody"]["Resources"]
    summaries = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = tuple(
        StackResource(
            each["ResourceType"],
            each["PhysicalResourceId"],
            str(template.get(each["LogicalResourceId"], {}).get("DeletionPolicy")).startswith("Retain"),
        )
        for page in summaries
        for each in page["StackResourceSummaries"]
        if each.get("PhysicalResourceId") and each["ResourceStatus"] != "DELETE_COMPLETE"
    )
    yield StageStack(name, stack["StackStatus"], bool(stack.get("EnableTerminationProtection")), resources)
