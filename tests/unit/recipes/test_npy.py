"""npy headers: those that numpy writes are read without a parser of Python, to the same result."""

import ast
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes import npy
from recipes.errors import Malformed

DTYPES = [order + kind for kind in npy.NUMBERS for order in "<>"] + ["|b1", "|O", "<U3", "<c16"]


@given(st.lists(st.integers(0, 3) | st.integers(10**16, 10**20), max_size=5), st.booleans(), st.sampled_from(DTYPES))
def test_reads_what_numpy_writes(shape: list[int], fortran_order: bool, descr: str) -> None:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": descr, "fortran_order": fortran_order, "shape": tuple(shape)})
    header = npy.read_header(file.getvalue())
    assert header == (tuple(shape), fortran_order, descr, len(file.getvalue()))


SPELLINGS = [
    "(28)",
    "(028,)",
    "(2 8,)",
    "(-1,)",
    "(1e3,)",
    "(True,)",
    "('1',)",
    "(1,2)",
    "( 1, )",
    "(1,,)",
    "()",
    "(,)",
    "(1, 2, 3,)",
    "1",
    "(²,)",
]


@pytest.mark.parametrize("shape", SPELLINGS)
def test_takes_no_shape_that_python_would_read_otherwise(shape: str) -> None:
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    body = npy.MAGIC + b"\x01\x00" + len(text).to_bytes(2, "little") + text
    try:
        expected = ast.literal_eval(text.decode())["shape"]
    except (SyntaxError, ValueError):
        expected = None
    is_shape = isinstance(expected, tuple) and all(type(length) is int and length >= 0 for length in expected)
    if is_shape:
        assert npy.read_header(body).shape == expected
    else:
        with pytest.raises(Malformed):
            npy.read_header(body)
