"""The input tensors of an Open Inference request: in its JSON, or as bytes behind it, as Triton's clients send them."""

import base64
import json
from typing import Any

from functions.shared.json_body import parse_json
from functions.shared.reading.documents.column_tensors import has_columns
from functions.shared.reading.documents.open_inference import advise_tensors
from recipes import npy
from recipes.errors import Malformed, UnsupportedType
from recipes.recipe import Recipe

# Numpy's names of the protocol's types. The bytes are little-endian.
DESCRS = {
    "BOOL": "|b1",
    **{f"{sign}INT8": f"|{kind}1" for sign, kind in (("U", "u"), ("", "i"))},
    **{f"{sign}INT{8 * size}": f"<{kind}{size}" for sign, kind in (("U", "u"), ("", "i")) for size in (2, 4, 8)},
    **{f"FP{8 * size}": f"<f{size}" for size in (2, 4, 8)},
}


def read_request(content: bytes, json_length: str, recipe: Recipe) -> tuple[dict[str, Any], bytes]:
    """Return the request's JSON, and its inputs as a body that is read here: JSON, or npy.

    Args:    json_length: the header Inference-Header-Content-Length, with which bytes of tensors follow the JSON; "" without it.
    Raises:  Malformed: it is not JSON with a list "inputs", or its parts do not fit together.
    """
    text, binary = content, b""
    if json_length:
        if not json_length.isdecimal() or int(json_length) > len(content):
            raise Malformed(f"Inference-Header-Content-Length is {json_length[:20]!r}; the body has {len(content):,} bytes")
        text, binary = content[: int(json_length)], content[int(json_length) :]
    document = parse_json(text)
    inputs = document.get("inputs") if isinstance(document, dict) else None
    if not isinstance(inputs, list) or not inputs or not all(isinstance(tensor, dict) for tensor in inputs):
        raise Malformed(
            'the body is JSON without a list "inputs" of tensors',
            advice=advise_tensors(recipe),
        )
    if not isinstance(document.get("id", ""), str):
        raise Malformed("the request's id is no string", advice="Send a string, or leave it out.")
    if binary and has_columns(inputs, recipe):
        inputs = _read_columns(inputs, binary)
    elif binary and len(inputs) == 1:
        return document, _read_binary(inputs[0], binary)
    return document, json.dumps({"inputs": inputs}).encode()


def _read_columns(tensors: list[dict[str, Any]], binary: bytes) -> list[dict[str, Any]]:
    """Return tensors with their data in them, of which some or all follows the JSON, in their order."""
    at, read = 0, []
    for tensor in tensors:
        size = _get_binary_size(tensor)
        if size is None:
            read.append(tensor)
            continue
        read.append({**tensor, "data": _parse_values(binary[at : at + size], tensor)})
        at += size
    if at != len(binary):
        raise Malformed(f"the tensors' binary_data_size is {at:,} in all; {len(binary):,} bytes follow the JSON")
    return read


def _parse_values(content: bytes, tensor: dict[str, Any]) -> list[Any]:
    """Return the values of a column's bytes: texts or numbers."""
    descr = _get_descr(tensor)
    if descr is None:
        return [element.decode("utf-8", "replace") for element in _split_elements(content)]
    if descr == DESCRS["BOOL"]:
        return [*map(bool, content)]
    if len(content) % int(descr[2:]):
        raise Malformed(f"a tensor has {len(content):,} bytes, which are no whole number of {tensor['datatype']}")
    return list(npy.parse_values(content, npy.Header((), False, descr, 0)))


def _get_binary_size(tensor: dict[str, Any]) -> int | None:
    parameters = tensor.get("parameters")
    size = parameters.get("binary_data_size") if isinstance(parameters, dict) else None
    if size is not None and (type(size) is not int or size < 0):
        raise Malformed(f"the tensor's binary_data_size is {str(size)[:20]}; expected a number of bytes")
    return size


def _get_descr(tensor: dict[str, Any]) -> str | None:
    """Return numpy's name of a tensor's datatype; None of BYTES."""
    datatype = tensor.get("datatype")
    if datatype != "BYTES" and (not isinstance(datatype, str) or datatype not in DESCRS):
        raise UnsupportedType(f"the tensor's datatype is {str(datatype)[:40]!r}; expected BYTES, {', '.join(DESCRS)}")
    return None if datatype == "BYTES" else DESCRS[datatype]


def _read_binary(tensor: dict[str, Any], binary: bytes) -> bytes:
    """Return a tensor whose data follows the JSON as npy; pictures, of the datatype BYTES, as JSON with base64."""
    shape, size = tensor.get("shape"), _get_binary_size(tensor)
    if size != len(binary):
        raise Malformed(f"the tensor's binary_data_size is {str(size)[:20]}; {len(binary):,} bytes follow the JSON")
    descr = _get_descr(tensor)
    if descr is None:
        data = [base64.b64encode(element).decode() for element in _split_elements(binary)]
        return json.dumps({"inputs": [{**tensor, "data": data}]}).encode()
    if not isinstance(shape, list) or not all(type(length) is int and length >= 0 for length in shape):
        raise Malformed(f"the tensor's shape is {str(shape)[:80]}; expected a list of lengths")
    return npy.write_as(binary, tuple(shape), descr)


def _split_elements(binary: bytes) -> list[bytes]:
    """Return the elements of a tensor of BYTES: each is its length in four bytes, and then itself."""
    elements, at = [], 0
    while at < len(binary):
        end = at + 4 + int.from_bytes(binary[at : at + 4], "little")
        if end > len(binary):
            raise Malformed("an element of the tensor is longer than what follows its length")
        elements.append(binary[at + 4 : end])
        at = end
    return elements
