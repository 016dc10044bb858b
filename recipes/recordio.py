"""RecordIO-protobuf, the format that SageMaker's linear learner trains on, written and read by hand. For training and tests only.

    file    ─ records, one after another:  magic 0xced7230a · length · bytes · zeros up to a multiple of 4    (both little-endian uint32)
    bytes   ─ Record  { features (1), label (2): map<string, Value> }, each with the one key "values"
    Value   ─ { float32_tensor (2): { values (1): packed float, keys (2), shape (3): packed uint64 } }

A record with keys is sparse: its values stand at those places of `shape`, the others are 0.

Source:  SageMaker's "Common Data Formats for Training" (record.proto), MXNet's RecordIO.
"""

import struct
from collections.abc import Iterator

import numpy as np

from recipes.dataset import Array, Split
from recipes.errors import Malformed

MAGIC = 0xCED7230A
KEY = b"values"
MAX_VALUES = 1 << 20  # of one sparse record: its shape is a claim
FEATURES, LABEL = 1, 2
FLOAT32_TENSOR = 2
VALUES, KEYS, SHAPE = 1, 2, 3
BYTES = 2  # protobuf's wire type of what has a length
_FIXED = {1: 8, 5: 4}  # and of what has none


def write(split: Split) -> bytes:
    """Return the split's records: inputs [N, features] and targets [N] as float32."""
    return b"".join(
        _framed(_field(FEATURES, _entry(inputs)) + _field(LABEL, _entry(target)))
        for inputs, target in zip(split.inputs.reshape(len(split), -1), split.targets.reshape(-1, 1), strict=True)
    )


def read(content: bytes) -> Split:
    """Return the records' inputs, float32 [N, features], and targets, float32 [N].

    Raises:  Malformed: not RecordIO, a record without "values" or a label, or records of different lengths.
    """
    inputs: list[Array] = []
    targets: list[float] = []
    for number, record in enumerate(_records(content), 1):
        try:
            parts = dict(_fields(record))
            instance, label = _tensor(parts[FEATURES]), _tensor(parts[LABEL])
        except (KeyError, IndexError, ValueError, struct.error) as error:
            raise Malformed(f'record {number} has no float32 "values" as features and label: {error}') from error
        if len(label) != 1 or len(instance) != len(inputs[0] if inputs else instance):
            raise Malformed(
                f"record {number} has {len(instance)} features and {len(label)} labels; expected one label, and as many as others"
            )
        inputs.append(instance)
        targets.append(float(label[0]))
    if not inputs:
        raise Malformed("the file holds no record", advice="Name a file of RecordIO-protobuf.")
    return Split(np.stack(inputs), np.array(targets, np.float32))


def _framed(record: bytes) -> bytes:
    return struct.pack("<II", MAGIC, len(record)) + record + bytes(-len(record) % 4)


def _records(content: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        magic, length = struct.unpack_from("<II", content, at) if at + 8 <= len(content) else (0, 0)
        if magic != MAGIC or at + 8 + length > len(content):
            raise Malformed(f"no record begins at byte {at:,}: expected 0x{MAGIC:x}, a length and as many bytes")
        yield content[at + 8 : at + 8 + length]
        at += 8 + length + -length % 4


def _entry(values: Array) -> bytes:
    """Return a map's entry: "values" → Value { float32_tensor { values } }."""
    tensor = _field(VALUES, values.astype("<f4").tobytes())
    return _field(1, KEY) + _field(2, _field(FLOAT32_TENSOR, tensor))


def _tensor(entry: bytes) -> Array:
    """Return the float32s of a map's entry."""
    pair = dict(_fields(entry))
    if pair[1] != KEY:
        raise ValueError(f"its key is {pair[1][:20]!r}")
    tensor = dict(_fields(dict(_fields(pair[2]))[FLOAT32_TENSOR]))
    values = np.frombuffer(tensor.get(VALUES, b""), "<f4")
    if SHAPE not in tensor or KEYS not in tensor:
        return values
    (length,), keys = _varints(tensor[SHAPE]), _varints(tensor[KEYS])
    if length > MAX_VALUES:
        raise ValueError(f"its shape is {length}")
    dense = np.zeros(length, np.float32)
    dense[keys] = values
    return dense


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | BYTES) + _varint(len(content)) + content


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Give each field that has a length; the others are skipped."""
    at = 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        if tag & 7 == BYTES:
            length, at = _read_varint(message, at)
            if at + length > len(message):
                raise ValueError("it is cut off")
            yield tag >> 3, message[at : at + length]
            at += length
        elif tag & 7 in _FIXED:
            at += _FIXED[tag & 7]
        elif tag & 7 == 0:
            _, at = _read_varint(message, at)
        else:
            raise ValueError(f"wire type {tag & 7}")


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("a number of more than 64 bits")


def _varints(packed: bytes) -> list[int]:
    values, at = [], 0
    while at < len(packed):
        value, at = _read_varint(packed, at)
        values.append(value)
    return values
