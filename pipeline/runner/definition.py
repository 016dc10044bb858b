"""A pipeline's definition, read and checked: what this runner cannot execute is refused by name before anything starts."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
STEP_TYPES = ("Processing", "Training", "Condition", "RegisterModel", "Fail")
COMPARISONS = ("GreaterThanOrEqualTo", "GreaterThan", "LessThanOrEqualTo", "LessThan", "Equals")
FUNCTIONS = ("Std:Join", "Std:JsonGet")
ROOTS = ("Parameters", "Execution", "Steps")
BOOLEANS = {"true": True, "false": False}
TYPES: dict[str, Callable[[Any], Any]] = {"Float": float, "Integer": int, "Boolean": lambda value: BOOLEANS[str(value).lower()]}
KNOWN = {"Name", "Type", "Arguments", "DependsOn", "DisplayName", "Description", "RetryPolicies", "PropertyFiles", "CacheConfig"}


class UnsupportedDefinitionError(ValueError):
    """The definition is none, or asks for what only AWS can do; the message names the step and the part."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Args:    branches: the steps of a condition's branches: when it holds, and when not.
             needs: the steps that must have succeeded before.
    """

    name: str
    type: str
    arguments: Json
    property_files: dict[str, Json]
    cached: bool
    needs: frozenset[str]
    branches: tuple[tuple["Step", ...], tuple["Step", ...]] = ((), ())

    def all(self) -> "Iterator[Step]":
        """Give the step and those of its branches."""
        yield self
        for branch in self.branches:
            for step in branch:
                yield from step.all()


@dataclass(frozen=True, slots=True)
class Definition:
    """The parameters by name, and the steps."""

    parameters: dict[str, Json]
    steps: tuple[Step, ...]

    def all(self) -> Iterator[Step]:
        """Give every step, those of branches too."""
        for step in self.steps:
            yield from step.all()


def parse(text: str) -> Definition:
    """Return the definition; raise UnsupportedDefinitionError if it is none, or if this runner cannot execute it."""
    try:
        raw = json.loads(text)
        parameters = {parameter["Name"]: parameter for parameter in raw.get("Parameters", [])}
        steps = tuple(_step(step) for step in raw["Steps"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, UnsupportedDefinitionError):
            raise
        raise UnsupportedDefinitionError(f"no pipeline definition: {type(error).__name__} {error}") from error
    definition = Definition(parameters, steps)
    names = [step.name for step in definition.all()]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UnsupportedDefinitionError(f"two steps are called {', '.join(twice)}")
    for step in definition.all():
        if unknown := sorted(step.needs - set(names)):
            raise UnsupportedDefinitionError(f"step {step.name} refers to {', '.join(unknown)}, which is no step")
    return definition


def values(definition: Definition, given: dict[str, Any]) -> dict[str, Any]:
    """Return each parameter's value: the given one, in its type, or the default.

    Raises:  ValueError: no such parameter, a value of another type, or one that has neither.
    """
    if unknown := sorted(given.keys() - definition.parameters.keys()):
        raise ValueError(f"no parameter {', '.join(unknown)}; the pipeline has {', '.join(definition.parameters)}")
    found = {}
    for name, parameter in definition.parameters.items():
        value = given.get(name, parameter.get("DefaultValue"))
        if value is None:
            raise ValueError(f"parameter {name} has no default: give it a value")
        try:
            found[name] = TYPES.get(parameter["Type"], str)(value)
        except (ValueError, KeyError) as error:
            raise ValueError(f"{name} is {value!r}; expected {parameter['Type']}") from error
        if (allowed := parameter.get("EnumValues")) and found[name] not in allowed:
            raise ValueError(f"{name} is {found[name]!r}; expected one of {', '.join(map(str, allowed))}")
    return found


def _step(raw: Json) -> Step:
    name, kind = raw["Name"], raw["Type"]
    if kind not in STEP_TYPES:
        raise UnsupportedDefinitionError(f"step {name} is of type {kind}; this runner knows {', '.join(STEP_TYPES)}")
    if unknown := sorted(raw.keys() - KNOWN):
        raise UnsupportedDefinitionError(f"step {name} has {', '.join(unknown)}, which this runner does not know")
    arguments = raw["Arguments"]
    branches: tuple[tuple[Step, ...], tuple[Step, ...]] = ((), ())
    if kind == "Condition":
        branches = tuple(map(_step, arguments.get("IfSteps", []))), tuple(map(_step, arguments.get("ElseSteps", [])))
        if nested := [step.name for branch in branches for step in branch if step.type == kind]:
            raise UnsupportedDefinitionError(f"step {name} has the condition step {nested[0]} within it; SageMaker takes none there")
        arguments = {"Conditions": arguments["Conditions"]}
        for condition in arguments["Conditions"]:
            if condition["Type"] not in COMPARISONS:
                raise UnsupportedDefinitionError(
                    f"step {name} has a condition {condition['Type']}; this runner knows {', '.join(COMPARISONS)}"
                )
    for part, wanted, got in _asks_for(kind, arguments):
        if got not in wanted:
            raise UnsupportedDefinitionError(f"step {name} has {part} {got!r}; this runner knows {' and '.join(map(repr, wanted))}")
    return Step(
        name,
        kind,
        arguments,
        {file["PropertyFileName"]: file for file in raw.get("PropertyFiles", [])},
        raw.get("CacheConfig", {}).get("Enabled", True) is not False,
        frozenset({*raw.get("DependsOn", []), *_references(name, arguments)}),
        branches,
    )


def _asks_for(kind: str, arguments: Json) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    """Give what only AWS can do: (the part, what can be done here, what is asked for)."""
    if kind == "Training":
        yield "TrainingInputMode", ("File",), arguments["AlgorithmSpecification"].get("TrainingInputMode", "File")
        yield "InstanceCount", (1,), arguments["ResourceConfig"].get("InstanceCount", 1)
        for channel in arguments.get("InputDataConfig", []):
            yield "CompressionType", ("None",), channel.get("CompressionType", "None")
            yield "InputMode", ("File",), channel.get("InputMode", "File")
    if kind == "Processing":
        yield "InstanceCount", (1,), arguments["ProcessingResources"]["ClusterConfig"].get("InstanceCount", 1)
        for given in arguments.get("ProcessingInputs", []):
            yield "DatasetDefinition", (None,), given.get("DatasetDefinition")
            yield "S3InputMode", ("File",), given.get("S3Input", {}).get("S3InputMode", "File")
        for made in arguments.get("ProcessingOutputConfig", {}).get("Outputs", []):
            yield "S3UploadMode", ("EndOfJob",), made["S3Output"].get("S3UploadMode", "EndOfJob")
    if kind in {"Training", "Processing"}:
        network = arguments.get("NetworkConfig") or {}
        yield "VpcConfig", (None,), arguments.get("VpcConfig") or network.get("VpcConfig")
        container = arguments.get("AppSpecification") or arguments["AlgorithmSpecification"]
        yield "ContainerEntrypoint", ("python3 …",), "python3 …" if container.get("ContainerEntrypoint", [""])[0] == "python3" else None


def _references(name: str, value: Any) -> Iterator[str]:
    """Give the steps that a value refers to; refuse a function nobody knows."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.startswith("Std:") and key not in FUNCTIONS:
                raise UnsupportedDefinitionError(f"step {name} uses {key}; this runner knows {', '.join(FUNCTIONS)}")
            if key == "Get" and isinstance(inner, str):
                root, _, rest = inner.partition(".")
                if root not in ROOTS:
                    raise UnsupportedDefinitionError(f"step {name} gets {inner}; this runner knows {', '.join(ROOTS[:-1])} and {ROOTS[-1]}")
                if root == "Steps":
                    yield rest.partition(".")[0]
            yield from _references(name, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(name, inner)
