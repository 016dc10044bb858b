"""A network's convolutions in 8-bit integers answer as those in float32 do, or they are left as they are."""

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from recipes.dataset import Dataset
from tests.training.conftest import MODEL
from training import eight_bits
from training.artifact import OnnxModel
from training.eight_bits import round_convolutions, round_where_equal
from training.trainers.network import FromPixels, export, read_network

LARGEST_SUM = 2**15 - 1


@pytest.fixture(scope="module")
def content() -> bytes:
    """A graph in float32, of the weights that ship."""
    return export(FromPixels(read_network(MODEL.read_bytes())))


@pytest.fixture(scope="module")
def rounded(content: bytes, mnist: Dataset) -> bytes:
    return round_convolutions(content, mnist.train.inputs[:200])


def test_answers_as_before(content: bytes, rounded: bytes, mnist: Dataset) -> None:
    digits = mnist.validation.inputs[:2000]
    before, after = OnnxModel(content), OnnxModel(rounded)
    assert (before.predict(digits).argmax(1) == after.predict(digits).argmax(1)).mean() >= 0.9985
    assert np.abs(before.predict(digits) - after.predict(digits)).mean() < 0.001


def test_rounds_all_convolutions_but_the_first(rounded: bytes) -> None:
    graph = onnx.load_from_string(rounded).graph
    makers = {name: node.op_type for node in graph.node for name in node.output}
    weights = [makers.get(node.input[1]) for node in graph.node if node.op_type == "Conv"]
    assert weights == [None, *["DequantizeLinear"] * 5]


def test_no_processor_loses_a_sum(rounded: bytes) -> None:
    """One without instructions for sums of bytes adds two products in 16 bits."""
    tensors = [numpy_helper.to_array(tensor) for tensor in onnx.load_from_string(rounded).graph.initializer]
    weights = [tensor.astype(int) for tensor in tensors if tensor.dtype == np.int8 and tensor.ndim == 4]
    assert len(weights) == 5
    assert all(2 * 255 * np.abs(each).max() <= LARGEST_SUM for each in weights)


def test_keeps_what_rounding_would_change(content: bytes, mnist: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eight_bits, "round_convolutions", lambda *_: _answer_otherwise(content))
    kept, described = round_where_equal(content, mnist.train.inputs[:100], mnist.validation.inputs[:100])
    assert kept == content
    assert described["convolutions"]["computed"] == "float32"
    assert described["convolutions"]["label_agreement"] < 0.5


def test_takes_what_stays_the_same(content: bytes, mnist: Dataset) -> None:
    kept, described = round_where_equal(content, mnist.train.inputs[:1000], mnist.validation.inputs[:300])
    assert len(kept) < len(content) / 2
    assert described == {"convolutions": {"computed": "int8", "label_agreement": 1.0, "images": 300}}


def test_reads_rounded_weights_back(content: bytes, rounded: bytes) -> None:
    before, after = read_network(content).state_dict(), read_network(rounded).state_dict()
    for name, values in before.items():
        # Half a step of 7 bits.
        torch.testing.assert_close(after[name], values, rtol=0, atol=float(values.abs().max()) / 126 + 1e-6)


def _answer_otherwise(content: bytes) -> bytes:
    """Return the graph with its first head's answers in another order."""
    model = onnx.load_from_string(content)
    for tensor in model.graph.initializer:
        if tensor.name.endswith(("classify.weight", "classify.bias")):
            tensor.CopyFrom(numpy_helper.from_array(np.roll(numpy_helper.to_array(tensor), 1, axis=0), tensor.name))
    changed: bytes = model.SerializeToString()
    return changed
