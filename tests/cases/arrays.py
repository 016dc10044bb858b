"""Ways to write digits as npy and npz."""

import numpy as np

from recipes.media_types import NPY, NPZ
from tests.arrays import npy_of
from tests.cases.writing import BITS, BITS_MEANT, BOTH, MEANT, SEVEN, Case, Refused, npz

DTYPES = ("u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8")
ARRAYS = {
    **{f"{order}{dtype}": Case(NPY, npy_of(BOTH.astype(order + dtype)), MEANT) for dtype in DTYPES for order in "<>"},
    **{f"column by column, {dtype}": Case(NPY, npy_of(np.asfortranarray(BOTH.astype(dtype))), MEANT) for dtype in ("u1", ">f2", "f8")},
    "column by column, flat": Case(NPY, npy_of(np.asfortranarray(BOTH.reshape(2, 784))), MEANT),
    "column by column, with a channel": Case(NPY, npy_of(np.asfortranarray(BOTH.reshape(2, 28, 28, 1))), MEANT),
    "column by column, one": Case(NPY, npy_of(np.asfortranarray(SEVEN)), MEANT[:1]),
    **{
        f"shape {shape}": Case(NPY, npy_of(BOTH.reshape(shape)), MEANT)
        for shape in ((2, 784), (2, 1, 28, 28), (2, 28, 28, 1), (2, 1, 784), (2, 784, 1))
    },
    **{
        f"shape {shape}": Case(NPY, npy_of(SEVEN.reshape(shape)), MEANT[:1])
        for shape in ((28, 28), (784,), (1, 28, 28), (28, 28, 1), (1, 784), (1, 1, 28, 28))
    },
    "booleans": Case(NPY, npy_of(BITS > 0), BITS_MEANT, ("scaled",)),
    "npz of one array": Case(NPZ, npz(digits=BOTH), MEANT),
    "npz with labels": Case(NPZ, npz(x_test=BOTH, y_test=np.array([7, 1])), MEANT, labels=(7, 1)),
    "npz without names": Case(NPZ, npz(arr_0=BOTH, arr_1=np.array([7, 1])), MEANT, labels=(7, 1)),
    "npz with something else of each row": Case(NPZ, npz(images=BOTH, ids=np.array([7001, 7002])), MEANT, ("ignored-arrays",)),
    "npz with labels of another length": Case(NPZ, npz(x_test=BOTH, y_test=np.array([7, 1, 2])), MEANT, ("ignored-arrays",)),
    "npz with labels in words": Case(NPZ, npz(x=BOTH, y=np.array(["seven", "one"])), MEANT, ("ignored-arrays",)),
    "npz with labels of Python": Case(NPZ, npz(x=BOTH, y=np.array([7, 1], object)), MEANT, ("ignored-arrays",)),
    "npz with a column for each label": Case(NPZ, npz(x=BOTH, y=np.eye(10)[[7, 1]]), MEANT, labels=(7, 1)),
    "npz with labels twice": Case(NPZ, npz(x=BOTH, y=np.array([7, 1]), label=np.array([1, 7])), MEANT, ("ignored-arrays",)),
    "npz with weights": Case(NPZ, npz(x=BOTH, sample_weight=np.array([1, 1])), MEANT, ("ignored-arrays",)),
    "npz with one label": Case(NPZ, npz(x=SEVEN, y=np.array(7)), MEANT[:1], labels=(7,)),
    "npz with a mask": Case(NPZ, npz(data=BOTH, mask=BOTH > 0), MEANT, ("ignored-arrays",)),
    "npz stored, x among others": Case(NPZ, npz(is_packed=False, x=BOTH, other=BOTH, mean=np.zeros(3)), MEANT, ("ignored-arrays",)),
}
REFUSED = {
    "another size": Refused(NPY, npy_of(np.zeros((2, 32, 32), "u1")), "wrong-shape", "[2, 32, 32]", "PNG"),
    "another size in an npz": Refused(
        NPZ, npz(x=np.zeros((2, 32, 32), "u1"), y=np.array([7, 1])), "wrong-shape", "'x' of shape [2, 32, 32]", "as PNG or JPEG"
    ),
    "a canvas": Refused(NPY, npy_of(np.zeros((280, 280, 4), "u1")), "wrong-shape", "[280, 280, 4]", "PNG"),
    "another size in a batch of one": Refused(NPY, npy_of(np.zeros((1, 280, 280, 1), "f4")), "wrong-shape", "[1, 280, 280, 1]", "PNG"),
    "one long row": Refused(NPY, npy_of(np.zeros(5 * 784, "u1")), "wrong-shape", "[3920]", "x.reshape(-1, 784)"),
    "colour": Refused(NPY, npy_of(np.zeros((2, 28, 28, 3), "u1")), "wrong-shape", "[2, 28, 28, 3]", "mean(axis=-1)"),
    "channels of colour in a batch of one": Refused(
        NPY, npy_of(np.zeros((1, 3, 28, 28), "u1")), "wrong-shape", "[1, 3, 28, 28]", "channels of colour"
    ),
    "labels among the values": Refused(NPY, npy_of(np.zeros((3, 785), "u1")), "wrong-shape", "[3, 785]", "leave it out"),
    "columns for instances": Refused(NPY, npy_of(np.zeros((784, 3), "u1")), "wrong-shape", "[784, 3]", "x.T"),
    "lists of several lengths": Refused(
        NPY, npy_of(np.array([[1, 2], [3]], dtype=object)), "wrong-shape", "dtype is '|O'", "numpy.stack(list(x))"
    ),
    "named fields": Refused(
        NPY, npy_of(np.zeros(3, [("a", "f4"), ("b", "f4")])), "wrong-shape", "dtype is \"[('a', '<f4')", "structured_to_unstructured"
    ),
    "times of a table": Refused(NPY, npy_of(np.array([37], "m8[D]")), "wrong-shape", "dtype is '<m8[D]'", "of days", "salary"),
    "dates of a table": Refused(NPY, npy_of(np.array(["2026-12-01"], "M8[D]")), "wrong-shape", "dtype is '<M8[D]'", "of days", "salary"),
    "named fields of a table": Refused(
        NPY, npy_of(np.zeros(3, [("experience", "f4")])), "wrong-shape", "dtype is", "structured_to_unstructured", "salary"
    ),
    "fields of a name that is no Latin": Refused(
        NPY, npy_of(np.zeros(3)).replace(b"NUMPY\1", b"NUMPY\3", 1), "malformed", "version 3.0", "structured_to_unstructured", "salary"
    ),
    "complex numbers": Refused(NPY, npy_of(BOTH.astype("c8")), "wrong-shape", "dtype is '<c8'", "x.real"),
    "labels alone": Refused(NPY, npy_of(np.array([7, 1, 7])), "wrong-shape", "[3]; expected [N, 28, 28]", "not their labels"),
    "scores alone": Refused(NPY, npy_of(np.eye(10)[[7, 1]]), "wrong-shape", "[2, 10]; expected [N, 28, 28]", "not their labels"),
    "a value that is none in a row": Refused(
        NPY, npy_of(np.array([3.1, np.nan])), "not-a-number", "row 2, value 0 is nan", "there", "salary"
    ),
    "a level that is none in a row": Refused(
        NPY, npy_of(np.stack([SEVEN, np.full((28, 28), 300)]).astype("i4")), "out-of-range", "row 2, value 0 is 300", "", "digits"
    ),
    "two files, one behind the other": Refused(NPY, npy_of(BOTH) + npy_of(BOTH), "malformed", "says", "numpy.concatenate"),
    "a file that is cut off": Refused(NPY, npy_of(BOTH)[:-10], "malformed", "says", "Send the whole file"),
    "two columns for a table of one": Refused(
        NPY, npy_of(np.array([[3.1, 60150], [5, 7]])), "wrong-shape", "[2, 2]; expected [N, 1] or [N]", "x[:, :1]", "salary"
    ),
    "npz of two": Refused(NPZ, npz(x_train=BOTH, x_test=BOTH), "wrong-shape", "'x_train' of shape [2, 28, 28], 'x_test'", "numpy.save"),
    "npz of none": Refused(NPZ, npz(a=np.zeros(3), b=np.zeros(3)), "wrong-shape", "expected one of instances", "numpy.save"),
}
