from pathlib import Path

import pytest

from recipes.models import artifact
from serving.inference.engine import Engine
from tests import tiny_model


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small model that keeps the contract."""
    return tiny_model.write(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def engine(model_dir: Path) -> Engine:
    return Engine(artifact.load(model_dir), "cpu")
