"""A small model that keeps the artefact's contract: a random CNN, so that tests of serving need no trained one."""

import hashlib
import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, load_from_string, numpy_helper

LABELS = list(range(10))


def onnx_bytes(*, softmax: bool = True, trust: bool = False) -> bytes:
    """Return pixels uint8 [N,28,28] → probabilities float32 [N,10]: a convolution, dense, softmax; trust [N] is the highest."""
    random = np.random.default_rng(7)

    def weight(name: str, *shape: int) -> object:
        return numpy_helper.from_array(random.normal(0, 0.5, shape).astype(np.float32), name)

    nodes = [
        helper.make_node("Cast", ["pixels"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["float", "scale"], ["scaled"]),
        helper.make_node("Unsqueeze", ["scaled", "channel"], ["picture"]),
        helper.make_node("Conv", ["picture", "kernel"], ["features"], strides=[4, 4], kernel_shape=[5, 5]),
        helper.make_node("Relu", ["features"], ["bright"]),
        helper.make_node("Flatten", ["bright"], ["flat"]),
        helper.make_node("MatMul", ["flat", "dense"], ["logits"]),
        helper.make_node("Softmax" if softmax else "Identity", ["logits"], ["probabilities"], **({"axis": 1} if softmax else {})),
    ]
    constants = [
        numpy_helper.from_array(np.float32(255), "scale"),
        numpy_helper.from_array(np.array([1], np.int64), "channel"),
        weight("kernel", 4, 1, 5, 5),
        weight("dense", 4 * 6 * 6, 10),
    ]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", 28, 28])
    probabilities = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])
    outputs = [probabilities]
    if trust:
        nodes.append(helper.make_node("ReduceMax", ["probabilities"], ["trust"], axes=[1], keepdims=0))
        outputs.append(helper.make_tensor_value_info("trust", TensorProto.FLOAT, ["N"]))
    graph = helper.make_graph(nodes, "tiny", [pixels], outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    return bytes(model.SerializeToString())


def less_the_mean_of_all() -> bytes:
    """Return the small model with what a batch norm does that was exported in training mode: its own batch's mean is taken off."""
    model = load_from_string(onnx_bytes())
    model.graph.node[-1].input[0] = "centred"
    model.graph.node.insert(len(model.graph.node) - 1, helper.make_node("ReduceMean", ["logits"], ["mean"], axes=[0], keepdims=1))
    model.graph.node.insert(len(model.graph.node) - 1, helper.make_node("Sub", ["logits", "mean"], ["centred"]))
    return bytes(model.SerializeToString())


def manifest(model: bytes, **changes: object) -> dict[str, object]:
    """Return the manifest of a model, with some fields changed."""
    sha256 = hashlib.sha256(model).hexdigest()
    return {
        "schema": 1,
        "recipe": "digits",
        "name": "tiny",
        "version": f"1.0.0+{sha256[:8]}",
        "labels": LABELS,
        "input": {"name": "pixels", "dtype": "uint8", "shape": [28, 28]},
        "output": {"name": "probabilities", "kind": "classification"},
        "sha256": sha256,
        "metrics": {},
        "provenance": {},
        **changes,
    }


def write(folder: Path, *, trust: bool = False) -> Path:
    """Write model.onnx and manifest.json into the folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    model = onnx_bytes(trust=trust)
    content = manifest(model)
    if trust:
        content["output"] = {"name": "probabilities", "kind": "classification", "trust": {"certain": 0.9, "digit": 0.5}}
    (folder / "model.onnx").write_bytes(model)
    (folder / "manifest.json").write_text(json.dumps(content))
    return folder
