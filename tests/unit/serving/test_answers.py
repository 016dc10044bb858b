import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recipes.errors import UnsupportedType
from recipes.models import artifact
from recipes.thresholds import Thresholds
from serving.bodies import answers
from serving.bodies.answers import Float32, negotiate

PARTS = (
    np.array([[0.1, 0.7, 0.2]], np.float32),
    np.empty((0, 3), np.float32),
    np.array([[0.25, 0.25, 0.5], [1.0, 0.0, 0.0]], np.float32),
)


@pytest.fixture
def encoders(model_dir: Path) -> dict[str, answers.Encoder]:
    manifest = replace(artifact.load(model_dir).manifest, labels=(0, "one", 2), name="m", version="v")
    return answers.build_encoders(manifest)


def test_writes_the_contracts_json(encoders: dict[str, answers.Encoder]) -> None:
    assert json.loads(encoders["application/json"](PARTS)) == {
        "predictions": [
            {"label": "one", "probability": 0.7, "probabilities": [0.1, 0.7, 0.2]},
            {"label": 2, "probability": 0.5, "probabilities": [0.25, 0.25, 0.5]},
            {"label": 0, "probability": 1.0, "probabilities": [1.0, 0.0, 0.0]},
        ],
        "model": {"name": "m", "version": "v"},
    }


def test_writes_a_line_an_instance(encoders: dict[str, answers.Encoder]) -> None:
    assert encoders["text/csv"](PARTS).decode().splitlines() == ["one,0.7,0.1,0.7,0.2", "2,0.5,0.25,0.25,0.5", "0,1.0,1.0,0.0,0.0"]


def test_writes_the_probabilities_as_npy(encoders: dict[str, answers.Encoder]) -> None:
    read = np.load(io.BytesIO(encoders["application/x-npy"](PARTS)))
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, np.concatenate(PARTS))


def test_says_how_far_an_answer_can_be_trusted(model_dir: Path) -> None:
    manifest = replace(artifact.load(model_dir).manifest, labels=(0, 1), trust=Thresholds(certain=0.9, digit=0.25), name="m", version="v")
    encoders = answers.build_encoders(manifest)
    parts = (np.array([[0.125, 0.875, 0.95], [0.5, 0.5, 0.25]], np.float32), np.array([[1.0, 0.0, 0.125]], np.float32))
    predictions = json.loads(encoders["application/json"](parts))["predictions"]
    assert [(each["trust"], each["verdict"]) for each in predictions] == [(0.95, "certain"), (0.25, "unsure"), (0.125, "not a digit")]
    assert [each["probabilities"] for each in predictions] == [[0.125, 0.875], [0.5, 0.5], [1.0, 0.0]]
    lines = encoders["text/csv"](parts).decode().splitlines()
    assert lines == ["1,0.875,0.125,0.875,0.95,certain", "0,0.5,0.5,0.5,0.25,unsure", "0,1.0,1.0,0.0,0.125,not a digit"]
    assert np.load(io.BytesIO(encoders["application/x-npy"](parts))).shape == (3, 2)


@pytest.mark.parametrize("parts", [(), PARTS[1:2]])
def test_answers_nothing_for_no_instances(encoders: dict[str, answers.Encoder], parts: tuple[Float32, ...]) -> None:
    assert json.loads(encoders["application/json"](parts))["predictions"] == []
    assert encoders["text/csv"](parts) == b""
    assert np.load(io.BytesIO(encoders["application/x-npy"](parts))).shape == (0, 3)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("Application/X-NPY", "application/x-npy"),
        ("text/html, text/csv;q=0.9, */*;q=0.1", "text/csv"),
        ("application/vnd.inferstack.manifest+json", "application/vnd.inferstack.manifest+json"),
    ],
)
def test_gives_the_first_type_there_is(accept: str, kind: str) -> None:
    assert negotiate(accept) == kind


def test_refuses_an_accept_without_a_type_there_is() -> None:
    with pytest.raises(UnsupportedType, match="text/html"):
        negotiate("text/html, image/png")
