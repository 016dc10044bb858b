"""Arrays as numpy itself writes them."""

import io
from typing import Any

import numpy as np


def npy_of(array: Any) -> bytes:
    """Return the array's npy file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()
