"""What CloudFormation reads to resolve the references of a resource's properties: outputs of stacks, attributes of resources."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from deployment.this_machine import ACCOUNT
from emulator.access import Check, arn, find_values

STORED = "AWS::SSM::Parameter::Value<"
# The action that reads a type's attributes, and its ARN from the physical id, as the `read` permissions of AWS's resource schemas say.
READ: dict[str, tuple[str, Callable[[str], str]]] = {
    "AWS::IAM::Role": ("iam:GetRole", lambda id_: f"arn:aws:iam::{ACCOUNT}:role/{id_}"),
    "AWS::ECR::Repository": ("ecr:DescribeRepositories", lambda id_: arn("ecr", f"repository/{id_}")),
}


def list_read_checks(
    value: Any, resources: Mapping[str, Mapping[str, Any]], conditions: Mapping[str, bool], *, only_stacks: bool = False
) -> list[Check]:
    """Return what resolving properties needs.

    Args:    value: the properties as the template writes them.
             resources: the stack's, by logical id.
             conditions: which of the template's conditions hold; the other branch of Fn::If is not read.
             only_stacks: leave the attributes of resources out.
    """
    chosen = _choose_branches(value, conditions)
    stacks = {str(each["StackName"]) for each in find_values(chosen, "Fn::GetStackOutput") if isinstance(each, Mapping)}
    checks = [Check("cloudformation:DescribeStacks", arn("cloudformation", f"stack/{name}/*")) for name in sorted(stacks)]
    return checks if only_stacks else [*checks, *_list_attribute_checks(chosen, resources)]


def list_parameter_checks(template: Mapping[str, Any]) -> list[Check]:
    """Return what reading a template's parameters from the Parameter Store needs: CloudFormation reads them anew at each operation."""
    parameters = template.get("Parameters", {}).values()
    names = [str(each.get("Default", "")) for each in parameters if str(each.get("Type", "")).startswith(STORED)]
    return [Check("ssm:GetParameters", arn("ssm", f"parameter/{name.lstrip('/')}")) for name in names if name]


def _list_attribute_checks(value: Any, resources: Mapping[str, Mapping[str, Any]]) -> Iterator[Check]:
    for attribute in find_values(value, "Fn::GetAtt"):
        logical_id = attribute[0] if isinstance(attribute, list) else str(attribute).partition(".")[0]
        resource = resources.get(logical_id, {})
        if resource.get("ResourceType") in READ:
            action, name_arn = READ[resource["ResourceType"]]
            yield Check(action, name_arn(resource["PhysicalResourceId"]))


def _choose_branches(value: Any, conditions: Mapping[str, bool]) -> Any:
    if isinstance(value, Mapping):
        if "Fn::If" in value:
            name, yes, no = value["Fn::If"]
            return _choose_branches(yes if conditions.get(name) else no, conditions)
        return {key: _choose_branches(item, conditions) for key, item in value.items()}
    return [_choose_branches(item, conditions) for item in value] if isinstance(value, list) else value
