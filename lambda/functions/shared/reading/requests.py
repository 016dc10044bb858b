"""The body of a request into a batch of instances, without numpy: a bundle with numpy is three times as large and starts half as fast."""

import json
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from functions.shared.json_body import parse_json
from functions.shared.pictures import decode_picture
from functions.shared.reading.rows import Note
from recipes import instances, npy
from recipes.errors import Malformed, WrongShape
from recipes.instances import ITEM_BYTES
from recipes.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Batch:
    """The instances of a request.

    Args:    instances: their bytes, one after another, each of the recipe's size.
             notes: on how they were read.
             counts: how many instances stand beside each other in a picture, by its index, where they are several.
             details: what the answer says of each instance beside its prediction; empty if that is nothing for all of them.
    """

    instances: bytes
    notes: tuple[Note, ...] = ()
    counts: Mapping[int, int] = field(default_factory=dict)
    details: tuple[Mapping[str, Any], ...] = ()


def read_image(body: bytes, recipe: Recipe) -> Batch:
    """Return the one instance a picture shows."""
    return _read_picture(body, recipe)


def read_json(body: bytes, recipe: Recipe) -> Batch:
    """Return the instances in {"instances": […]}, a bare instance, a list of instances or {"image": base64}."""
    document = parse_json(body)
    if isinstance(document, dict) and "image" in document:
        if "instances" in document:
            raise Malformed('the body has both "image" and "instances"; expected one of them')
        return _read_picture(decode_picture(document["image"], '"image"'), recipe)
    # `parse_json` takes UTF-8 alone: in UTF-16 these would not be found.
    may_hold_booleans = b"true" in body or b"false" in body
    nested = _list_instances(document, recipe)
    return Batch(b"".join(instances.from_json(nested, recipe.instance_shape, may_hold_booleans=may_hold_booleans, dtype=recipe.dtype)))


def read_csv(body: bytes, recipe: Recipe) -> Batch:
    """Return the instances of a CSV body, an instance a line."""
    return Batch(b"".join(instances.from_csv(body, recipe.instance_shape, json.loads, dtype=recipe.dtype)))


def read_npy(body: bytes, recipe: Recipe) -> Batch:
    """Return the instances of an .npy array: [N, *shape], [*shape], [N, size] or [size], of any type whose values are the recipe's."""
    header = npy.read_header(body)
    shape, size = recipe.instance_shape, recipe.instance_size
    if header.shape not in {shape, (size,)} and header.shape[1:] not in {shape, (size,)}:
        lengths = instances.format_shape(shape)
        raise WrongShape(f"the array has shape {list(header.shape)}; expected [N, {lengths}], [{lengths}], [N, {size}] or [{size}]")
    npy.check_length(body, header, npy.get_item_bytes(header, recipe.dtype))
    values = npy.convert(body[header.offset :], header, recipe.dtype)
    return Batch(_in_c_order(values, header.shape, ITEM_BYTES[recipe.dtype]) if header.fortran_order else values)


def _read_picture(image: bytes, recipe: Recipe) -> Batch:
    found = recipe.read_image(image)
    return Batch(found.values, counts={0: found.count} if found.count > 1 else {})


def _list_instances(document: Any, recipe: Recipe) -> list[Any]:
    """Return the list of instances that a document means."""
    if not isinstance(document, list):
        return instances.require_list(document)
    if not document or not isinstance(document[0], list):
        return [document]  # one instance, flat
    nested_once = len(recipe.instance_shape) > 1 and not (document[0] and isinstance(document[0][0], list))
    # [28 lists of 28] is one instance; [N lists of 784] is N.
    return [document] if nested_once and len(document[0]) == recipe.instance_shape[-1] else document


def _in_c_order(values: bytes, shape: tuple[int, ...], item: int) -> bytes:
    """Return values stored with the first index fastest in the order with the last index fastest."""
    if len(shape) < 2 or not prod(shape):
        return values
    step, cells = shape[0], array("B" if item == 1 else "f", values)
    return b"".join(_in_c_order(cells[index::step].tobytes(), shape[1:], item) for index in range(step))
