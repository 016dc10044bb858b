import numpy as np
import pytest

from recipes.digits.dataset import Dataset, load


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    return load()


@pytest.fixture(scope="session")
def few(mnist: Dataset) -> Dataset:
    """Enough to fit something that knows a digit from another."""
    return Dataset(mnist.train.head(200), mnist.test.head(12), mnist.sha256)


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)
