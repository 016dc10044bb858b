"""The addresses of AWS's training images in a template, and what CloudFormation makes of them."""

from typing import Any

import tests.infra.conftest  # noqa: F401  names Node before aws_cdk is imported


def stack_in(region: str | None = None) -> Any:
    """Return a stack for a region, or for whichever it will be deployed to."""
    import aws_cdk as cdk

    return cdk.Stack(cdk.App(), "Any", env=cdk.Environment(region=region))


def images_of(stack: Any) -> Any:
    from stacks.constructs.training.images import TrainingImages

    return TrainingImages(stack, "Images")


def template_of(stack: Any) -> dict[str, Any]:
    from aws_cdk.assertions import Template

    return dict(Template.from_stack(stack).to_json())


def deployed(value: Any, template: dict[str, Any], region: str, suffix: str) -> str:
    """Return the text that CloudFormation makes of a value, in a region whose addresses end in suffix."""
    if isinstance(value, str):
        return value
    ((kind, argument),) = value.items()
    if kind == "Ref":
        return {"AWS::Region": region, "AWS::URLSuffix": suffix, "AWS::Partition": "aws"}[argument]
    if kind == "Fn::FindInMap":
        name, first, second = argument
        return str(template["Mappings"][name][deployed(first, template, region, suffix)][second])
    assert kind == "Fn::Join"
    return str(argument[0].join(deployed(each, template, region, suffix) for each in argument[1]))
