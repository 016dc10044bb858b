"""RecordIO-protobuf, the format that SageMaker's linear learner trains on. For training and tests only.

A file is one record after another: magic 0xced7230a, length (both little-endian uint32), a serialized Record, zeros up to a multiple of 4.
A record whose tensor has keys is sparse: its values stand at those places of `shape`, the others are 0.

Source:  SageMaker's "Common Data Formats for Training" (record.proto), MXNet's RecordIO.
"""

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory, text_format

from recipes.dataset import Array, Split
from recipes.errors import Malformed

MAGIC = 0xCED7230A
KEY = "values"
MAX_VALUES = 1 << 20  # of one sparse record: its shape is not to be trusted

# What is used here of SageMaker's record.proto. Its map<string, Value> is, serialized, a list of entries.
SCHEMA = """
name: "record.proto"  package: "aialgs.data"
message_type { name: "Record"
  field { name: "features"  number: 1  label: LABEL_REPEATED  type: TYPE_MESSAGE  type_name: "Entry" }
  field { name: "label"     number: 2  label: LABEL_REPEATED  type: TYPE_MESSAGE  type_name: "Entry" } }
message_type { name: "Entry"
  field { name: "key"    number: 1  label: LABEL_OPTIONAL  type: TYPE_STRING }
  field { name: "value"  number: 2  label: LABEL_OPTIONAL  type: TYPE_MESSAGE  type_name: "Value" } }
message_type { name: "Value"
  field { name: "float32_tensor"  number: 2  label: LABEL_OPTIONAL  type: TYPE_MESSAGE  type_name: "Float32Tensor" } }
message_type { name: "Float32Tensor"
  field { name: "values"  number: 1  label: LABEL_REPEATED  type: TYPE_FLOAT   options { packed: true } }
  field { name: "keys"    number: 2  label: LABEL_REPEATED  type: TYPE_UINT64  options { packed: true } }
  field { name: "shape"   number: 3  label: LABEL_REPEATED  type: TYPE_UINT64  options { packed: true } } }
"""
_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(text_format.Parse(SCHEMA, descriptor_pb2.FileDescriptorProto()))
Record = message_factory.GetMessageClass(_POOL.FindMessageTypeByName("aialgs.data.Record"))


def write(split: Split) -> bytes:
    """Return the split's records: inputs [N, features] and targets [N] as float32."""
    records = []
    for inputs, target in zip(split.inputs.reshape(len(split), -1), split.targets, strict=True):
        record = Record()
        record.features.add(key=KEY).value.float32_tensor.values.extend(inputs.tolist())
        record.label.add(key=KEY).value.float32_tensor.values.append(target)
        content = record.SerializeToString()
        records.append(struct.pack("<II", MAGIC, len(content)) + content + bytes(-len(content) % 4))
    return b"".join(records)


def read(content: bytes) -> Split:
    """Return the records' inputs, float32 [N, features], and targets, float32 [N].

    Raises:  Malformed: not RecordIO, a record without "values" or a label, or records of different lengths.
    """
    inputs: list[Array] = []
    targets: list[float] = []
    for number, serialized in enumerate(_split_records(content), 1):
        try:
            record = Record.FromString(serialized)
            instance, label = _read_values(record.features), _read_values(record.label)
        except (message.DecodeError, ValueError) as error:
            raise Malformed(f'record {number} has no float32 "values" as features and label: {error}') from error
        if len(label) != 1 or len(instance) != len(inputs[0] if inputs else instance):
            raise Malformed(
                f"record {number} has {len(instance)} features and {len(label)} labels; expected one label, and as many features as others"
            )
        inputs.append(instance)
        targets.append(float(label[0]))
    if not inputs:
        raise Malformed("the file does not hold any record", advice="Name a file of RecordIO-protobuf.")
    return Split(np.stack(inputs), np.array(targets, np.float32))


def _split_records(content: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        magic, length = struct.unpack_from("<II", content, at) if at + 8 <= len(content) else (0, 0)
        if magic != MAGIC or at + 8 + length > len(content):
            raise Malformed(f"no record begins at byte {at:,}: expected 0x{MAGIC:x}, a length and as many bytes")
        yield content[at + 8 : at + 8 + length]
        at += 8 + length + -length % 4


def _read_values(entries: Any) -> Array:
    """Return the float32 values of a record's features or label."""
    tensors = {entry.key: entry.value.float32_tensor for entry in entries}
    if KEY not in tensors:
        raise ValueError(f"its keys are {[key[:20] for key in tensors]}; expected {KEY!r}")
    tensor = tensors[KEY]
    values = np.array(tensor.values, np.float32)
    if not tensor.keys or not tensor.shape:
        return values
    (length,) = tensor.shape
    if length > MAX_VALUES or max(tensor.keys) >= length:
        raise ValueError(f"its shape is {length} and its largest key {max(tensor.keys)}; expected at most {MAX_VALUES}, and a smaller key")
    dense = np.zeros(length, np.float32)
    dense[list(tensor.keys)] = values
    return dense
