"""An export is held to its library's own answers before anything is written."""

from pathlib import Path

import numpy as np
import pytest

from recipes.dataset import Dataset
from recipes.recipe import load
from tests import tiny_model
from training import train as training
from training.artifact import OnnxModel

RECIPE = load("digits")


class Differs:
    """A fitted model whose export answers otherwise than itself."""

    def __init__(self, by: float) -> None:
        self._content, self._by = tiny_model.onnx_bytes(), by

    def predict(self, images: np.ndarray) -> np.ndarray:
        return OnnxModel(self._content).predict(images) + np.float32(self._by)

    def to_onnx(self) -> bytes:
        return self._content


@pytest.mark.parametrize("by", [0.01, -0.01, float("nan")])
def test_refuses_an_export_that_differs(few: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: float) -> None:
    monkeypatch.setattr(training, "fit", lambda *_, **__: Differs(by))
    with pytest.raises(training.ExportDiffersError, match="ONNX and native answers differ by up to"):
        training.train(RECIPE, RECIPE.candidates[0], few, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_says_how_near_an_export_is(few: Dataset) -> None:
    fitted = Differs(1e-5)
    found = training.check_export(OnnxModel(fitted.to_onnx()), fitted, few.test.inputs)
    assert found == {"max_difference": pytest.approx(1e-5, rel=0.1), "label_agreement": 1.0, "images": 12}
