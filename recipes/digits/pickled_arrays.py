"""Arrays of numbers out of a pickle, and nothing else out of it. A pickle is a program, and even numpy's own part of it is not safe to run:
a data type with a forged state ends the process.

So nothing of numpy's is called while a pickle is read. Its names stand for the classes here, which check what they are given.
"""

import io
import math
import pickle
import struct
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

MAX_AXES = 3
NUMBERS = frozenset({"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"})


class DataType:
    """numpy.dtype, as a pickle makes one: by its code, and then by a state with the order of its bytes."""

    def __init__(self, code: str, *_: object) -> None:
        if code not in NUMBERS:
            raise pickle.UnpicklingError(f"an array has the type {str(code)[:20]!r}; expected one of {', '.join(sorted(NUMBERS))}")
        self._code, self._order = code, "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take the order of bytes: (version, order, and what only types of other things have)."""
        _, self._order, *others = state
        if self._order not in {"<", ">", "=", "|"} or others[:3] != [None] * 3:
            raise pickle.UnpicklingError("an array's type has parts or an order of bytes that no number has")

    def to_numpy(self) -> "np.dtype[Any]":
        """Return numpy's."""
        return np.dtype(self._order + self._code)


class PickledArray:
    """numpy.ndarray, as a pickle makes one: empty, and then by a state with its shape, type and bytes.

    Args:    values: None until then.
    """

    def __init__(self, *_: object) -> None:
        self.values: npt.NDArray[Any] | None = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take the values: (version, shape, type, whether in Fortran's order, bytes)."""
        _, shape, data_type, is_fortran, content = state
        self._fill(content, data_type, shape, "F" if is_fortran else "C")

    @classmethod
    def from_buffer(cls, content: Any, data_type: Any, shape: Any, order: str, axes: None = None) -> "PickledArray":
        """Return the array of a buffer, as protocol 5 has it."""
        if axes is not None or order not in {"C", "F"}:
            raise pickle.UnpicklingError("an array's axes are in an order of their own")
        array = cls()
        array._fill(content, data_type, shape, order)
        return array

    def _fill(self, content: Any, data_type: Any, shape: Any, order: str) -> None:
        if isinstance(content, str):  # a pickle of Python 2, read as latin1
            content = content.encode("latin1")
        if not (isinstance(data_type, DataType) and isinstance(content, bytes) and isinstance(shape, tuple) and len(shape) <= MAX_AXES):
            raise pickle.UnpicklingError("expected arrays of numbers")
        if not all(type(axis) is int and axis >= 0 for axis in shape):
            raise pickle.UnpicklingError("an array's shape is not of whole numbers")
        numbers = data_type.to_numpy()
        expected_bytes = math.prod(shape) * numbers.itemsize
        if len(content) != expected_bytes:
            raise pickle.UnpicklingError(f"an array of shape {list(shape)} has {len(content)} bytes; expected {expected_bytes}")
        self.values = np.ndarray(shape, numbers, content, order="F" if order == "F" else "C")


class _Unpickler(pickle._Unpickler):
    """Python's own unpickler that is written in Python: the one in C allocates any size that a broken file announces."""

    NAMES: ClassVar[dict[tuple[str, str], Any]] = {
        ("numpy", "ndarray"): PickledArray,
        ("numpy", "dtype"): DataType,
        ("numpy._core.multiarray", "_reconstruct"): PickledArray,
        ("numpy._core.numeric", "_frombuffer"): PickledArray.from_buffer,
        ("_codecs", "encode"): lambda text, _: str(text).encode("latin1"),  # bytes, in protocols before 3
    }

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("numpy.core."):  # as numpy called it before 2
            module = module.replace("numpy.core.", "numpy._core.", 1)
        try:
            return self.NAMES[module, name]
        except KeyError as error:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which an array does not need") from error

    def load_bytearray8(self) -> None:
        """Read what there is, instead of first making room for what the file announces."""
        (size_bytes,) = struct.unpack("<Q", self.read(8))  # type: ignore[attr-defined]  # set by load
        self.append(self.read(size_bytes))  # type: ignore[attr-defined]

    def load_build(self) -> None:
        """Give a state to arrays and types only: to anything else it would be attributes."""
        if not isinstance(self.stack[-2], DataType | PickledArray):  # type: ignore[attr-defined]
            raise pickle.UnpicklingError("it gives a state to what has none")
        super().load_build()  # type: ignore[misc]

    dispatch: ClassVar[dict[int, Any]] = {**pickle._Unpickler.dispatch, pickle.BYTEARRAY8[0]: load_bytearray8, pickle.BUILD[0]: load_build}


def read_pickle(content: bytes) -> Any:
    """Return what a pickle holds, with a PickledArray for each of numpy's arrays.

    Raises:  Exception: of any kind, where the pickle is broken or names anything but numpy's arrays.
    """
    return _Unpickler(io.BytesIO(content), encoding="latin1").load()
