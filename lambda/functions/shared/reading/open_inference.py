"""The tensors of the Open Inference Protocol, version 2, into instances: {"inputs": [{"name", "shape", "datatype", "data"}]}."""

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

from functions.shared.reading.nesting import DEEPEST, count_instances
from recipes.errors import Malformed, NotANumber, UnsupportedType, WrongShape
from recipes.instances import format_shape
from recipes.recipe import Recipe

NUMBERS = ("UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64")
DATATYPES = ("BOOL", *NUMBERS, "BYTES")
EXPECTED = '{"name": "x", "shape": [1, 28, 28], "datatype": "UINT8", "data": […]}'


class Tensor(NamedTuple):
    """A tensor's instances, each a flat list, or a picture as base64; and what one is called in errors, by its index."""

    values: list[Any]
    called: str


def read_tensor(tensors: Sequence[Any], recipe: Recipe) -> Tensor:
    """Return the instances in the one tensor of a request, its data flat or nested.

    Raises:  Malformed, WrongShape, NotANumber, UnsupportedType: there are several, or it is none of the recipe's instances.
    """
    if len(tensors) != 1:
        names = ", ".join(repr(str(each.get("name"))[:40]) for each in tensors if isinstance(each, dict))
        raise Malformed(f"the request has {len(tensors)} input tensors, {names}; expected one", advice=f"Send {EXPECTED}.")
    (tensor,) = tensors
    shape, datatype, data = tensor.get("shape"), tensor.get("datatype"), tensor.get("data")
    if datatype not in DATATYPES:
        raise UnsupportedType(f"the tensor's datatype is {str(datatype)[:40]!r}; expected one of {', '.join(DATATYPES)}")
    if "data" not in tensor:
        raise UnsupportedType("the tensor has no data in its JSON: the binary extension is not read here", advice="Send the data as JSON.")
    if not isinstance(shape, list) or len(shape) > DEEPEST or not all(type(length) is int and length >= 0 for length in shape):
        raise Malformed(f"the tensor's shape is {str(shape)[:80]}; expected a list of lengths")
    values = _flatten(data, shape)
    if datatype == "BYTES":
        return Tensor(values, "inputs[0].data[{}]")
    if datatype == "BOOL":
        values = [bool(value) if value in {0, 1} else value for value in values if not isinstance(value, list | dict)]
    wrong = next((value for value in values if isinstance(value, bool) is not (datatype == "BOOL")), None)
    if wrong is not None:
        raise NotANumber(f"the tensor's datatype is {datatype}, and a value is {str(wrong)[:20].lower()}")
    count = count_instances(tuple(shape), recipe)
    if count is None:
        lengths = format_shape(recipe.instance_shape)
        raise WrongShape(f"the tensor has shape {shape}; expected [N, {lengths}] or [N, {recipe.instance_size}]")
    size = recipe.instance_size
    return Tensor([values[index * size : (index + 1) * size] for index in range(count)], "inputs[0].data, instance {}")


def _flatten(data: Any, shape: list[int]) -> list[Any]:
    """Return a tensor's values, row by row."""
    values, depth = data if isinstance(data, list) else [data], 0
    while values and all(isinstance(value, list) for value in values) and depth < DEEPEST:
        values, depth = [inner for value in values for inner in value], depth + 1
    if len(values) != prod(shape):
        raise WrongShape(f"the tensor's shape {shape} means {prod(shape):,} values; its data has {len(values):,}")
    return values
