import numpy as np
import pytest

from recipes.dataset import Dataset
from recipes.digits.dataset import load


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    return load()


@pytest.fixture(scope="session")
def few(mnist: Dataset) -> Dataset:
    """Enough to fit something that knows a digit from another."""
    return Dataset(mnist.train.head(150), mnist.validation.head(50), mnist.test.head(12), mnist.sha256)


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)
