"""Statements against AWS's Service Authorization Reference, which cfn-lint ships: what an action is allowed on must be what it takes."""

import json
import re
from functools import cache
from typing import Any

import pytest

from emulator.cloudformation.handler_permissions import READ_AFTER
from emulator.sagemaker.permissions.operations import RESOURCES
from tests.grants import as_list
from tests.infra.cfn_lint_data import DATA
from tests.infra.test_permissions import our_roles


@cache
def reference() -> dict[str, Any]:
    """Return, by service, the resource types of each action and the ARN of each type."""
    return dict(json.loads((DATA / "AdditionalSpecs/Policies.json").read_text()))


def resource_types(action: str) -> list[str]:
    service, name = action.lower().split(":")
    return list(reference()[service]["Actions"][name].get("Resources", []))


def patterns(action: str) -> list[str]:
    """Return a regular expression for each ARN that the action takes."""
    resources = reference()[action.partition(":")[0]]["Resources"]
    formats = [arn for type_ in resource_types(action) for arn in resources.get(type_.lower(), {}).get("ARNFormats", [])]
    return [re.sub(r"\$\{\w+\}", "[^:]*", arn) for arn in formats]


def render(resource: Any) -> str:
    """Return an ARN with a word for each value that is known only while deploying; "" where all of it is such a value."""
    if isinstance(resource, str):
        return resource
    parts = resource.get("Fn::Join", ["", []])[1]
    return "".join(part if isinstance(part, str) else "any" for part in parts) if parts and isinstance(parts[0], str) else ""


@pytest.mark.parametrize("context", [{}, {"endpoint_kind": "cpu", "auth": "jwt"}], ids=["serverless", "cpu"])
def test_allows_every_action_on_resources_that_it_takes(synthesize: Any, context: dict[str, str]) -> None:
    stage = synthesize("prod", **context)
    wrong = []
    for role in our_roles(stage):
        for statement in stage.statements(role):
            arns = [render(resource) for resource in as_list(statement["Resource"])]
            for action in as_list(statement["Action"]):
                taken = patterns(action)
                if not any(arn in {"", "*"} or any(re.match(each, arn) for each in taken) for arn in arns):
                    wrong.append((role, action, arns))
            all_taken = [each for action in as_list(statement["Action"]) for each in patterns(action)]
            wrong += [(role, arn) for arn in arns if arn not in {"", "*"} and not any(re.match(each, arn) for each in all_taken)]
    assert wrong == []


@pytest.mark.parametrize("operation", sorted(RESOURCES))
def test_the_local_sagemaker_asks_for_the_resources_that_aws_asks_for(operation: str) -> None:
    types = {type_ for type_, _ in RESOURCES[operation]}
    expected = set(resource_types(f"sagemaker:{operation}"))
    if types == {"any"}:
        assert len(expected) > 10
    else:
        assert types == expected - {"inference-component"}  # an endpoint can be made of these; ours are not


@pytest.mark.parametrize(("operation", "handler"), [("Create", "create"), ("Update", "update")])
@pytest.mark.parametrize("type_", ["Model", "EndpointConfig", "Endpoint"])
def test_a_stacks_role_needs_what_the_handlers_of_awss_schemas_need(operation: str, handler: str, type_: str) -> None:
    if operation == "Update" and type_ != "Endpoint":
        return  # a model and a configuration are replaced, not updated
    schemas = json.loads((DATA / "schemas/providers/us-east-1.json").read_text())
    schema = json.loads((DATA / f"schemas/resources/{schemas[f'AWS::SageMaker::{type_}']}.json").read_text())
    needed = {*schema["handlers"][handler]["permissions"], *schema["handlers"]["read"]["permissions"]}
    only_for_others = {"kms:DescribeKey", "iam:PassRole", "sagemaker:AddTags", "sagemaker:DeleteTags"}  # by properties and changed tags
    read = {f"sagemaker:{each}" for each in READ_AFTER[f"{operation}{type_}"]}
    assert {f"sagemaker:{operation}{type_}", *read} == needed - only_for_others
