"""Decoders of request bodies into instances. An error names the place and the value there; nothing here knows HTTP.

Every decoder takes the body, the shape of one instance and the type of its values, and gives [N, *shape] of that. The common case is a few
C calls; only when one of them fails is the body checked value by value to say which one is wrong.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from recipes import instances
from recipes.errors import Malformed, UnsupportedType, WrongShape
from recipes.instances import DType
from recipes.media_types import CSV, JSON, NPY, PICTURES, read_media_type
from recipes.npy import DESCRS
from serving.bodies import npy
from serving.bodies.json_pieces import PIECE_BYTES, load_instances
from serving.bodies.level_text import LEAST_BYTES, read_csv, read_json

Instances = npt.NDArray[Any]  # of the manifest's dtype
Shape = tuple[int, ...]


def choose_decoder(
    content_type: str, shape: Shape, from_image: Callable[[bytes], bytes] | None, dtype: DType = "uint8"
) -> Callable[[bytes], Instances]:
    """Return what reads this content type; raise UnsupportedType naming those that can be read.

    Args:    content_type: the header as it came.
             shape: of one instance.
             from_image: the recipe's transform from a picture to one instance, or None if it takes no pictures.
             dtype: of its values.
    """
    kind = read_media_type(content_type)
    if kind in PICTURES and from_image is not None:
        return lambda body: np.frombuffer(from_image(body), np.uint8).reshape(1, *shape)
    if kind in DECODERS:
        decode = DECODERS[kind]
        return lambda body: decode(body, shape, dtype)
    raise UnsupportedType(
        f"the content type is {content_type[:80]!r}" if kind else "the request has no content type",
        advice="Send " + ", ".join([*DECODERS, *(PICTURES if from_image else ())]) + ".",
    )


def from_npy(body: bytes, shape: Shape, dtype: DType = "uint8") -> Instances:
    """Return the instances of an .npy file holding [N, *shape] of the type, or one instance, [*shape]."""
    array: Instances = npy.read(body) if dtype == "uint8" else npy.read_floats(body)
    if array.shape[1:] == shape:
        instances_ = array
    elif array.shape == shape:
        instances_ = array[np.newaxis]
    else:
        raise WrongShape(
            f"the array has shape {list(array.shape)}; expected [N, {instances.format_shape(shape)}] or [{instances.format_shape(shape)}]"
        )
    return np.ascontiguousarray(instances_)


def from_csv(body: bytes, shape: Shape, dtype: DType = "uint8") -> Instances:
    """Return the instances of a CSV body without a header: an instance a line, its values row by row."""
    if dtype == "uint8" and len(body) >= LEAST_BYTES and (levels := read_csv(body, shape)) is not None:
        return levels
    return _stack(instances.from_csv(body, shape, orjson.loads, dtype=dtype), shape, dtype)


def from_json(body: bytes, shape: Shape, dtype: DType = "uint8") -> Instances:
    """Return the instances of `{"instances": […]}`, each nested like the shape or flat."""
    if dtype == "uint8" and len(body) >= LEAST_BYTES and (levels := read_json(body, shape)) is not None:
        return levels
    listed = load_instances(body, len(shape)) if len(body) > PIECE_BYTES else None
    if listed is None:
        try:
            listed = instances.require_list(orjson.loads(body))
        except ValueError as error:
            raise Malformed(f"the body is not JSON: {error}") from error
    may_hold_booleans = b"true" in body or b"false" in body
    rows = instances.from_json(listed, shape, may_hold_booleans=may_hold_booleans, dtype=dtype)
    return _stack(rows, shape, dtype)


def _stack(rows: list[bytes], shape: Shape, dtype: DType) -> Instances:
    return np.frombuffer(b"".join(rows), DESCRS[dtype]).reshape(len(rows), *shape)


DECODERS: dict[str, Callable[[bytes, Shape, DType], Instances]] = {NPY: from_npy, CSV: from_csv, JSON: from_json}
