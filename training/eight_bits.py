"""A network's convolutions computed with 8-bit integers, where that changes nothing: a processor multiplies four times as many of them.

The first convolution stays as it is: it has one channel, and bytes save time only where many are summed up. The heads stay too.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

from recipes.dataset import Array
from training.artifact import OnnxModel

LEAST_AGREEMENT = 0.9995  # of labels
CALIBRATED_ON = 1000  # instances: the least and greatest values seen there are what the bytes span
CHUNK = 50
ROUNDED = ("Conv", "MaxPool", "Relu")


def round_where_equal(content: bytes, train: Array, validation: Array) -> tuple[bytes, dict[str, Any]]:
    """Return the graph with rounded convolutions if its labels stay, else the graph as it is; and what the manifest says of it.

    Args:    content: a graph with convolutions.
             train: instances to find the range of values on; validation: those to compare the labels on.
    """
    rounded = round_convolutions(content, train[:: max(1, len(train) // CALIBRATED_ON)])
    before, after = (OnnxModel(each).predict(validation).argmax(1) for each in (content, rounded))
    agreement = float((before == after).mean())
    holds = agreement >= LEAST_AGREEMENT
    described = {"computed": "int8" if holds else "float32", "label_agreement": agreement, "images": len(validation)}
    return (rounded if holds else content), {"convolutions": described}


def round_convolutions(content: bytes, instances: Array) -> bytes:
    """Return the graph with its convolutions but the first in 8-bit integers.

    Weights have a scale a channel, and 7 bits: a processor that adds two products in 16 bits then loses nothing, so all answer alike.

    Args:    instances: [N, …], to find the range of values on.
    """
    model = onnx.load_from_string(content)
    add_pre_process_metadata(model)  # the exporter has done what is asked for before: constants are folded
    second = [at for at, node in enumerate(model.graph.node) if node.op_type == "Conv"][1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        quantize_static(
            model,
            path,
            _Batches(model.graph.input[0].name, instances),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(ROUNDED),
            nodes_to_quantize=[node.name for node in model.graph.node[second:] if node.op_type in ROUNDED],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return path.read_bytes()


class _Batches(CalibrationDataReader):  # type: ignore[misc]  # ONNX Runtime has no types
    def __init__(self, name: str, instances: Array) -> None:
        self._batches = iter([{name: np.ascontiguousarray(instances[at : at + CHUNK])} for at in range(0, len(instances), CHUNK)])

    def get_next(self) -> dict[str, Array] | None:
        """Return the next batch, or None after the last."""
        return next(self._batches, None)
