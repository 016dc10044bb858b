"""Replaces the expressions of a definition by their values, once the steps that they name have run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PART = re.compile(r"\.?([^.\[\]]+)|\['([^']+)'\]")


@dataclass(slots=True)
class Scope:
    """The values that expressions may refer to.

    Args:    parameters: by name.
             execution: PipelineExecutionId, PipelineName, ….
             steps: each finished step's properties, in the shape of its job's description.
             files: the content of property files, by step and name.
    """

    parameters: Mapping[str, Any]
    execution: Mapping[str, str]
    steps: dict[str, Any] = field(default_factory=dict)
    files: dict[tuple[str, str], Any] = field(default_factory=dict)


def resolve(value: Any, scope: Scope) -> Any:
    """Return the value with every expression in it replaced.

    Raises:  ValueError: it refers to something that does not exist.
    """
    if isinstance(value, list):
        return [resolve(inner, scope) for inner in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Get"}:
        return _resolve_get(value["Get"], scope)
    if value.keys() == {"Std:Join"}:
        join = value["Std:Join"]
        return join["On"].join(str(resolve(inner, scope)) for inner in join["Values"])
    if value.keys() == {"Std:JsonGet"}:
        json_get = value["Std:JsonGet"]
        _, step, _, name = json_get["PropertyFile"]["Get"].split(".")
        return _look_up(scope.files.get((step, name)), json_get["Path"], f"{step}'s {name}")
    return {key: resolve(inner, scope) for key, inner in value.items()}


def _resolve_get(path: str, scope: Scope) -> Any:
    roots = {"Parameters": scope.parameters, "Execution": scope.execution, "Steps": scope.steps}
    root, _, rest = path.partition(".")
    return _look_up(roots[root], rest, f"the {root.lower()}") if root in roots else _look_up(roots, path, "expressions")


def _look_up(value: Any, path: str, source: str) -> Any:
    for plain, quoted in PART.findall(path):
        name = plain or quoted
        try:
            value = value[int(name)] if isinstance(value, list) else value[name]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ValueError(f"{source} have no {path}") from error
    return value
