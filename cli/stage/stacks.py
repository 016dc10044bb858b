"""The stacks of a stage as they are deployed, and what becomes of their resources when they are deleted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from deployment.stages import PARTS, RECIPE_PARTS, stack_name
from recipes.recipe import list_names

NEVER_CREATED = "REVIEW_IN_PROGRESS"  # of a stack whose first change set was never executed: it has no template, and nothing goes on


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
        return self.status.endswith("_IN_PROGRESS") and self.status != NEVER_CREATED

    def list_retained(self) -> list[StackResource]:
        """Return what stays when the stage is destroyed."""
        return [each for each in self.resources if self.is_protected or each.is_retained]

    def list_deleted(self, kind: str) -> list[str]:
        """Return the ids of the resources of a type that go with the stack."""
        return [] if self.is_protected else [each.id for each in self.resources if each.kind == kind and not each.is_retained]


def find_stacks(stage: str, cloudformation: Any) -> list[StageStack]:
    """Return the stacks of a stage that exist, in the order in which they can be deleted."""
    names = [name for part in reversed(PARTS) for name in (*_list_others(stage, part), stack_name(stage, part))]
    return [stack for name in names for stack in find_stack(name, cloudformation)]


def list_other_recipes(stage: str, stacks: Iterable[StageStack]) -> list[str]:
    """Return the recipes that have stacks of their own beside the first's."""
    names = {stack.name for stack in stacks}
    return [recipe for recipe in list_names() if not names.isdisjoint(stack_name(stage, part, recipe) for part in RECIPE_PARTS)]


def _list_others(stage: str, part: str) -> list[str]:
    """Return the names of a part's stacks of all recipes but the first. They use the first one's stacks, so they go before."""
    return [stack_name(stage, part, recipe) for recipe in list_names()] if part in RECIPE_PARTS else []


def find_stack(name: str, cloudformation: Any) -> Iterator[StageStack]:
    """Yield the stack of a name, if it exists."""
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        if "does not exist" in str(error):
            return
        raise
    is_there = stack["StackStatus"] != NEVER_CREATED
    template = cloudformation.get_template(StackName=name)["TemplateBody"]["Resources"] if is_there else {}
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
