"""The input tensor of an Open Inference request: in its JSON, or as bytes behind it, as Triton's clients send it."""

import base64
import json
from typing import Any

from functions.shared.json_body import parse_json
from recipes import npy
from recipes.errors import Malformed, UnsupportedType

# Numpy's names of the protocol's types. The bytes are little-endian.
DESCRS = {
    "BOOL": "|b1",
    **{f"{sign}INT8": f"|{kind}1" for sign, kind in (("U", "u"), ("", "i"))},
    **{f"{sign}INT{8 * size}": f"<{kind}{size}" for sign, kind in (("U", "u"), ("", "i")) for size in (2, 4, 8)},
    **{f"FP{8 * size}": f"<f{size}" for size in (2, 4, 8)},
}


def read_request(content: bytes, json_length: str) -> tuple[dict[str, Any], bytes]:
    """Return the request's JSON, and its one input as a body that is read here: JSON, or npy.

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
            advice='Send {"inputs": [{"name": "x", "shape": [1, 28, 28], "datatype": "UINT8", "data": […]}]}.',
        )
    if not isinstance(document.get("id", ""), str):
        raise Malformed("the request's id is no string", advice="Send a string, or leave it out.")
    if binary and len(inputs) == 1:
        return document, _read_binary(inputs[0], binary)
    return document, json.dumps({"inputs": inputs}).encode()


def _read_binary(tensor: dict[str, Any], binary: bytes) -> bytes:
    """Return a tensor whose data follows the JSON as npy; pictures, of the datatype BYTES, as JSON with base64."""
    parameters, shape, datatype = tensor.get("parameters"), tensor.get("shape"), tensor.get("datatype")
    size = parameters.get("binary_data_size") if isinstance(parameters, dict) else None
    if size != len(binary):
        raise Malformed(f"the tensor's binary_data_size is {str(size)[:20]}; {len(binary):,} bytes follow the JSON")
    if datatype == "BYTES":
        data = [base64.b64encode(element).decode() for element in _split_elements(binary)]
        return json.dumps({"inputs": [{**tensor, "data": data}]}).encode()
    if not isinstance(datatype, str) or datatype not in DESCRS:
        raise UnsupportedType(f"the tensor's datatype is {str(datatype)[:40]!r}; expected BYTES, {', '.join(DESCRS)}")
    if not isinstance(shape, list) or not all(type(length) is int and length >= 0 for length in shape):
        raise Malformed(f"the tensor's shape is {str(shape)[:80]}; expected a list of lengths")
    return npy.write_as(binary, tuple(shape), DESCRS[datatype])


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
