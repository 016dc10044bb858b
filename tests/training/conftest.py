"""What the tests of training share: a part of MNIST, and the model that ships."""

from pathlib import Path

import pytest

from tests.unit.training.conftest import few, mnist, random
from training.artifact import OnnxModel

__all__ = ["few", "mnist", "random"]
MODEL = Path(__file__).resolve().parents[2] / "recipes/digits/pretrained/model.onnx"


@pytest.fixture(scope="session")
def model() -> OnnxModel:
    return OnnxModel(MODEL.read_bytes())
