"""The tensors of the Open Inference Protocol, version 2, into instances: {"inputs": [{"name", "shape", "datatype", "data"}]}."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from functions.shared.reading.arrays.nesting import DEEPEST, count_instances
from functions.shared.reading.documents import column_tensors
from functions.shared.reading.units import refuse_other_units
from recipes.errors import Malformed, NotANumber, UnsupportedType, WrongShape
from recipes.instances import format_shape
from recipes.recipe import Recipe

NUMBERS = ("UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64")
DATATYPES = ("BOOL", *NUMBERS, "BYTES")
OF_DTYPE = {"uint8": "UINT8", "float32": "FP32"}


class Tensor(NamedTuple):
    """The instances in tensors, each a flat list, a picture as base64, or a row by its columns' names.

    Args:    called: what one is called in errors, by its index.
    """

    values: list[Any]
    called: str


def read_tensors(tensors: Sequence[Any], recipe: Recipe) -> Tensor:
    """Return the instances in the tensors of a request, their data flat or nested: in one, or of a table in one for each column.

    Raises:  Malformed, WrongShape, NotANumber, UnsupportedType: there are others, or it is none of the recipe's instances.
    """
    if column_tensors.has_columns(tensors, recipe):
        column_tensors.check_names(called := [str(tensor.get("name")) for tensor in tensors])
        columns = {name: _read_values(tensor) for name, tensor in zip(called, tensors, strict=True)}
        return Tensor(column_tensors.join_columns(columns, recipe), "instance {} of the tensors")
    if len(tensors) != 1:
        names = ", ".join(repr(str(each.get("name"))[:40]) for each in tensors if isinstance(each, dict))
        raise Malformed(f"the request has {len(tensors)} input tensors, {names}; expected one", advice=advise_tensors(recipe))
    (tensor,) = tensors
    refuse_other_units([str(tensor.get("name"))], "the tensor", recipe)
    values = _read_values(tensor)
    if tensor["datatype"] == "BYTES":
        return Tensor(values, "inputs[0].data[{}]")
    shape, size = tensor["shape"], recipe.instance_size
    count = count_instances(tuple(shape), recipe)
    if count is None:
        lengths = format_shape(recipe.instance_shape)
        raise WrongShape(
            f"the tensor has shape {shape}; expected [N, {lengths}] or [N, {recipe.instance_size}]", advice=advise_tensors(recipe)
        )
    rows = [values[index * size : (index + 1) * size] for index in range(count)]
    if recipe.categories:
        return Tensor([column_tensors.name_codes(row, recipe) for row in rows], "inputs[0].data, instance {}")
    return Tensor(rows, "inputs[0].data, instance {}")


def advise_tensors(recipe: Recipe) -> str:
    """Return how tensors are sent."""
    if len(recipe.features) > 1 or recipe.categories:
        return column_tensors.advise(recipe)
    shape = format_shape((1, *recipe.instance_shape))
    return f'Send {{"inputs": [{{"name": "x", "shape": [{shape}], "datatype": "{OF_DTYPE[recipe.dtype]}", "data": […]}}]}}.'


def _read_values(tensor: Mapping[str, Any]) -> list[Any]:
    """Return a tensor's values, row by row; raise the error of one that is not as it says itself."""
    shape, datatype, data = tensor.get("shape"), tensor.get("datatype"), tensor.get("data")
    if datatype not in DATATYPES:
        raise UnsupportedType(f"the tensor's datatype is {str(datatype)[:40]!r}; expected one of {', '.join(DATATYPES)}")
    if "data" not in tensor:
        raise UnsupportedType("the tensor has no data in its JSON: the binary extension is not read here", advice="Send the data as JSON.")
    if not isinstance(shape, list) or len(shape) > DEEPEST or not all(type(length) is int and length >= 0 for length in shape):
        raise Malformed(f"the tensor's shape is {str(shape)[:80]}; expected a list of lengths")
    values = _flatten(data, shape)
    if datatype == "BYTES":
        return values
    if datatype == "BOOL":
        values = [bool(value) if value in {0, 1} else value for value in values if not isinstance(value, list | dict)]
    wrong = next((value for value in values if isinstance(value, bool) is not (datatype == "BOOL")), None)
    if wrong is not None:
        raise NotANumber(f"the tensor's datatype is {datatype}, and a value is {str(wrong)[:20].lower()}")
    return values


def _flatten(data: Any, shape: list[int]) -> list[Any]:
    """Return a tensor's values, row by row."""
    values, depth = data if isinstance(data, list) else [data], 0
    while values and all(isinstance(value, list) for value in values) and depth < DEEPEST:
        values, depth = [inner for value in values for inner in value], depth + 1
    if len(values) != prod(shape):
        raise WrongShape(f"the tensor's shape {shape} means {prod(shape):,} values; its data has {len(values):,}")
    return values
