"""A request's body into the bytes of its instances, without numpy: a bundle with numpy is three times as large and starts half as fast."""

import json
from array import array
from collections.abc import Callable
from math import prod
from typing import Any

from functions.shared.json_body import parse_json
from functions.shared.pictures import decode_picture
from recipes import images, instances, npy
from recipes.errors import Malformed, UnsupportedType, WrongShape
from recipes.instances import ITEM_BYTES
from recipes.media_types import CSV, JPEG, JSON, NPY, OCTET_STREAM, PNG
from recipes.recipe import Recipe

Decoder = Callable[[bytes, Recipe], bytes]


def decode(body: bytes, content_type: str, recipe: Recipe) -> bytes:
    """Return the bytes of the instances in the body, one after another, each of the recipe's size.

    Args:    content_type: a media type; if empty or application/octet-stream, the first bytes tell a picture or an array.
    Raises:  InvalidInput: of the kind that fits, naming the place.
    """
    if content_type in {"", OCTET_STREAM}:
        content_type = images.sniff(body) or (NPY if body.startswith(npy.MAGIC) else content_type)
    decoder = DECODERS.get(content_type)
    if decoder is None:
        known = [kind for kind, decoder in DECODERS.items() if recipe.takes_pictures or decoder is not decode_image]
        raise UnsupportedType(
            f"the content type is {content_type[:80]!r}" if content_type else "the request has no content type",
            advice=f"Send {', '.join(known)}.",
        )
    return decoder(body, recipe)


def decode_image(body: bytes, recipe: Recipe) -> bytes:
    """Return the one instance a picture shows."""
    return recipe.from_image(body)


def decode_json(body: bytes, recipe: Recipe) -> bytes:
    """Return the instances in {"instances": […]}, a bare instance, a list of instances or {"image": base64}."""
    document = parse_json(body)
    if isinstance(document, dict) and "image" in document:
        if "instances" in document:
            raise Malformed('the body has both "image" and "instances"; expected one of them')
        return recipe.from_image(decode_picture(document["image"], '"image"'))
    # `parse_json` takes UTF-8 alone: in UTF-16 these would not be found.
    may_hold_booleans = b"true" in body or b"false" in body
    nested = _list_instances(document, recipe)
    return b"".join(instances.from_json(nested, recipe.instance_shape, may_hold_booleans=may_hold_booleans, dtype=recipe.dtype))


def decode_csv(body: bytes, recipe: Recipe) -> bytes:
    """Return the instances of a CSV body, an instance a line."""
    return b"".join(instances.from_csv(body, recipe.instance_shape, json.loads, dtype=recipe.dtype))


def decode_npy(body: bytes, recipe: Recipe) -> bytes:
    """Return the instances of an .npy array: [N, *shape], [*shape], [N, size] or [size], of any type whose values are the recipe's."""
    header = npy.read_header(body)
    shape, size = recipe.instance_shape, recipe.instance_size
    if header.shape not in {shape, (size,)} and header.shape[1:] not in {shape, (size,)}:
        lengths = instances.format_shape(shape)
        raise WrongShape(f"the array has shape {list(header.shape)}; expected [N, {lengths}], [{lengths}], [N, {size}] or [{size}]")
    npy.check_length(body, header, npy.get_item_bytes(header, recipe.dtype))
    values = npy.convert(body[header.offset :], header, recipe.dtype)
    return _in_c_order(values, header.shape, ITEM_BYTES[recipe.dtype]) if header.fortran_order else values


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


DECODERS: dict[str, Decoder] = {
    PNG: decode_image,
    JPEG: decode_image,
    JSON: decode_json,
    CSV: decode_csv,
    NPY: decode_npy,
}
