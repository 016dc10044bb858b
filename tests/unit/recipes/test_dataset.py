import gzip
import io
import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.dataset import Split, read_split, write_split
from recipes.digits import dataset
from recipes.digits.dataset import build_split, load, load_pickle, parse_idx
from recipes.errors import Malformed


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()


def any_split(count: int = 4) -> Split:
    random = np.random.default_rng(0)
    return build_split(random.integers(0, 256, (count, 28, 28), np.uint8), random.integers(0, 10, count).astype(np.uint8))


def tutorial_file(folder: Path, *splits: Split, divisor: int = 256, protocol: int = 2) -> Path:
    """Write the tutorial's layout: a gzipped pickle of (images float32 [N, 784], labels int64 [N]) pairs."""
    pairs = [(split.inputs.reshape(-1, 784).astype(np.float32) / np.float32(divisor), split.targets.astype(np.int64)) for split in splits]
    path = folder / "mnist.pkl.gz"
    path.write_bytes(gzip.compress(pickle.dumps(tuple(pairs), protocol)))
    return path


def test_joins_large_splits_on_disk_and_small_ones_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (Split(np.full((count, 2, 3), count, np.uint8), np.zeros(count)) for count in (70, 5))
    small = one + other
    monkeypatch.setattr("recipes.dataset.MOST_IN_MEMORY_BYTES", 100)
    large = one + other
    assert [isinstance(each.inputs.base, np.memmap) for each in (small, large)] == [False, True]
    assert np.array_equal(small.inputs, large.inputs)
    assert small.inputs[70:].tolist() == other.inputs.tolist()


def test_has_the_real_mnist() -> None:
    data = load()
    assert (len(data.train), len(data.validation), len(data.test)) == (50_000, 10_000, 10_000)
    assert np.bincount(data.test.targets).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert round(float((data.train + data.validation).inputs.mean()) / 255, 4) == 0.1307
    assert data.sha256 == dataset.SHA256


@pytest.mark.parametrize("read", [load, dataset.find_raw_files])
def test_says_how_to_get_missing_files(read: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileNotFoundError, match=r"neither mnist\.pkl\.gz nor .*train-images-idx3-ubyte") as named:
        read(tmp_path)
    assert "setup-training" not in str(named.value)  # that fills another folder
    monkeypatch.setenv("INFERSTACK_MNIST_DIR", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"make setup-training.*INFERSTACK_MNIST_DIR"):
        read()


def test_looks_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFERSTACK_MNIST_DIR", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        load()


def test_refuses_files_that_are_not_mnists(tmp_path: Path) -> None:
    for name in dataset.SHA256:
        (tmp_path / name).write_bytes(idx(np.zeros((3, 28, 28))))
    with pytest.raises(Malformed, match="train-images-idx3-ubyte has sha256"):
        load(tmp_path)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.booleans())
def test_reads_back_any_idx_file(shape: list[int], zipped: bool) -> None:
    array = np.arange(int(np.prod(shape)), dtype=np.uint8).reshape(shape)
    content = gzip.compress(idx(array)) if zipped else idx(array)
    np.testing.assert_array_equal(parse_idx(content), array)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "begins with 000008"),
        (b"\0\0\x09\x01", "begins with 000008"),
        (b"PK\3\4 not an idx", "begins with 000008"),
        (idx(np.zeros(5))[:-1], "has 12 bytes; its header .* announces 13"),
        (idx(np.zeros(5)) + b"\0", "announces 13"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "announces"),
        (b"\0\0\x08\x03\0\0", "announces"),
        (gzip.compress(idx(np.zeros(5)), mtime=0)[:-9], "gzip"),
        (b"\x1f\x8b\x08 not gzip at all", "gzip"),
    ],
)
def test_refuses_a_broken_idx_file(content: bytes, sentence: str) -> None:
    with pytest.raises(Malformed, match=sentence):
        parse_idx(content)


def test_reads_no_more_of_a_gzip_bomb_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "MAX_IDX_BYTES", 1000)
    with pytest.raises(Malformed, match="has 1000 bytes"):
        parse_idx(gzip.compress(idx(np.zeros(5000))))


@pytest.mark.parametrize(
    ("images", "labels"),
    [((2, 28, 28), [1]), ((2, 28, 27), [1, 2]), ((2, 784), [1, 2]), ((2, 28, 28), [1, 10])],
)
def test_refuses_images_and_labels_that_do_not_belong_together(images: tuple[int, ...], labels: list[int]) -> None:
    with pytest.raises(Malformed, match=r"expected \[N, 28, 28\] and \[N\] of 0-9"):
        build_split(np.zeros(images, np.uint8), np.array(labels, np.uint8))


def test_head_takes_the_first() -> None:
    split = any_split()
    assert len(split.head(3)) == 3
    assert split.head(None) is split


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("divisor", [255, 256])
def test_reads_the_tutorials_pickle(tmp_path: Path, protocol: int, divisor: int) -> None:
    splits = any_split(5), any_split(2), any_split(3)
    read = load_pickle(tutorial_file(tmp_path, *splits, divisor=divisor, protocol=protocol))
    for got, expected in zip(read, splits, strict=True):
        np.testing.assert_array_equal(got.inputs, expected.inputs)
        np.testing.assert_array_equal(got.targets, expected.targets)


@pytest.mark.parametrize("protocol", [2, 3])
def test_reads_a_pickle_that_names_numpy_as_it_was_called_before_2(tmp_path: Path, protocol: int) -> None:
    path = tutorial_file(tmp_path, any_split(), any_split(), any_split(), protocol=protocol)
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"numpy._core.", b"numpy.core.")))
    assert len(load_pickle(path)) == 3


class Calls:
    """Pickles as a call of a function."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.reduced = function, arguments

    def __reduce__(self) -> object:
        return self.reduced


@pytest.mark.parametrize(
    "function", [os.system, eval, exec, np.load, np.fromfile, gzip.open, getattr], ids=lambda function: function.__qualname__
)
def test_refuses_a_pickle_that_names_a_function(tmp_path: Path, function: object) -> None:
    mark = tmp_path / "ran"
    path = tmp_path / "mnist.pkl.gz"
    path.write_bytes(gzip.compress(pickle.dumps(Calls(function, f"touch {mark}"))))
    with pytest.raises(Malformed, match="which an array does not need"):
        load_pickle(path)
    assert not mark.exists()


ARRAYS = np.zeros((1, 784), np.float32), np.zeros(1, np.int64)
NOT_THE_TUTORIALS = {
    "empty": b"",
    "not gzip": b"not gzip",
    "gzip of nothing": gzip.compress(b""),
    "gzip of text": gzip.compress(b"not a pickle"),
    "truncated": gzip.compress(pickle.dumps((ARRAYS,) * 3))[:-20],
    "a number": gzip.compress(pickle.dumps(7)),
    "numbers": gzip.compress(pickle.dumps(((1, 2),) * 3)),
    "two pairs": gzip.compress(pickle.dumps((ARRAYS,) * 2)),
    "images of 27 x 27": gzip.compress(pickle.dumps(((np.zeros((1, 729)), np.zeros(1)),) * 3)),
    "pixels over 1": gzip.compress(pickle.dumps(((ARRAYS[0] + 2, ARRAYS[1]),) * 3)),
    "pixels that are no numbers": gzip.compress(pickle.dumps(((ARRAYS[0] * np.nan, ARRAYS[1]),) * 3)),
    "labels that would wrap": gzip.compress(pickle.dumps(((ARRAYS[0], ARRAYS[1] + 257),) * 3)),
}


@pytest.mark.parametrize("content", NOT_THE_TUTORIALS.values(), ids=NOT_THE_TUTORIALS)
def test_refuses_another_pickle(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mnist.pkl.gz"
    path.write_bytes(content)
    with pytest.raises(Malformed, match=r"is not the tutorial's mnist\.pkl\.gz"):
        load_pickle(path)


def test_refuses_a_pickle_of_objects(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pickle.dump(tuple((np.array([Calls(os.system, "true")], object), np.zeros(1)) for _ in range(3)), buffer)
    path = tmp_path / "mnist.pkl.gz"
    path.write_bytes(gzip.compress(buffer.getvalue()))
    with pytest.raises(Malformed, match="has the type 'O8'; expected one of f2"):
        load_pickle(path)


TYPE = b"cnumpy\ndtype\n(Vf4\nI00\nI01\ntR"  # protocol 0, in which a person can write a program
FORGED = {
    "an order of bytes": TYPE + b"(I3\nVN\nNI-1\nI-1\nI0\ntb.",  # numpy's own reading of this one ends the process
    "fields": TYPE + b"(I3\nV<\nN(Va\nt(dI4\nI1\nI0\ntb.",
    "a name": b"cnumpy\nndarray\n(Va\nVb\ntb.",
    "a function": b"c_codecs\nencode\n(dV__defaults__\n(I1\ntsb.",
    "bytes": b"\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\x0f.",
}


@pytest.mark.parametrize("program", FORGED.values(), ids=FORGED)
def test_refuses_a_pickle_that_forges_a_state(tmp_path: Path, program: bytes) -> None:
    path = tmp_path / "mnist.pkl.gz"
    path.write_bytes(gzip.compress(program))
    with pytest.raises(Malformed, match=r"is not the tutorial's mnist\.pkl\.gz"):
        load_pickle(path)


def test_trains_on_the_tutorials_pickle_as_the_tutorial_did(tmp_path: Path) -> None:
    train, validation, test = any_split(5), any_split(3), any_split(2)
    data = load(tutorial_file(tmp_path, train, validation, test))
    assert (len(data.train), len(data.validation), len(data.test)) == (5, 3, 2)
    np.testing.assert_array_equal(data.train.inputs, train.inputs)
    assert list(data.sha256) == ["mnist.pkl.gz"]


def test_reads_gzipped_files_and_a_folder_with_the_tutorials(tmp_path: Path) -> None:
    gzipped, *plain = sorted(dataset.SHA256)[::-1]  # the labels, which are small
    (tmp_path / f"{gzipped}.gz").write_bytes(gzip.compress((dataset.FOLDER / gzipped).read_bytes(), 1))
    for name in plain:
        (tmp_path / name).symlink_to(dataset.FOLDER / name)
    assert len(load(tmp_path).test) == 10_000
    tutorial_file(tmp_path, any_split(5), any_split(3), any_split(2)).rename(tmp_path / "mnist.pkl.gz")
    assert len(load(tmp_path).train) == 5


def test_a_split_comes_back_from_its_folder(tmp_path: Path) -> None:
    written = any_split(3) + any_split(2)
    write_split(written, tmp_path / "train")
    read = read_split(tmp_path / "train")
    np.testing.assert_array_equal(read.inputs, written.inputs)
    assert (len(read.head(1)), read.targets.tolist()) == (1, written.targets.tolist())
    with pytest.raises(Malformed, match="does not hold a split"):
        read_split(tmp_path)


def test_refuses_targets_that_do_not_belong_to_the_inputs() -> None:
    with pytest.raises(Malformed, match=r"expected \[N, …\] and \[N\]"):
        Split(np.zeros((3, 1)), np.zeros(2))


class Huge:
    """Pickled as a call of numpy's array type with a size of 8 GB."""

    def __reduce__(self) -> tuple[object, ...]:
        return np.ndarray, ((1 << 30,),)


def nest(depth: int) -> list[object]:
    """Return lists that hold the same list ten times each: few bytes, and 10^depth numbers."""
    values: list[object] = [0.5] * 10
    for _ in range(depth):
        values = [values] * 10
    return values


@pytest.mark.parametrize("images", [Huge(), nest(9), np.array([b"0.5"] * 784), "0.5"], ids=["a call", "lists", "text", "a word"])
def test_refuses_a_pickle_that_would_be_larger_than_itself(tmp_path: Path, images: object) -> None:
    path = tmp_path / "mnist.pkl.gz"
    path.write_bytes(gzip.compress(pickle.dumps(((images, np.zeros(1, np.int64)),) * 3, 2)))
    with pytest.raises(Malformed, match=r"is not the tutorial's"):
        dataset.load_pickle(path)


def test_refuses_a_split_that_announces_more_than_it_holds(tmp_path: Path) -> None:
    write_split(any_split(), tmp_path)
    content = (tmp_path / "inputs.npy").read_bytes()
    for broken in (content.replace(b"(4, 28, 28)", b"(1<<40, 8)"), content.replace(b"(4, 28", b"(9, 99"), content[:40], b"", b"PK\x03\x04"):
        (tmp_path / "inputs.npy").write_bytes(broken)
        with pytest.raises(Malformed):
            read_split(tmp_path)
