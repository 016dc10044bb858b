import json
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, load_from_string, numpy_helper, save

from recipes.errors import InvalidArtifact
from recipes.recipe import load
from tests import tiny_model
from training.artifact import read_model_of


def write(folder: Path, model: bytes, **changes: object) -> Path:
    (folder / "model.onnx").write_bytes(model)
    (folder / "manifest.json").write_text(json.dumps(tiny_model.manifest(model, **changes)))
    return folder


def with_a_label_first() -> bytes:
    """Return the small model with its label as the first output, as scikit-learn's converter orders them."""
    model = load_from_string(tiny_model.onnx_bytes())
    model.graph.node.append(helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0))
    model.graph.output.insert(0, helper.make_tensor_value_info("label", TensorProto.INT64, ["N"]))
    return bytes(model.SerializeToString())


def test_answers_with_the_output_that_the_manifest_names(tmp_path: Path) -> None:
    model, _ = read_model_of(load("digits"), write(tmp_path, with_a_label_first()))
    assert model.predict(np.zeros((2, 28, 28), np.uint8)).shape == (2, 10)


def test_trusts_a_model_only_where_its_manifest_has_the_thresholds(tmp_path: Path) -> None:
    model, _ = read_model_of(load("digits"), write(tmp_path, tiny_model.onnx_bytes(trust=True)))
    assert not model.has_trust


def test_refuses_a_model_that_is_not_as_its_manifest_says(tmp_path: Path) -> None:
    named = {"name": "image", "dtype": "uint8", "shape": [28, 28]}
    with pytest.raises(InvalidArtifact, match="the manifest says 'image'"):
        read_model_of(load("digits"), write(tmp_path, tiny_model.onnx_bytes(), input=named))
    with pytest.raises(InvalidArtifact, match="cannot load"):
        read_model_of(load("digits"), write(tmp_path, b"no graph"))


def test_reads_no_weights_of_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An evaluation has the model that serves, whoever made it, and a folder of its own with other files."""
    monkeypatch.chdir(tmp_path)
    beside = tmp_path / "beside.onnx"
    save(load_from_string(tiny_model.onnx_bytes()), beside, save_as_external_data=True, location="weights", size_threshold=100)
    with pytest.raises(InvalidArtifact, match="cannot load"):
        read_model_of(load("digits"), write(tmp_path, beside.read_bytes()))


def ending_with(kind: str, *constants: str, **attributes: int | list[int]) -> bytes:
    """Return the small model with another node at its end, which does not show in what the graph says of itself."""
    model = load_from_string(tiny_model.onnx_bytes())
    model.graph.initializer.append(numpy_helper.from_array(np.array([1, 10]), "one"))
    model.graph.node[-1].output[0] = "before"
    model.graph.node.append(helper.make_node(kind, ["before", *constants], ["probabilities"], **attributes))
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("model", "said", "advice"),
    [
        (tiny_model.less_the_mean_of_all(), "changes with the instances beside it", "eval"),
        (tiny_model.onnx_bytes(softmax=False), "do not sum to 1", "Softmax"),
        (ending_with("Reshape", "one"), "of 2 instances, all zero, failed", "put -1"),
        (ending_with("ReduceMax", axes=[1], keepdims=1), r"gave float32 \[1, 1\]; expected float32 \[1, 10\]", "each label"),
    ],
)
def test_refuses_answers_that_the_server_would_refuse(model: bytes, said: str, advice: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidArtifact, match=said) as refused:
        read_model_of(load("digits"), write(tmp_path, model))
    assert advice in refused.value.advice
