"""A trained DenseNet as ONNX: normalisations put into the convolutions before them, and weights stored with 16 bits.

What computes is float32 all the same: a runtime widens the stored weights once, when it loads them. So half the bytes cost no time, and
what the graph answers is what the network answers with weights rounded so.
"""

import io
import warnings
from typing import Any

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from training.trainers.densenet import DenseLayer, DenseNet, FromColors

OPSET = 17
LEAST_STORED = 256  # numbers: a smaller tensor is not worth a node


def fold(network: DenseNet) -> DenseNet:
    """Put each normalisation that follows a convolution into it, in place; those before one stay."""
    features: Any = network.features  # a Sequential's parts by name, which its stub does not know
    features.conv0, features.norm0 = fuse_conv_bn_eval(features.conv0, features.norm0), nn.Identity()
    for layer in network.modules():
        if isinstance(layer, DenseLayer):
            layer.conv1, layer.norm2 = fuse_conv_bn_eval(layer.conv1, layer.norm2), nn.Identity()  # type: ignore[assignment]  # as torch's own
    return network


@torch.no_grad()
def round_to_half(network: DenseNet) -> DenseNet:
    """Round the weights of convolutions and of the classifier to float16, in place, and keep them as float32."""
    for part in network.modules():
        if isinstance(part, nn.Conv2d | nn.Linear):
            part.weight.copy_(part.weight.half().float())
    return network


def export(model: FromColors, shape: tuple[int, ...], *, is_half: bool) -> bytes:
    """Return the graph with its normalisation and softmax inside.

    Args:    shape: of an instance.
             is_half: whether large weights are stored as float16, which they are to be rounded to.
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The exporter through torch.export needs two more packages and writes the same graph.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            model.eval(),
            (torch.zeros((2, *shape), dtype=torch.uint8),),
            buffer,  # type: ignore[arg-type]  # the exporter writes to files too
            dynamo=False,
            input_names=["pixels"],
            output_names=["probabilities"],
            dynamic_axes={"pixels": {0: "N"}, "probabilities": {0: "N"}},
            opset_version=OPSET,
        )
    return _store_half(buffer.getvalue()) if is_half else buffer.getvalue()


def _store_half(content: bytes) -> bytes:
    model = onnx.load_from_string(content)
    widened = []
    for place, tensor in enumerate(model.graph.initializer):
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.ndim < 2 or values.size < LEAST_STORED:
            continue
        half = f"{tensor.name}_half"
        widened.append(helper.make_node("Cast", [half], [tensor.name], to=TensorProto.FLOAT))
        model.graph.initializer[place].CopyFrom(numpy_helper.from_array(values.astype("float16"), half))
    nodes = [*widened, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    smaller: bytes = model.SerializeToString()
    return smaller
