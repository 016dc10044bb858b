"""What a request to SageMaker must look like, by the model of AWS's own client, which checks no more of it than names and types.

Source:  botocore's `sagemaker/…/service-2.json`; the words of a refusal are AWS's.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from emulator.aws_client import find_input_shape
from emulator.sagemaker.errors import validation_exception
from emulator.sagemaker.operation import Operation, Request, Response

Fault = tuple[str, str]  # (where and what, the constraint that it breaks)


def check_shapes(name: str, operation: Operation) -> Operation:
    """Return an operation that refuses what breaks its shape: a member missing, too long, too small, not of the pattern or the values."""

    def checked(request: Request) -> Response:
        require_shape(name, request)
        return operation(request)

    return checked


def require_shape(name: str, request: Request) -> None:
    """Raise SageMaker's ValidationException if a request breaks the shape of its operation."""
    if faults := list(_find_faults(find_input_shape("sagemaker", name), request, "")):
        described = "; ".join(f"{what} failed to satisfy constraint: {constraint}" for what, constraint in faults)
        raise validation_exception(f"{len(faults)} validation error{'s' * (len(faults) > 1)} detected: {described}")


@cache
def _compile(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern of the model, or None if it is one of Java's that Python does not know: those are of descriptions."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _find_faults(shape: Any, value: Any, path: str) -> Iterator[Fault]:
    """Yield what is wrong with a value, and with what it holds."""
    finders: dict[str, Callable[..., Iterator[Fault]]] = {"structure": _find_in_structure, "list": _find_in_list, "map": _find_in_map}
    if shape.type_name in finders:
        yield from finders[shape.type_name](shape, value, path)
    elif shape.type_name == "string":
        yield from _find_in_text(shape, str(value), path)
    elif shape.type_name in {"integer", "long", "float", "double"}:
        yield from _find_out_of_bounds(shape, float(value), f"Value '{value}' at '{path}'", "value")


def _find_in_structure(shape: Any, value: Any, path: str) -> Iterator[Fault]:
    for member in shape.required_members:
        is_filled_in = shape.members[member].metadata.get("idempotencyToken")  # by clients, where a caller leaves it out
        if value.get(member) is None and not is_filled_in:
            yield f"Value null at '{_join(path, member)}'", "Member must not be null"
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _find_faults(member, value[name], _join(path, name))


def _find_in_list(shape: Any, value: Any, path: str) -> Iterator[Fault]:
    yield from _find_out_of_bounds(shape, len(value), f"Value '{value}' at '{path}'", "length")
    for number, each in enumerate(value, 1):
        yield from _find_faults(shape.member, each, f"{path}.{number}.member")


def _find_in_map(shape: Any, value: Any, path: str) -> Iterator[Fault]:
    yield from _find_out_of_bounds(shape, len(value), f"Value '{value}' at '{path}'", "length")
    for key, each in value.items():
        yield from _find_faults(shape.key, key, path)
        yield from _find_faults(shape.value, each, f"{path}.{key}.member")


def _find_in_text(shape: Any, value: str, path: str) -> Iterator[Fault]:
    what, pattern = f"Value '{value}' at '{path}'", shape.metadata.get("pattern")
    yield from _find_out_of_bounds(shape, len(value), what, "length")
    if pattern and (compiled := _compile(pattern)) and not compiled.fullmatch(value):
        yield what, f"Member must satisfy regular expression pattern: {pattern}"
    if shape.enum and value not in shape.enum:
        yield what, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"


def _find_out_of_bounds(shape: Any, size: float, what: str, measure: str) -> Iterator[Fault]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield what, f"Member must have {measure} greater than or equal to {least}"
    if most is not None and size > most:
        yield what, f"Member must have {measure} less than or equal to {most}"


def _join(path: str, member: str) -> str:
    name = member[:1].lower() + member[1:]
    return f"{path}.{name}" if path else name
