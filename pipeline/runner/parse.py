"""Reads and checks a pipeline's definition: what this runner cannot execute is refused before anything starts."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.runner.conditions import COMPARISONS

Json = dict[str, Any]
STEP_TYPES = ("Processing", "Training", "Condition", "RegisterModel", "Fail")
FUNCTIONS = ("Std:Join", "Std:JsonGet")
ROOTS = ("Parameters", "Execution", "Steps")
BOOLEANS = {"true": True, "false": False}
TYPES: dict[str, Callable[[Any], Any]] = {"Float": float, "Integer": int, "Boolean": lambda value: BOOLEANS[str(value).lower()]}
STEP_FIELDS = {"Name", "Type", "Arguments", "DependsOn", "DisplayName", "Description", "RetryPolicies", "PropertyFiles", "CacheConfig"}


class UnsupportedDefinitionError(ValueError):
    """The definition is not valid, or needs what only AWS can do; the message names the step and the part."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Args:    is_cacheable: an earlier execution's result may be used.
             needs: names of the steps that must have succeeded before.
             branches: the steps of a condition's two branches: if it holds, and if not.
    """

    name: str
    type: str
    arguments: Json
    property_files: dict[str, Json]
    is_cacheable: bool
    needs: frozenset[str]
    branches: tuple[tuple["Step", ...], tuple["Step", ...]] = ((), ())

    def with_branches(self) -> "Iterator[Step]":
        """Yield the step and those of its branches."""
        yield self
        for branch in self.branches:
            for step in branch:
                yield from step.with_branches()


@dataclass(frozen=True, slots=True)
class Definition:
    """The parameters by name, and the steps."""

    parameters: dict[str, Json]
    steps: tuple[Step, ...]

    def all_steps(self) -> Iterator[Step]:
        """Yield every step, those of branches too."""
        for step in self.steps:
            yield from step.with_branches()


def parse_definition(text: str) -> Definition:
    """Return the definition of its JSON; raise UnsupportedDefinitionError if it is not valid or cannot be executed here."""
    try:
        raw = json.loads(text)
        parameters = {parameter["Name"]: parameter for parameter in raw.get("Parameters", [])}
        steps = tuple(_parse_step(step) for step in raw["Steps"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, UnsupportedDefinitionError):
            raise
        raise UnsupportedDefinitionError(f"not a pipeline definition: {type(error).__name__} {error}") from error
    definition = Definition(parameters, steps)
    names = [step.name for step in definition.all_steps()]
    if duplicates := sorted({name for name in names if names.count(name) > 1}):
        raise UnsupportedDefinitionError(f"more than one step has the name {', '.join(duplicates)}")
    for step in definition.all_steps():
        if unknown := sorted(step.needs - set(names)):
            raise UnsupportedDefinitionError(f"step {step.name} refers to {', '.join(unknown)}, which is not a step of the pipeline")
    return definition


def bind_parameters(parameters: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return each parameter's value in its type: the given one, or the default.

    Args:    parameters: the definition's, by name.
    Raises:  ValueError: no such parameter, a value of another type, or a parameter without value and default.
    """
    if unknown := sorted(given.keys() - parameters.keys()):
        raise ValueError(f"no parameter {', '.join(unknown)}; the pipeline has {', '.join(parameters)}")
    values = {}
    for name, parameter in parameters.items():
        value = given.get(name, parameter.get("DefaultValue"))
        if value is None:
            raise ValueError(f"parameter {name} has no default: give it a value")
        try:
            values[name] = TYPES.get(parameter["Type"], str)(value)
        except (ValueError, KeyError) as error:
            raise ValueError(f"{name} is {value!r}; expected {parameter['Type']}") from error
        if (allowed := parameter.get("EnumValues")) and values[name] not in allowed:
            raise ValueError(f"{name} is {values[name]!r}; expected one of {', '.join(map(str, allowed))}")
    return values


def _parse_step(raw: Json) -> Step:
    name, kind = raw["Name"], raw["Type"]
    if kind not in STEP_TYPES:
        raise UnsupportedDefinitionError(f"step {name} is of type {kind}; this runner knows {', '.join(STEP_TYPES)}")
    if unknown := sorted(raw.keys() - STEP_FIELDS):
        raise UnsupportedDefinitionError(f"step {name} has {', '.join(unknown)}, which this runner does not know")
    arguments = raw["Arguments"]
    branches: tuple[tuple[Step, ...], tuple[Step, ...]] = ((), ())
    if kind == "Condition":
        branches = tuple(map(_parse_step, arguments.get("IfSteps", []))), tuple(map(_parse_step, arguments.get("ElseSteps", [])))
        if nested := [step.name for branch in branches for step in branch if step.type == kind]:
            raise UnsupportedDefinitionError(f"step {name} contains the condition step {nested[0]}; SageMaker does not allow that")
        arguments = {"Conditions": arguments["Conditions"]}
        for condition in arguments["Conditions"]:
            if condition["Type"] not in COMPARISONS:
                raise UnsupportedDefinitionError(
                    f"step {name} has a condition {condition['Type']}; this runner knows {', '.join(COMPARISONS)}"
                )
    for part, supported, value in _list_restricted_parts(kind, arguments):
        if value not in supported:
            raise UnsupportedDefinitionError(f"step {name} has {part} {value!r}; this runner knows {' and '.join(map(repr, supported))}")
    return Step(
        name,
        kind,
        arguments,
        {file["PropertyFileName"]: file for file in raw.get("PropertyFiles", [])},
        raw.get("CacheConfig", {}).get("Enabled", True) is not False,
        frozenset({*raw.get("DependsOn", []), *_find_references(name, arguments)}),
        branches,
    )


def _list_restricted_parts(kind: str, arguments: Json) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    """Yield each part that AWS supports further than this runner: (its name, the values supported here, its value)."""
    if kind == "Training":
        yield "TrainingInputMode", ("File",), arguments["AlgorithmSpecification"].get("TrainingInputMode", "File")
        yield "InstanceCount", (1,), arguments["ResourceConfig"].get("InstanceCount", 1)
        for channel in arguments.get("InputDataConfig", []):
            yield "CompressionType", ("None",), channel.get("CompressionType", "None")
            yield "InputMode", ("File",), channel.get("InputMode", "File")
    if kind == "Processing":
        yield "InstanceCount", (1,), arguments["ProcessingResources"]["ClusterConfig"].get("InstanceCount", 1)
        for input_ in arguments.get("ProcessingInputs", []):
            yield "DatasetDefinition", (None,), input_.get("DatasetDefinition")
            yield "S3InputMode", ("File",), input_.get("S3Input", {}).get("S3InputMode", "File")
        for output in arguments.get("ProcessingOutputConfig", {}).get("Outputs", []):
            yield "S3UploadMode", ("EndOfJob",), output["S3Output"].get("S3UploadMode", "EndOfJob")
    if kind in {"Training", "Processing"}:
        network = arguments.get("NetworkConfig") or {}
        yield "VpcConfig", (None,), arguments.get("VpcConfig") or network.get("VpcConfig")
        container = arguments.get("AppSpecification") or arguments["AlgorithmSpecification"]
        yield "ContainerEntrypoint", ("python3 …",), "python3 …" if container.get("ContainerEntrypoint", [""])[0] == "python3" else None


def _find_references(name: str, value: Any) -> Iterator[str]:
    """Yield the steps that a value refers to; refuse an unknown function."""
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
            yield from _find_references(name, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _find_references(name, inner)
