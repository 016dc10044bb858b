"""The convolutional network, and its second head that knows what is no digit; its weights read and written as ONNX."""

import io
import warnings
from collections.abc import Mapping
from typing import Any

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from recipes.errors import InvalidArtifact
from recipes.trust import TRUST

MEAN, STD = 0.1307, 0.3081  # of MNIST's training pixels in 0-1
SIDE, OPSET = 28, 17
JUDGE_WIDTH = 32
# In white pixels, over the darkest: a quarter of what the thinnest digit has that was trained on. Of an array of one level both heads are
# certain that it is a 1.
LEAST_INK = 5.0
BLOCKS = 6


class Network(nn.Module):
    """Logits [N, 10] of float images [N, 1, 28, 28] in 0-1."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            _build_block(1, width, 5, 2, pool=True),  # 14×14
            _build_block(width, 2 * width, 3, 1),
            _build_block(2 * width, 2 * width, 3, 1, pool=True),  # 7×7
            _build_block(2 * width, 4 * width, 3, 1),
            _build_block(4 * width, 4 * width, 3, 0),  # 5×5
            _build_block(4 * width, 4 * width, 3, 0),  # 3×3
        )
        self.dropout = nn.Dropout(0.2)
        self.classify = nn.Linear(4 * width * 9, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        logits: Tensor = self.classify(self.dropout(self.extract(images)))
        return logits

    def extract(self, images: Tensor) -> Tensor:
        """Return what the last convolution found, [N, 36 × width]."""
        found: Tensor = self.features((images - MEAN) / STD).flatten(1)
        return found


class JudgingNetwork(nn.Module):
    """A network with a second head: the logit of "this is a digit".

    Args:    network: trained to tell digits apart.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.judge = nn.Sequential(nn.Linear(network.classify.in_features, JUDGE_WIDTH), nn.ReLU(), nn.Linear(JUDGE_WIDTH, 1))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits [N, 10] and the logit of being a digit [N]."""
        found = self.network.dropout(self.network.extract(images))
        return self.network.classify(found), self.judge(found)[:, 0]


class FromPixels(nn.Module):
    """What ships: the probabilities [N, 10] of uint8 pixels [N, 28, 28]."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the probabilities."""
        return torch.softmax(self.network(_scale(pixels)), 1)


class JudgingFromPixels(nn.Module):
    """What ships with trust: probabilities [N, 10], calibrated, and trust [N] of uint8 pixels [N, 28, 28].

    Trust is the probability that it is a digit, times the probability of the label: how likely the answer is right. Where there is hardly
    any ink it is 0.

    Args:    sharpness: one over the temperature.
    """

    def __init__(self, network: JudgingNetwork, sharpness: float) -> None:
        super().__init__()
        self.network, self.sharpness = network, sharpness

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the probabilities and the trust."""
        images = _scale(pixels)
        logits, judged = self.network(images)
        probabilities = torch.softmax(logits * self.sharpness, 1)
        has_ink = (images - images.amin((1, 2, 3), keepdim=True)).sum((1, 2, 3)) >= LEAST_INK
        return probabilities, torch.sigmoid(judged) * probabilities.amax(1) * has_ink


def export(model: FromPixels | JudgingFromPixels) -> bytes:
    """Return the graph with its scaling and softmax inside."""
    outputs = ["probabilities", TRUST] if isinstance(model, JudgingFromPixels) else ["probabilities"]
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The exporter through torch.export needs two more packages and writes the same graph.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            model.eval(),
            (torch.zeros(2, SIDE, SIDE, dtype=torch.uint8),),
            buffer,  # type: ignore[arg-type]  # the exporter writes to files too
            dynamo=False,
            input_names=["pixels"],
            output_names=outputs,
            dynamic_axes={name: {0: "N"} for name in ("pixels", *outputs)},
            opset_version=OPSET,
        )
    return buffer.getvalue()


@torch.no_grad()
def read_network(content: bytes) -> Network:
    """Return the network whose weights an exported graph holds; its normalisations keep their statistics.

    The exporter multiplies some normalisations into their convolutions; those come back as ones that change nothing. Weights that were
    rounded to 8 bits (training/eight_bits.py) come back rounded.

    Raises:  InvalidArtifact: the graph is not of this network.
    """
    graph = onnx.load_from_string(content).graph
    values = _read_values(graph)
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    readers = {name: node for node in graph.node for name in node.input}
    if len(convolutions) != BLOCKS:
        raise InvalidArtifact(f"the graph has {len(convolutions)} convolutions; expected {BLOCKS}")
    network = Network(values[convolutions[0].input[1]].shape[0])
    parts = list(network.features.modules())
    own_convolutions = [part for part in parts if isinstance(part, nn.Conv2d)]
    normalisations = [part for part in parts if isinstance(part, nn.BatchNorm2d)]
    for convolution, normalise, node in zip(own_convolutions, normalisations, convolutions, strict=True):
        convolution.weight.copy_(values[node.input[1]])
        after = _find_next(readers, node)
        after = _find_next(readers, after) if after.op_type == "MaxPool" else after
        if after.op_type == "BatchNormalization":
            scale, shift, mean, variance = (values[name] for name in after.input[1:])
        else:
            shift = values[node.input[2]]
            scale, mean, variance = torch.ones_like(shift), torch.zeros_like(shift), torch.ones_like(shift) - normalise.eps
        normalise.load_state_dict(
            {"weight": scale, "bias": shift, "running_mean": mean, "running_var": variance, "num_batches_tracked": torch.tensor(0)}
        )
    last = next(node for node in graph.node if node.op_type == "Gemm" and values[node.input[1]].shape[0] == network.classify.out_features)
    network.classify.weight.copy_(values[last.input[1]])
    network.classify.bias.copy_(values[last.input[2]])
    return network


def _read_values(graph: Any) -> dict[str, Tensor]:
    """Return a graph's tensors by their names, those that it computes of rounded ones among them."""
    values = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in values:
            rounded, scale, zero = (values[name] for name in node.input)
            by_channel = (-1, *[1] * (rounded.ndim - 1))
            values[node.output[0]] = (rounded - zero.reshape(by_channel)) * scale.reshape(by_channel)
    return values


def _find_next(readers: Mapping[str, Any], node: Any) -> Any:
    """Return the node that reads what another gives, rounded or not."""
    after = readers[node.output[0]]
    while after.op_type in ("QuantizeLinear", "DequantizeLinear"):
        after = readers[after.output[0]]
    return after


def _scale(pixels: Tensor) -> Tensor:
    return pixels.to(torch.float32).unsqueeze(1) / 255


def _build_block(inputs: int, outputs: int, kernel: int, padding: int, *, pool: bool = False) -> nn.Sequential:
    # Pooling before normalisation and ReLU leaves a quarter of the elementwise work.
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=False),
        *([nn.MaxPool2d(2)] if pool else []),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )
