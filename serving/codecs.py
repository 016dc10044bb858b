"""Request bodies into uint8 instances. An error names the place and what stands there; nothing here knows HTTP.

Every decoder takes the body and the shape of one instance and gives uint8 [N, *shape]. The common case is a few C calls; only when one of
them refuses is the body walked value by value to say where it is wrong.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import orjson

from recipes import instances
from recipes.errors import Malformed, UnsupportedType, WrongShape
from serving import npy

UInt8 = npt.NDArray[np.uint8]
Shape = tuple[int, ...]
NPY, CSV, JSON, PNG, JPEG = "application/x-npy", "text/csv", "application/json", "image/png", "image/jpeg"
PICTURES = (PNG, JPEG)


def media_type(header: str) -> str:
    """Return a Content-Type's media type: lower case, without parameters."""
    return header.partition(";")[0].strip().lower()


def decoder(content_type: str, shape: Shape, from_image: Callable[[bytes], bytes] | None) -> Callable[[bytes], UInt8]:
    """Return what reads this content type; raise UnsupportedType naming those that can be read.

    Args:    content_type: the header as it came.
             shape: of one instance.
             from_image: the recipe's transform from a picture to one instance, or None if it takes no pictures.
    """
    kind = media_type(content_type)
    if kind in PICTURES and from_image is not None:
        return lambda body: np.frombuffer(from_image(body), np.uint8).reshape(1, *shape)
    if kind in DECODERS:
        decode = DECODERS[kind]
        return lambda body: decode(body, shape)
    raise UnsupportedType(
        f"the content type is {content_type[:80]!r}" if kind else "the request has no content type",
        advice="Send " + ", ".join([*DECODERS, *(PICTURES if from_image else ())]) + ".",
    )


def from_npy(body: bytes, shape: Shape) -> UInt8:
    """Return the instances of an .npy file holding uint8 [N, *shape] or one instance, [*shape]."""
    array = npy.read(body)
    if array.shape[1:] == shape:
        found = array
    elif array.shape == shape:
        found = array[np.newaxis]
    else:
        raise WrongShape(
            f"the array has shape {list(array.shape)}; expected [N, {instances.lengths(shape)}] or [{instances.lengths(shape)}]"
        )
    return np.ascontiguousarray(found)


def from_csv(body: bytes, shape: Shape) -> UInt8:
    """Return the instances of a CSV body without a header: an instance a line, its values row by row."""
    return _stack(instances.from_csv(body, shape, orjson.loads), shape)


def from_json(body: bytes, shape: Shape) -> UInt8:
    """Return the instances of `{"instances": […]}`, each nested like the shape or flat."""
    try:
        document = orjson.loads(body)
    except ValueError as error:
        raise Malformed(f"the body is not JSON: {error}") from error
    may_hold_booleans = b"true" in body or b"false" in body
    return _stack(instances.from_json(instances.require_list(document), shape, may_hold_booleans=may_hold_booleans), shape)


def _stack(rows: list[bytes], shape: Shape) -> UInt8:
    return np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), *shape)


DECODERS: dict[str, Callable[[bytes, Shape], UInt8]] = {NPY: from_npy, CSV: from_csv, JSON: from_json}
