"""Models to roll out: the shipped one under another version, and what can be wrong with one, as archives that registries take."""

import hashlib
import json

import onnx
from onnx import TensorProto, helper, parser

from benchmarks.harness import PRETRAINED
from recipes.models.archive import pack

SIDE, SLOW_STEPS = 512, 480  # a product of two matrices of this side, so many times an inference: well over a second of one core
PICKY_LABEL = 3
# Made of the pixels, or it would be worked out once, when the model is loaded.
WASTE = f"""
agraph (uint8[N, 28, 28] pixels, float[N, 10] answers) => (float[N, 10] probabilities)
<int64[2] square = {{{SIDE}, {SIDE}}}, int64 steps = {{{SLOW_STEPS}}}> {{
    useless_pixels = Cast <to = 1> (pixels)
    brightest = ReduceMax <keepdims = 0> (useless_pixels)
    filled = Expand (brightest, square)
    waste = Loop (steps, , filled) <body = step (int64 at, bool going, float[{SIDE}, {SIDE}] matrix)
        => (bool goes_on, float[{SIDE}, {SIDE}] product) {{
            goes_on = Identity (going)
            product = MatMul (matrix, still)
        }}>
    nothing = ReduceMax <keepdims = 0> (waste)
    probabilities = Add (answers, nothing)
}}"""
LOOKS_UP = f"""
agraph (float[N, 10] answers) => (float[N, 10] probabilities)
<int64 picky_label = {{{PICKY_LABEL}}}, float[1] only = {{0.0}}> {{
    label = ArgMax <axis = 1, keepdims = 1> (answers)
    is_picky = Equal (label, picky_label)
    index = Cast <to = 7> (is_picky)
    nothing = Gather (only, index)
    probabilities = Add (answers, nothing)
}}"""


def build_good(version: str) -> bytes:
    """Return the shipped model under another version."""
    return _build_archive(_load_shipped(), version)


def build_unstartable(version: str) -> bytes:
    """Return an archive whose digest is not its manifest's, which no server takes."""
    return _build_archive(_load_shipped(), version, sha256="0" * 64)


def build_slow(version: str) -> bytes:
    """Return the shipped model with a long, useless loop behind it: the same answers, over a second late."""
    still = helper.make_tensor("still", TensorProto.FLOAT, [SIDE, SIDE], [0.0] * SIDE * SIDE)
    return _build_archive(_append_graph(WASTE, still), version)


def build_picky(version: str) -> bytes:
    """Return the shipped model, failing whenever its answer would be a 3: it looks up what is not there."""
    return _build_archive(_append_graph(LOOKS_UP), version)


def _load_shipped() -> onnx.ModelProto:
    return onnx.load(PRETRAINED / "model.onnx")


def _append_graph(text: str, *constants: TensorProto) -> onnx.ModelProto:
    """Return the shipped model with a graph behind it, which takes its `answers` and gives the probabilities in their place."""
    model, behind = _load_shipped(), parser.parse_graph(text)
    (last,) = (node for node in model.graph.node if "probabilities" in node.output)
    last.output[:] = ["answers"]
    nodes = list(model.graph.node)
    at = nodes.index(last) + 1  # what reads the probabilities stands behind what gives them
    del model.graph.node[:]
    model.graph.node.extend([*nodes[:at], *behind.node, *nodes[at:]])
    model.graph.initializer.extend([*behind.initializer, *constants])
    return model


def _build_archive(model: onnx.ModelProto, version: str, **changes: str) -> bytes:
    content = model.SerializeToString()
    shipped = json.loads((PRETRAINED / "manifest.json").read_text())
    manifest = {**shipped, "version": version, "sha256": hashlib.sha256(content).hexdigest(), **changes}
    return pack({"model.onnx": content, "manifest.json": json.dumps(manifest).encode()})
