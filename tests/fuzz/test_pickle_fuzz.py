"""A broken pickle of the tutorial's is read or refused, whichever byte is broken."""

import gzip
import pickle
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.digits.dataset import load_pickle
from recipes.errors import Malformed

PAIR = np.full((1, 784), 0.5, np.float32), np.ones(1, np.int64)
CONTENT = pickle.dumps((PAIR,) * 3, protocol=2)


@pytest.mark.filterwarnings("ignore")  # numpy warns of what it then refuses
@given(st.integers(0, len(CONTENT) - 1), st.integers(0, 255))
def test_reads_or_refuses_a_broken_pickle(tmp_path_factory: pytest.TempPathFactory, at: int, value: int) -> None:
    content = bytearray(CONTENT)
    content[at] = value
    path = tmp_path_factory.mktemp("broken") / "mnist.pkl.gz"
    path.write_bytes(gzip.compress(content, 1))
    with suppress(Malformed):
        assert len(load_pickle(path)) == 3
