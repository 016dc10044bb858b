"""What the stage's roles may do, in the smallest parts: one action on one resource under one value of a condition."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from deployment.settings import Settings

Json = dict[str, Any]
HASH = re.compile(r"[0-9A-F]{8}$")  # of a logical id
OUTPUT = re.compile(r"^PublishOutput(?:FnGetAtt|Ref)?|[0-9A-F]{8}\w*$")  # around the name of what CDK makes another stack's output of
ASSET = re.compile(r"[0-9a-f]{64}")
# Roles that CDK and its libraries bring for the time of deploying.
HELPERS = ("CustomCDKBucketDeployment", "DeployTimeBuildCustomResourceHandler", "ContainerImageBuild")


@dataclass(frozen=True, order=True, slots=True)
class Grant:
    """One of the smallest parts, as text that is the same for every stage.

    Args:    role: its logical id without the hash.
             resource, condition: with <Name> for a value that is known only while deploying.
    """

    role: str
    action: str
    resource: str
    condition: str = ""


def list_policies(templates: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield each policy of a role of ours with the role's logical id."""
    for template in templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::IAM::Policy":
                for role in resource["Properties"]["Roles"]:
                    if not role["Ref"].startswith(HELPERS):
                        yield role["Ref"], resource["Properties"]


def list_grants(templates: Mapping[str, Json], settings: Settings) -> list[Grant]:
    """Return what the roles of synthesized stacks may do; what a statement denies is no grant."""
    return [
        describe(role, part, settings)
        for role, policy in list_policies(templates)
        for part in split_all([each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"])
    ]


def split_all(statements: list[Json]) -> list[Json]:
    """Return the smallest parts of statements, each a statement of its own, in an order that only their lists decide."""
    return [part for statement in statements for part in _split(statement)]


def describe(role: str, part: Json, settings: Settings) -> Grant:
    """Return a part, as a template writes it, as a grant."""
    conditions = [(key, as_list(values)) for keys in part.get("Condition", {}).values() for key, values in keys.items()]
    condition = ": ".join(f"{key} {' '.join(map(_render, values))}" for key, values in conditions)
    texts = (_generalize(text, settings) for text in (_render(part["Resource"]), condition))
    return Grant(HASH.sub("", role), part["Action"], *texts)


def _split(statement: Json) -> Iterator[Json]:
    assert statement["Effect"] == "Allow"
    conditions = list(_split_condition(statement["Condition"])) if "Condition" in statement else [{}]
    for action, resource, condition in product(as_list(statement["Action"]), as_list(statement["Resource"]), conditions):
        yield {"Effect": "Allow", "Action": action, "Resource": resource, **condition}


def _split_condition(condition: Json) -> Iterator[Json]:
    """Yield a condition for each of its values, or the whole where several keys must hold together."""
    keys_of = [(operator, key, values) for operator, keys in condition.items() for key, values in keys.items()]
    if len(keys_of) > 1:
        yield {"Condition": condition}
        return
    ((operator, key, values),) = keys_of
    for value in as_list(values):
        yield {"Condition": {operator: {key: value}}}


def _render(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        return "".join(map(_render, argument[1]))
    if function == "Fn::GetStackOutput":
        return f"<{OUTPUT.sub('', argument['OutputName'])}>"
    if function == "Fn::Sub":
        return re.sub(r"\$\{[^}]+\}", "*", argument)
    name = argument if function == "Ref" else argument[0]
    return "*" if name.startswith("AWS::") else f"<{HASH.sub('', name)}>"


def _generalize(text: str, settings: Settings) -> str:
    words = {
        **{f"<Endpoint{variant.name}": "<Endpoint" for variant in settings.variants},
        **{f"-Inference-{variant.name}": "-Inference-<variant>" for variant in settings.variants},
        settings.endpoint_name: "<name>",
        settings.name: "<name>",
        f"-{settings.stage}-": "-<stage>-",
        f"inferstack{settings.stage}": "inferstack<stage>",
        f"inferstack:stage {settings.stage}": "inferstack:stage <stage>",
    }
    for name, word in words.items():
        text = text.replace(name, word)
    # A notebook's name holds a digest of what cannot be changed in it.
    return re.sub(r"<name>-[0-9a-f]{6}\b", "<name>", ASSET.sub("<asset>", text))


def as_list(value: Any) -> list[Any]:
    """Return a policy's value, which is written alone where there is one, as a list."""
    return value if isinstance(value, list) else [value]
