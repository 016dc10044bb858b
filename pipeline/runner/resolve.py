"""What the expressions of a definition stand for, once the steps they name have run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PART = re.compile(r"\.?([^.\[\]]+)|\['([^']+)'\]")


@dataclass(slots=True)
class Scope:
    """What expressions may refer to.

    Args:    parameters: by name.
             execution: PipelineExecutionId, PipelineName, ….
             steps: each finished step's properties, in the shape of what describes its job.
             files: the content of property files, by step and name.
    """

    parameters: Mapping[str, Any]
    execution: Mapping[str, str]
    steps: dict[str, Any] = field(default_factory=dict)
    files: dict[tuple[str, str], Any] = field(default_factory=dict)


def resolve(value: Any, scope: Scope) -> Any:
    """Return the value with every expression in it replaced.

    Raises:  ValueError: it refers to what is not there.
    """
    if isinstance(value, list):
        return [resolve(inner, scope) for inner in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Get"}:
        return _get(value["Get"], scope)
    if value.keys() == {"Std:Join"}:
        joined = value["Std:Join"]
        return joined["On"].join(str(resolve(inner, scope)) for inner in joined["Values"])
    if value.keys() == {"Std:JsonGet"}:
        found = value["Std:JsonGet"]
        _, step, _, name = found["PropertyFile"]["Get"].split(".")
        return _walk(scope.files.get((step, name)), found["Path"], f"{step}'s {name}")
    return {key: resolve(inner, scope) for key, inner in value.items()}


def _get(path: str, scope: Scope) -> Any:
    roots = {"Parameters": scope.parameters, "Execution": scope.execution, "Steps": scope.steps}
    root, _, rest = path.partition(".")
    return _walk(roots[root], rest, f"the {root.lower()}") if root in roots else _walk(roots, path, "expressions")


def _walk(value: Any, path: str, of: str) -> Any:
    for plain, quoted in PART.findall(path):
        name = plain or quoted
        try:
            value = value[int(name)] if isinstance(value, list) else value[name]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ValueError(f"{of} have no {path}") from error
    return value
