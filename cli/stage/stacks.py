"""The stacks of a stage as they are deployed, and what becomes of their resources when they are deleted."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cli.stage.aws import AwsFailed, translate_aws_errors
from deployment.stages import PARTS, RECIPE_PARTS, stack_name
from recipes.recipe import list_names

NEVER_CREATED = "REVIEW_IN_PROGRESS"  # of a stack whose first change set was never executed: it has no template, and nothing goes on
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
class StackResource:
    """A resource of a stack.

    Args:    logical_id: its name in the template.
             kind: its type, like AWS::S3::Bucket.
             id: its physical id: a name or an ARN, by its type.
             is_retained: whether it stays when its stack is deleted; `read_retention` looks.
    """

    logical_id: str
    kind: str
    id: str
    is_retained: bool = False

    @property
    def key(self) -> Key:
        """What the resource is, and its name."""
        return parse_arn(self.id) if self.id.startswith("arn:") else (self.kind.rpartition("::")[2].lower(), self.id)


@dataclass(frozen=True, slots=True)
class StageStack:
    """A deployed stack.

    Args:    is_protected: CloudFormation refuses to delete it.
    """

    name: str
    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    resources: tuple[StackResource, ...] = ()
    is_protected: bool = False

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


def read_stacks(cloudformation: Any, names: Iterable[str]) -> dict[str, StageStack]:
    """Return the stacks that exist, by name; raise AwsFailed."""
    return {name: stack for name in names if (stack := _read_stack(cloudformation, name)) is not None}


def _read_stack(cloudformation: Any, name: str) -> StageStack | None:
    try:
        with translate_aws_errors():
            (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except AwsFailed as error:
        if error.aws_code == "ValidationError":  # there is none of that name
            return None
        raise
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    is_protected = bool(stack.get("EnableTerminationProtection"))
    return StageStack(name, stack["StackStatus"], outputs, list_resources(cloudformation, name), is_protected)


def list_resources(cloudformation: Any, name: str) -> tuple[StackResource, ...]:
    """Return what a stack of that name has; raise AwsFailed."""
    with translate_aws_errors():
        pages = list(cloudformation.get_paginator("list_stack_resources").paginate(StackName=name))
    return tuple(
        StackResource(each["LogicalResourceId"], each["ResourceType"], each["PhysicalResourceId"])
        for page in pages
        for each in page["StackResourceSummaries"]
        if each.get("PhysicalResourceId") and each["ResourceStatus"] not in GONE
    )


def read_retention(cloudformation: Any, stack: StageStack) -> StageStack:
    """Return a stack with what its template says of each resource's deletion; raise AwsFailed."""
    if stack.status == NEVER_CREATED:
        return stack
    with translate_aws_errors():
        template = cloudformation.get_template(StackName=stack.name)["TemplateBody"]["Resources"]
    policies = [str(template.get(each.logical_id, {}).get("DeletionPolicy")) for each in stack.resources]
    retained = [replace(each, is_retained=policy.startswith("Retain")) for each, policy in zip(stack.resources, policies, strict=True)]
    return replace(stack, resources=tuple(retained))


def find_stacks(stage: str, cloudformation: Any) -> list[StageStack]:
    """Return the stacks of a stage that exist, with their retention, in the order in which they can be deleted; raise AwsFailed."""
    names = [name for part in reversed(PARTS) for name in (*_list_others(stage, part), stack_name(stage, part))]
    return [read_retention(cloudformation, stack) for stack in read_stacks(cloudformation, names).values()]


def list_other_recipes(stage: str, stacks: Iterable[StageStack]) -> list[str]:
    """Return the recipes that have stacks of their own beside the first's."""
    names = {stack.name for stack in stacks}
    return [recipe for recipe in list_names() if not names.isdisjoint(stack_name(stage, part, recipe) for part in RECIPE_PARTS)]


def _list_others(stage: str, part: str) -> list[str]:
    """Return the names of a part's stacks of all recipes but the first. They use the first one's stacks, so they go before."""
    return [stack_name(stage, part, recipe) for recipe in list_names()] if part in RECIPE_PARTS else []
