from dataclasses import dataclass, replace

import pytest

from recipes.errors import InvalidArtifact
from recipes.models.artifact import Manifest
from recipes.models.signature import check_signature, explain_load_failure, list_outputs
from recipes.thresholds import Thresholds

MANIFEST = Manifest(
    recipe="digits",
    name="any",
    version="1",
    kind="classification",
    labels=tuple(range(10)),
    input_name="pixels",
    input_dtype="uint8",
    input_shape=(28, 28),
    output_name="probabilities",
    trust=None,
    sha256="0" * 64,
    text=b"{}",
)


@dataclass
class Value:
    name: str
    type: str
    shape: list[int | str | None]


PIXELS = Value("pixels", "tensor(uint8)", ["N", 28, 28])
PROBABILITIES = Value("probabilities", "tensor(float)", ["N", 10])
LABEL = Value("label", "tensor(int64)", ["N"])


@pytest.mark.parametrize("shape", [["N", 28, 28], [None, 28, 28], ["batch", "height", "width"]])
def test_takes_a_graph_whose_axes_are_free(shape: list[int | str | None]) -> None:
    check_signature([replace(PIXELS, shape=shape)], [LABEL, PROBABILITIES], MANIFEST)


@pytest.mark.parametrize(
    ("value", "said", "advice"),
    [
        (replace(PIXELS, name="input.1"), r"takes \['input\.1'\]", "input.name"),
        (replace(PIXELS, type="tensor(int64)"), r"takes int64 \[N, 28, 28\]; the manifest says uint8 \[N, 28, 28\]", "Cast"),
        (replace(PIXELS, type="tensor(float)"), r"takes float32 \[N, 28, 28\]", "Cast"),
        (replace(PIXELS, shape=["N", 1, 28, 28]), r"takes uint8 \[N, 1, 28, 28\]", "Reshape"),
        (replace(PIXELS, shape=["N", 784]), r"takes uint8 \[N, 784\]", "Reshape"),
        (replace(PIXELS, shape=[]), r"takes uint8 \[\]", "Reshape"),
        (replace(PIXELS, shape=[1, 28, 28]), "1 at a time", "dynamic_axes"),
    ],
)
def test_says_what_an_input_is_and_how_to_mend_it(value: Value, said: str, advice: str) -> None:
    with pytest.raises(InvalidArtifact, match=said) as refused:
        check_signature([value], [PROBABILITIES], MANIFEST)
    assert advice in refused.value.advice


def test_refuses_a_second_input() -> None:
    with pytest.raises(InvalidArtifact, match=r"takes \['mask', 'pixels'\]") as refused:
        check_signature([PIXELS, replace(PIXELS, name="mask")], [PROBABILITIES], MANIFEST)
    assert "one input" in refused.value.advice


@pytest.mark.parametrize("type_", ["tensor(double)", "tensor(int64)", "seq(map(int64,tensor(float)))"])
def test_refuses_answers_of_another_type(type_: str) -> None:
    with pytest.raises(InvalidArtifact, match="expected float32"):
        check_signature([PIXELS], [replace(PROBABILITIES, type=type_)], MANIFEST)


def test_asks_for_trust_where_the_manifest_has_its_thresholds() -> None:
    with_trust = replace(MANIFEST, trust=Thresholds(certain=0.9, digit=0.5))
    assert list_outputs(MANIFEST) == ["probabilities"]
    assert list_outputs(with_trust) == ["probabilities", "trust"]
    with pytest.raises(InvalidArtifact, match="'probabilities' and 'trust'"):
        check_signature([PIXELS], [PROBABILITIES], with_trust)


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("INVALID_PROTOBUF : Failed to load model because protobuf parsing failed.", "no ONNX file"),
        ("INVALID_ARGUMENT : No graph was found in the protobuf.", "no ONNX file"),
        ("Cannot parse data from external tensors. Please load external data into raw data", "onnx.save"),
        ("Data of TensorProto ( tensor name: w) should be stored in /dev/null/w, but it is not there", "onnx.save"),
        ("Unsupported model IR version: 99, max supported IR version: 13", "opset"),
    ],
)
def test_says_how_to_mend_a_graph_that_does_not_load(said: str, advice: str) -> None:
    assert advice in explain_load_failure("the model", "1.31", ValueError(said)).advice
