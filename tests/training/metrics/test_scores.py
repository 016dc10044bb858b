import json
from pathlib import Path

import numpy as np
import pytest

from recipes.dataset import Dataset, Split
from recipes.errors import InvalidArtifact
from recipes.recipe import load
from tests import tiny_model
from training import evaluate
from training.drawings import robustness
from training.metrics.scores import calibrate, score_labels


def sure(predicted: list[int], confidence: list[float]) -> np.ndarray:
    """Return probabilities of three classes: each prediction's confidence, the rest shared equally."""
    probabilities = np.empty((len(predicted), 3), np.float32)
    for row, (class_, share) in enumerate(zip(predicted, confidence, strict=True)):
        probabilities[row] = (1 - share) / 2
        probabilities[row, class_] = share
    return probabilities


def test_scores_equal_those_by_hand() -> None:
    found = score_labels(sure([0, 1, 1, 2, 2], [0.95, 0.85, 0.55, 0.95, 0.75]), np.array([0, 1, 2, 2, 0], np.uint8))
    assert found["accuracy"] == 0.6
    assert found["recall"] == [0.5, 1.0, 0.5]
    # A row is what it truly was: the third image is a 2 called 1, the fifth a 0 called 2.
    assert found["confusion_matrix"] == [[1, 0, 1], [0, 1, 0], [0, 1, 1]]
    assert found["calibration"] == [
        {"confidence": 0.55, "accuracy": 0.0, "count": 1},
        {"confidence": 0.75, "accuracy": 0.0, "count": 1},
        {"confidence": 0.85, "accuracy": 1.0, "count": 1},
        {"confidence": 0.95, "accuracy": 1.0, "count": 2},
    ]
    assert found["expected_calibration_error"] == pytest.approx((0.55 + 0.75 + 0.15 + 0.05 * 2) / 5, abs=1e-4)


def test_a_class_without_images_has_no_recall_and_divides_nothing_by_zero() -> None:
    assert score_labels(sure([0, 1], [0.9, 0.9]), np.array([0, 1], np.uint8))["recall"] == [1.0, 1.0, 0.0]


def test_full_confidence_is_in_the_last_bin() -> None:
    bins, error = calibrate(np.array([1.0, 0.91], np.float32), np.array([True, True]))
    assert [bin_["count"] for bin_ in bins] == [2]
    assert error == pytest.approx(0.045, abs=1e-6)


def test_bins_hold_every_image(random: np.random.Generator) -> None:
    confidence = random.uniform(0.1, 1, 500).astype(np.float32)
    bins, error = calibrate(confidence, random.uniform(size=500) < confidence)
    assert sum(bin_["count"] for bin_ in bins) == 500
    assert 0 <= error < 0.2


def test_a_picture_the_transform_refuses_counts_as_wrong(few: Dataset) -> None:
    test = few.test.head(4)
    blank = np.zeros_like(test.inputs)
    seen, refused = robustness.draw_instances("digits", "clean", Split(blank, test.targets), 0)
    assert refused.all()
    assert not seen.any()


def test_refuses_a_model_that_is_not_its_manifests(few: Dataset, tmp_path: Path) -> None:
    folder = tiny_model.write(tmp_path / "model")
    (folder / "model.onnx").write_bytes(tiny_model.onnx_bytes(softmax=False))
    with pytest.raises(InvalidArtifact, match=r"manifest\.json says"):
        evaluate.evaluate(load("digits"), folder, few.test, tmp_path)
    assert not (tmp_path / "evaluation.json").exists()


@pytest.mark.parametrize("missing", ["model.onnx", "manifest.json"])
def test_refuses_a_folder_that_lacks_a_file(few: Dataset, tmp_path: Path, missing: str) -> None:
    folder = tiny_model.write(tmp_path / "model")
    (folder / missing).unlink()
    with pytest.raises(InvalidArtifact, match=f"{missing} cannot be read"):
        evaluate.evaluate(load("digits"), folder, few.test, tmp_path)


def test_refuses_a_graph_that_is_none(few: Dataset, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no graph")
    (tmp_path / "manifest.json").write_text(json.dumps(tiny_model.manifest(b"no graph")))
    with pytest.raises(InvalidArtifact, match=r"cannot load .*model\.onnx"):
        evaluate.evaluate(load("digits"), tmp_path, few.test, tmp_path)
