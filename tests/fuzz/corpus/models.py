"""Hostile model archives, ONNX files, pickles, and other data that training reads."""

import gzip
import io
import json
import pickle
import struct
import tarfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from onnx import TensorProto, helper, load_model_from_string

from tests import tiny_model
from tests.fuzz.corpus.case import Case, constant, cut, overwrite
from tests.fuzz.corpus.tables import IDXS, NPYS

MODEL = tiny_model.onnx_bytes()
MANIFEST = json.dumps(tiny_model.manifest(MODEL)).encode()


def tar(*members: tuple[tarfile.TarInfo, bytes], format_: int = tarfile.GNU_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format_) as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def member(name: str, content: bytes = b"", **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def packed(*members: tuple[tarfile.TarInfo, bytes], **options: int) -> bytes:
    return gzip.compress(tar(*members, **options), 1)


BOTH = member("model.onnx", MODEL), member("manifest.json", MANIFEST)
PLAIN = tar(*BOTH)
KINDS = {"a link": b"2", "a hard link": b"1", "a device": b"3", "a pipe": b"6", "a folder": b"5", "sparse": b"S", "of no kind": b"Z"}
LONG_NAMES = b"".join(tar(member("a" * 200))[:1536] for _ in range(3000))
TARS = {
    "not packed": PLAIN,
    **{f"the model is {name}": packed(member("model.onnx", type=kind, linkname="/etc/passwd"), BOTH[1]) for name, kind in KINDS.items()},
    **{f"a file called {name[:20]!r}": packed(member(name, b"x"), *BOTH) for name in ("../../../x", "/x", "a" * 90_000, "", "\n", "model.onnx/x")},
    **cut(gzip.compress(PLAIN), 6),
    **overwrite(PLAIN, [0, 100, 124, 148, 156, 157, 257, 345], [b"\xff" * 8, bytes(8)]),
    **{f"packed: {name}": gzip.compress(content, 1) for name, content in overwrite(PLAIN, [0, 124, 148, 156, 257, 345, 512], [b"\xff" * 12, b"7" * 12]).items()},
    "a size below zero": gzip.compress(PLAIN[:124] + b"\xff" * 12 + PLAIN[136:], 1),
    "the model twice": packed(*BOTH, BOTH[0]),
    "no manifest": packed(BOTH[0]),
    "no member": packed(),
    "20,000 members": packed(*[member(str(number)) for number in range(20_000)]),
    "60 MB behind it": gzip.compress(PLAIN + bytes(60 << 20), 1),
    "60 MB of another file": packed(member("a", bytes(60 << 20)), *BOTH),
    "a header of 60 MB": packed(member("a", bytes(60 << 20), type=b"x"), *BOTH),
    "a name of 60 MB": packed(member("a", bytes(60 << 20), type=b"L"), *BOTH),
    "3,000 names for one member": gzip.compress(LONG_NAMES, 1),
    "a header without values": packed(member("a", b"5 a\n99999 path=x\n", type=b"x"), *BOTH),
    "a header with a size": packed(member("a", b"20 size=9999999999\n", type=b"x"), *BOTH),
    "a header in no alphabet": packed(member("a", b"12 path=\xff\xfe\n", type=b"x"), *BOTH),
    "a model of another digest": packed(member("model.onnx", b"other"), BOTH[1]),
    "links to each other": packed(member("model.onnx", type=b"2", linkname="manifest.json"), member("manifest.json", type=b"2", linkname="model.onnx")),
}  # fmt: skip


def manifest(**changes: object) -> bytes:
    return json.dumps({**tiny_model.manifest(MODEL), **changes}).encode()


WRONG = (
    None,
    0,
    -1,
    1e308,
    "",
    "a" * 100_000,
    [],
    [None],
    {},
    True,
    [[[]]],
    {"shape": [0]},
    {"shape": [1 << 60], "dtype": "uint8", "name": "pixels"},
)
FIELDS = ("schema", "labels", "input", "output", "sha256", "version")
MANIFESTS = {
    **{f"{field} is {str(value)[:20]}": manifest(**{field: value}) for field in FIELDS for value in WRONG[:: 1 if field == "input" else 3]},
    "no JSON": b"{",
    "not an object": b"[]",
    "lists in lists": b"[" * 100_000,
    "a number of 5,000 digits": b'{"schema": %b}' % (b"9" * 5000),
    "UTF-16": MANIFEST.decode().encode("utf-16"),
    "no UTF": b"\xff\xfe\xff",
}


def onnx(change: Any) -> bytes:
    """Return the small model after a change."""
    model = load_model_from_string(MODEL)
    change(model)
    return bytes(model.SerializeToString())


def node(kind: str, **attributes: object) -> Any:
    def change(model: Any) -> None:
        model.graph.node.insert(0, helper.make_node(kind, ["pixels"], ["added"], **attributes))

    return change


def point_outside(model: Any) -> None:
    for tensor in model.graph.initializer:
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        entry = tensor.external_data.add()
        entry.key, entry.value = "location", "../../../../../../etc/passwd"


def announce(model: Any) -> None:
    model.graph.initializer[2].dims[0] = 1 << 40


def loop(model: Any) -> None:
    model.graph.node[-1].input[0] = model.graph.node[-1].output[0]


ONNXS = {
    "nothing": b"",
    "noise": bytes(range(256)) * 20,
    **cut(MODEL, 7),
    **overwrite(MODEL, range(0, 120, 10), [b"\xff\xff\xff\xff"]),
    "an operation that there is not": onnx(node("NoSuchThing")),
    "an operation of another domain": onnx(node("Relu", domain="com.example")),
    "weights in another file": onnx(point_outside),
    "weights that announce the world": onnx(announce),
    "a graph that runs in circles": onnx(loop),
    "no graph": onnx(lambda model: model.ClearField("graph")),
    "no operations": onnx(lambda model: model.graph.ClearField("node")),
    "no input": onnx(lambda model: model.graph.ClearField("input")),
    "no output": onnx(lambda model: model.graph.ClearField("output")),
    "another version of operations": onnx(lambda model: setattr(model.opset_import[0], "version", 9999)),
    "another version of ONNX": onnx(lambda model: setattr(model, "ir_version", 9999)),
    "an input of another name": onnx(lambda model: setattr(model.graph.input[0], "name", "other")),
    "an input of another type": onnx(lambda model: setattr(model.graph.input[0].type.tensor_type, "elem_type", TensorProto.STRING)),
    "an input of another size": onnx(lambda model: setattr(model.graph.input[0].type.tensor_type.shape.dim[1], "dim_value", -5)),
    "no softmax": tiny_model.onnx_bytes(softmax=False),
    "lists in lists": b"\x3a\xff\x01" * 5000,
}  # fmt: skip

PAIR = np.full((1, 784), 0.5, np.float32), np.ones(1, np.int64)
PICKLE = pickle.dumps((PAIR,) * 3, protocol=2)


class Call:
    """Pickled as the call of a function."""

    def __init__(self, function: Any, *arguments: object) -> None:
        self._call = function, arguments

    def __reduce__(self) -> Any:
        return self._call


def nested_lists(depth: int) -> object:
    values: object = [0.5] * 10
    for _ in range(depth):
        values = [values] * 10
    return values


def three(images: object) -> bytes:
    return pickle.dumps(((images, PAIR[1]),) * 3, 2)


OPCODES = {
    "a call of the system": b"cos\nsystem\n(S'true'\ntR.",
    "a call of eval": b"cbuiltins\neval\n(S'1'\ntR.",
    "an array of 8 GB": three(Call(np.ndarray, ((1 << 30,),))),
    "an array of 8 EB": three(Call(np.ndarray, ((1 << 60,),))),
    "a scalar of 1 GB": three(Call(np.dtype, "V1000000000")),
    "lists of the same list": three(nested_lists(9)),
    "an instance": b"(S'true'\nios\nsystem\n.",
    "bytes of 2^62": b"\x80\x04\x8e" + struct.pack("<Q", 1 << 62) + b".",
    "a number of 2 GB": b"\x80\x02\x8b" + struct.pack("<i", (1 << 31) - 1) + b".",
    "a number below no bytes": b"\x80\x02\x8b" + struct.pack("<i", -5) + b".",
    "a frame of 2^62": b"\x80\x04\x95" + struct.pack("<Q", 1 << 62) + b".",
    "protocol 255": b"\x80\xff.",
    "memory at 2^32": b"\x80\x02Nr\xff\xff\xff\xff.",
    "no mark": b"t.",
    "a reference that is not there": b"g5\n.",
    "an extension": b"\x82\x01.",
    "an id of its own": b"P5\n.",
    "100,000 tuples in tuples": b"\x80\x02)" + b"\x85" * 100_000 + b".",
    "100,000 lists": b"\x80\x02" + b"]" * 100_000 + b".",
    "no end": PICKLE[:-1],
    "nothing": b"",
    "an array of text": three(np.array(["a"] * 784)),
    "an array of objects": three(np.array([[None] * 784], object)),
    "an array of other sizes": three(np.zeros((3, 5), np.float32)),
    "values that are not numbers": three(np.full((1, 784), np.nan, np.float32)),
    "an array of 2^20 axes": PICKLE.replace(b"K\x01M\x10\x03\x86", b"(" + b"K\x01" * 5000 + b"t"),
}
PICKLES = {
    **{name: gzip.compress(content, 1) for name, content in {**OPCODES, **cut(PICKLE, 7), **overwrite(PICKLE, range(2, 130, 12), [b"\xff\xff"])}.items()},
    "not packed": PICKLE,
    "packed and cut": gzip.compress(PICKLE)[:-9],
    "60 MB of zeros": gzip.compress(bytes(60 << 20), 1),
}  # fmt: skip
RECORD = struct.pack("<II", 0xCED7230A, 12) + b"\n\x08\n\x06values" + bytes(2)
RECORDS = {
    "nothing": b"",
    "a magic alone": RECORD[:4],
    "an empty record": RECORD[:4] + bytes(4),
    "a record of 4 GB": RECORD[:4] + b"\xff" * 4 + bytes(100),
    "a record without values": RECORD,
    **overwrite(RECORD, range(8, 20, 2), [b"\xff\xff"]),
}
TABLES = {
    "nothing": b"",
    "a header alone": b"a,b",
    "text": b"a,b\nx,y",
    "other widths": b"a,b\n1,2\n1,2,3",
    "a quote that never ends": b'a,b\n"' + b"1," * 100_000,
    "a cell of 200 kB": b"a,b\n" + b"1" * 200_000 + b",2",
    "no UTF-8": b"a,b\n\xff,\xfe",
    "not finite": b"a,b\n1,nan\n2,inf",
    "a million columns": b"1," * 1_000_000,
    "NUL": b"a,b\n\0,1",
}


def list_cases() -> Iterator[Case]:
    """Give the models and data, each to what reads it."""
    yield from constant("archive", TARS, "tar")
    yield from constant("manifest", MANIFESTS, "manifest")
    yield from constant("onnx", ONNXS, "onnx")
    yield from constant("pickle", PICKLES, "pickle")
    yield from constant("idx", IDXS, "idx of a data set")
    yield from constant("split", {name: NPYS[name] for name in list(NPYS)[::2]}, "npy of a data set")
    yield from constant("recordio", RECORDS, "recordio")
    yield from constant("table", TABLES, "table of a data set")
