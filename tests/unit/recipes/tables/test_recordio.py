"""RecordIO-protobuf, byte for byte as SageMaker's own SDK writes it."""

import struct

import numpy as np
import pytest

from recipes.dataset import Split
from recipes.errors import Malformed
from recipes.tables import recordio

# One record, by hand: 1.1 years, 39343 dollars.
ONE = bytes.fromhex(
    "0a23d7ce" "28000000"  # magic and 40 bytes
    "0a12" "0a0676616c756573" "1208" "1206" "0a04cdcc8c3f"  # features: "values" → Value → float32_tensor → values: 1.1
    "1212" "0a0676616c756573" "1208" "1206" "0a0400af1947"  # label: the same: 39343.0
)  # fmt: skip


def a_split(rows: int = 3, features: int = 2) -> Split:
    values = np.arange(rows * features, dtype=np.float32).reshape(rows, features) / 3
    return Split(values, values.sum(1))


def framed(record: bytes) -> bytes:
    return struct.pack("<II", recordio.MAGIC, len(record)) + record + bytes(-len(record) % 4)


def test_writes_the_bytes_that_the_linear_learner_reads() -> None:
    assert recordio.write(Split(np.array([[1.1]], np.float32), np.array([39343], np.float32))) == ONE


@pytest.mark.parametrize("features", [1, 2, 5, 40])  # 40 floats are more bytes than one byte of a varint counts
def test_reads_what_it_writes(features: int) -> None:
    split = a_split(features=features)
    found = recordio.read(recordio.write(split))
    np.testing.assert_array_equal(found.inputs, split.inputs)
    np.testing.assert_array_equal(found.targets, split.targets)
    assert found.inputs.dtype == found.targets.dtype == np.float32


def test_begins_every_record_at_a_multiple_of_four() -> None:
    record = ONE[8:] + bytes.fromhex("1a0161")  # and a uid of one letter: 43 bytes
    content = framed(record) + framed(record)
    assert len(content) % 4 == 0
    assert recordio.read(content).targets.tolist() == [39343, 39343]


def sparse(keys: str, shape: str) -> bytes:
    """Return a record whose features are 1.0 and 2.0 at these keys of this shape, each the bytes of protobuf's packed numbers."""

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    tensor = field(1, bytes.fromhex("0000803f00000040")) + field(2, bytes.fromhex(keys)) + field(3, bytes.fromhex(shape))
    return framed(field(1, field(1, b"values") + field(2, field(2, tensor))) + ONE[-20:])


def test_puts_the_values_of_a_sparse_record_at_their_keys() -> None:
    assert recordio.read(sparse(keys="0103", shape="04")).inputs.tolist() == [[0, 1, 0, 2]]


HUGE = "ffffffffffffffffff01"  # 2**64 - 1
BROKEN = {
    "nothing": b"",
    "another magic": b"\x00" + ONE[1:],
    "half a record": ONE[:-3],
    "half a header": ONE + ONE[:5],
    "no label": framed(ONE[8:28]),
    "another key": ONE.replace(b"values", b"valves"),
    "a length past the end": ONE.replace(b"\x0a\x12\x0a\x06", b"\x0a\x7f\x0a\x06", 1),
    "a float and a half": ONE.replace(bytes.fromhex("12060a04cdcc8c3f"), bytes.fromhex("12060a03cdcc8c00"), 1),
    "records of two lengths": recordio.write(a_split(features=1)) + recordio.write(a_split(features=2)),
    "a key beyond the shape": sparse(keys="0104", shape="04"),
    "a key beyond any shape": sparse(keys="01" + HUGE, shape="04"),
    "fewer keys than values": sparse(keys="010203", shape="04"),
    "a shape beyond memory": sparse(keys="0103", shape=HUGE),
    "a shape of two axes": sparse(keys="0103", shape="0404"),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_refuses_what_is_broken(content: bytes) -> None:
    with pytest.raises(Malformed):
        recordio.read(content)
