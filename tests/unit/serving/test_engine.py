import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from recipes.errors import InvalidArtifact, InvalidSettings
from recipes.models import artifact
from recipes.models.artifact import Artifact
from serving.inference.engine import Engine, Float32, Instances, count_batch
from tests import tiny_model


def artifact_of(model: bytes, **changes: object) -> Artifact:
    return Artifact(artifact.parse_manifest(json.dumps(tiny_model.manifest(model, **changes)).encode()), model)


def large_pictures() -> Artifact:
    """Return a model of 224 × 224 colour pictures that answers each with the same."""
    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", 224, 224, 3])
    probabilities = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])
    nodes = [
        helper.make_node("Cast", ["pixels"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Unsqueeze", ["mean", "axis"], ["column"]),
        helper.make_node("MatMul", ["column", "zeros"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    constants = [numpy_helper.from_array(np.array([1]), "axis"), numpy_helper.from_array(np.zeros((1, 10), np.float32), "zeros")]
    graph = helper.make_graph(nodes, "large", [pixels], [probabilities], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    return artifact_of(model, input={"name": "pixels", "dtype": "uint8", "shape": [224, 224, 3]})


def test_gives_a_distribution_an_instance(engine: Engine) -> None:
    probabilities = engine.predict(np.zeros((3, 28, 28), np.uint8))
    assert probabilities.shape == (3, 10)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_gives_an_instance_the_same_answer_in_any_company(engine: Engine) -> None:
    batch = np.random.default_rng(5).integers(0, 256, (64, 28, 28), np.uint8)
    alone = np.concatenate([engine.predict(batch[index : index + 1]) for index in range(64)])
    np.testing.assert_allclose(engine.predict(batch), alone, atol=1e-6)


TRUSTED = {"output": {"name": "probabilities", "kind": "classification", "trust": {"certain": 0.9, "digit": 0.1}}}


def test_gives_a_models_trust_in_the_last_column() -> None:
    model = tiny_model.onnx_bytes(trust=True)
    engine = Engine(artifact_of(model, **TRUSTED), "cpu")
    engine.warm_up()
    answers = engine.predict(np.random.default_rng(5).integers(0, 256, (3, 28, 28), np.uint8))
    assert (answers.shape, answers.dtype) == ((3, 11), np.float32)
    np.testing.assert_array_equal(answers[:, 10], answers[:, :10].max(1))
    without = Engine(artifact_of(model), "cpu")  # its manifest says nothing of trust
    without.warm_up()
    assert without.predict(np.zeros((3, 28, 28), np.uint8)).shape == (3, 10)


def test_refuses_a_model_without_the_trust_that_its_manifest_has() -> None:
    with pytest.raises(InvalidArtifact, match="'trust'"):
        Engine(artifact_of(tiny_model.onnx_bytes(), **TRUSTED), "cpu")


@pytest.mark.parametrize(
    ("instance_bytes", "batch"),
    [(784, 128), (40, 128), (32 * 32 * 3, 128), (224 * 224 * 3, 8), (2000 * 2000 * 3, 1)],
    ids=["digits", "a table", "small photos", "photos", "one large picture"],
)
def test_an_inference_takes_as_many_as_their_bytes_allow(instance_bytes: int, batch: int) -> None:
    assert count_batch(instance_bytes, "cpu") == batch
    assert count_batch(instance_bytes, "cuda") >= batch


def test_warms_up_with_no_more_than_an_inference_takes() -> None:
    asked: list[int] = []

    class Recording(Engine):
        def predict(self, instances: Instances) -> Float32:
            asked.append(len(instances))
            return super().predict(instances)

    Recording(large_pictures(), "cpu").warm_up()
    assert max(asked) == asked[1] == 8


@pytest.mark.parametrize("model", [b"", b"not onnx", tiny_model.onnx_bytes()[:500]])
def test_refuses_what_the_runtime_cannot_load(model: bytes) -> None:
    with pytest.raises(InvalidArtifact, match="cannot load"):
        Engine(artifact_of(model), "cpu")


def test_says_how_weights_of_another_file_come_into_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is where ONNX Runtime looks: no digest covers it, and a stranger's model would answer with any file of this folder."""
    monkeypatch.chdir(tmp_path)
    beside, whole = tmp_path / "beside.onnx", tmp_path / "whole.onnx"
    onnx.save(onnx.load_from_string(tiny_model.onnx_bytes()), beside, save_as_external_data=True, location="weights", size_threshold=100)
    with pytest.raises(InvalidArtifact, match="cannot load") as refused:
        Engine(artifact_of(beside.read_bytes()), "cpu")
    assert "onnx.save(onnx.load(" in refused.value.advice
    onnx.save(onnx.load(beside), whole)  # as the advice says
    Engine(artifact_of(whole.read_bytes()), "cpu").warm_up()


@pytest.mark.parametrize(
    "changes",
    [
        {"input": {"name": "image", "dtype": "uint8", "shape": [28, 28]}},
        {"input": {"name": "pixels", "dtype": "uint8", "shape": [32, 32]}},
        {"output": {"name": "logits", "kind": "classification"}},
    ],
)
def test_refuses_a_model_that_is_not_the_one_described(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidArtifact, match="the manifest says"):
        Engine(artifact_of(tiny_model.onnx_bytes(), **changes), "cpu")


def test_warm_up_refuses_labels_that_do_not_fit() -> None:
    with pytest.raises(InvalidArtifact, match="expected float32"):
        Engine(artifact_of(tiny_model.onnx_bytes(), labels=["a", "b"]), "cpu").warm_up()


def test_warm_up_refuses_logits() -> None:
    with pytest.raises(InvalidArtifact, match="sum to 1"):
        Engine(artifact_of(biased_logits()), "cpu").warm_up()


def test_warm_up_refuses_answers_that_depend_on_other_callers() -> None:
    with pytest.raises(InvalidArtifact, match="changes with the instances beside it"):
        Engine(artifact_of(tiny_model.less_the_mean_of_all()), "cpu").warm_up()


def biased_logits() -> bytes:
    return tiny_model.onnx_bytes(softmax=False)


def test_never_falls_back_to_the_cpu_in_silence(model_dir: Path) -> None:
    with pytest.raises(InvalidSettings, match="no CUDA device"):
        Engine(artifact.load(model_dir), "cuda")


def test_says_where_inference_runs(model_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    loaded = artifact.load(model_dir)
    assert Engine(replace(loaded), "cpu").device == "cpu"
    assert "inference runs on cpu: INFERSTACK_DEVICE is cpu" in caplog.text
