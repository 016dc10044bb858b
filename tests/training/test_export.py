"""An export is held to its library's own answers before anything is written."""

import json
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
import xgboost
from onnxmltools.convert import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType as SklearnFloats
from sklearn.linear_model import LogisticRegression

from deployment.paths import ROOT
from recipes.dataset import Dataset
from recipes.models import artifact
from recipes.recipe import load
from serving.inference.engine import Engine
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


def test_the_call_that_the_docs_give_for_pytorch_makes_a_model_that_is_served(tmp_path: Path) -> None:
    (call,) = re.findall(r"`(torch\.onnx\.export\(model.*?\))`", (ROOT / "docs/your-own-model.md").read_text())

    class Any(torch.nn.Module):
        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            return torch.softmax((pixels.float() / 255).mean(1)[:, :10], 1)

    example = torch.zeros(1, 28, 28, dtype=torch.uint8)
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        eval(call, {"torch": torch, "model": Any(), "example": example, "path": str(tmp_path / "model.onnx")})
    assert serve((tmp_path / "model.onnx").read_bytes(), tmp_path).shape == (3, 10)


def serve(content: bytes, folder: Path) -> np.ndarray:
    """Return what a graph answers to three pictures, in the server's engine."""
    (folder / "model.onnx").write_bytes(content)
    (folder / "manifest.json").write_text(json.dumps(tiny_model.manifest(content)))
    engine = Engine(artifact.load(folder), "cpu")
    engine.warm_up()
    return engine.predict(np.stack([np.full((28, 28), level, np.uint8) for level in (0, 100, 255)]))


@pytest.mark.parametrize("library", ["scikit-learn", "XGBoost"])
def test_the_lines_that_the_docs_put_before_a_converted_model_of_rows_make_one_of_pictures(tmp_path: Path, library: str) -> None:
    (lines,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/your-own-model.md").read_text(), re.DOTALL)
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((40, 784), np.float32), np.arange(40) % 10
    if library == "XGBoost":
        fitted = xgboost.XGBClassifier(n_estimators=2, max_depth=2, n_jobs=1).fit(inputs, labels)
        rows = convert_xgboost(fitted, initial_types=[("x", FloatTensorType([None, 784]))])
    else:
        fitted = LogisticRegression(max_iter=1000).fit(inputs, labels)
        rows = to_onnx(fitted, initial_types=[("x", SklearnFloats([None, 784]))], options={"zipmap": False})
    names = {"rows": rows}
    exec(lines, names)
    levels = np.array([[0.0], [100 / 255], [1.0]], np.float32) * np.ones((1, 784), np.float32)
    expected = fitted.predict_proba(levels)
    np.testing.assert_allclose(serve(names["model"].SerializeToString(), tmp_path), expected, atol=1e-5)
