"""Whatever comes, a codec gives instances or raises an InvalidInput: nothing else, and never an instance of another shape."""

import json

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recipes import npy
from recipes.errors import InvalidInput
from serving.bodies import codecs

SHAPE = (2, 3)
HEADER = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3), }"


def read(content_type: str, body: bytes) -> np.ndarray | None:  # type: ignore[type-arg]
    try:
        instances = codecs.choose_decoder(content_type, SHAPE, None)(body)
    except InvalidInput as error:
        said = str(error)
    else:
        said = ""
    if said:
        assert len(said) < 400  # it shows a value, never the payload
        return None
    assert instances.dtype == np.uint8
    assert instances.shape[1:] == SHAPE
    return instances


@settings(max_examples=400)
@given(st.sampled_from(["application/json", "text/csv", "application/x-npy"]), st.binary(max_size=300))
def test_survives_any_bytes(content_type: str, body: bytes) -> None:
    read(content_type, body)


@settings(max_examples=400)
@given(st.text(alphabet="0123456789.,-+eE \r\n\tnaif_\"'[]truefalse\ufeff", max_size=80))
def test_survives_anything_like_csv(body: str) -> None:
    instances = read("text/csv", body.encode())
    if instances is not None:
        values = [float(cell) for line in body.removeprefix("\ufeff").split("\n") if line.strip() for cell in line.split(",")]
        assert instances.ravel().tolist() == values


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 300) | st.floats() | st.text(max_size=5) | st.integers(0, 255),
    lambda inner: st.lists(inner, min_size=1, max_size=6) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=30,
)


@settings(max_examples=400)
@given(json_values)
@example([[[1, 2, 3], [4, 5, True]]])
def test_survives_any_json(instances: object) -> None:
    got = read("application/json", json.dumps({"instances": instances}).encode())
    if got is not None:
        assert isinstance(instances, list)
        assert got.ravel().tolist() == list(flatten(instances))


def flatten(value: object) -> list[object]:
    return [leaf for item in value for leaf in flatten(item)] if isinstance(value, list) else [value]


@settings(max_examples=400)
@given(st.data())
def test_survives_any_npy_header(data: st.DataObject) -> None:
    header = bytearray(HEADER)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(header) - 1))
        header[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    text = bytes(header) + b"\n"
    length = data.draw(st.sampled_from([len(text), len(text) + 1, 0, 65535]))
    version = data.draw(st.sampled_from([b"\x01\x00", b"\x02\x00", b"\x03\x00"]))
    body = npy.MAGIC + version + length.to_bytes(2 if version == b"\x01\x00" else 4, "little") + text + bytes(data.draw(st.integers(0, 12)))
    read("application/x-npy", body)
