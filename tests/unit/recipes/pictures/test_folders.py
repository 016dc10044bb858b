"""Pictures in folders of class names become a data set; what cannot be read is left out by name and reason."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recipes.dataset import Dataset, read_split, write_split
from recipes.errors import Malformed
from recipes.pictures.decode import decode_color
from recipes.pictures.folders import divide, find_raw_files, load
from recipes.recipe import Candidate, ImageInstance, Recipe
from tests.digits import encoded
from tests.files import write_folder

PETS = Recipe(
    name="pets",
    title="Pets",
    classes=("cat", "dog"),
    instance_shape=(2, 2, 3),
    candidates=(Candidate("any", "any"),),
    read_image=lambda image: ImageInstance(decode_color(image).resize((2, 2)).tobytes()),
)
Files = Mapping[str, bytes]
Write = Callable[[Path, Files], Path]


def picture(level: int) -> bytes:
    return encoded(Image.new("RGB", (3, 4), (level, 0, 255 - level)))


def pets(count: int = 10) -> dict[str, bytes]:
    return {
        f"natural_images/{kind}/{kind}_{at}.png": picture(100 * row + at) for row, kind in enumerate(("cat", "dog")) for at in range(count)
    }


def write_zip(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path / "pets.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path / "pets.zip"


WAYS = pytest.mark.parametrize("write", [write_folder, write_zip])


def count(data: Dataset) -> list[list[int]]:
    return [np.bincount(split.targets, minlength=2).tolist() for split in (data.train, data.validation, data.test)]


@WAYS
def test_reads_every_class_into_every_split(tmp_path: Path, write: Write) -> None:
    data = load(PETS, write(tmp_path, pets()))
    assert count(data) == [[6, 6], [2, 2], [2, 2]]
    assert data.train.inputs.shape == (12, 2, 2, 3)
    assert data.left_out == {}
    for split in (data.train, data.validation, data.test):
        assert (split.inputs[:, 0, 0, 0] >= 100).tolist() == split.targets.tolist()


def test_a_folder_and_a_zip_of_the_same_pictures_are_the_same(tmp_path: Path) -> None:
    folder, zip_ = write_folder(tmp_path / "folder", pets()), write_zip(tmp_path, pets())
    one, other = load(PETS, folder), load(PETS, zip_)
    assert one.sha256 == other.sha256
    assert np.array_equal(one.train.inputs, other.train.inputs)


def test_which_split_a_picture_is_in_its_hash_says_and_not_its_name(tmp_path: Path) -> None:
    renamed = {f"{kind}/{999 - at}.png": content for at, (name, content) in enumerate(pets().items()) for kind in [name.split("/")[1]]}
    one, other = load(PETS, write_folder(tmp_path / "one", pets())), load(PETS, write_folder(tmp_path / "other", renamed))
    assert np.array_equal(one.test.inputs, other.test.inputs)


def test_the_first_of_a_split_are_of_all_classes() -> None:
    files = {f"{at * 7919 % 65521:032x}{at * 104729 % 65521:032x}": ("cat" if at < 100 else "dog", str(at)) for at in range(200)}
    train, _, _ = divide(files)
    assert 10 <= sum(int(name) < 100 for name in train[:40]) <= 30


@WAYS
def test_leaves_out_what_is_broken_and_says_what_and_why(tmp_path: Path, write: Write) -> None:
    broken = {
        "natural_images/cat/torn.png": picture(7)[:40],
        "natural_images/dog/empty.jpg": b"",
        "natural_images/dog/page.pdf": b"%PDF-1.4",
    }
    data = load(PETS, write(tmp_path, {**pets(), **broken}))
    assert set(data.left_out) == set(broken)
    assert "damaged or incomplete" in data.left_out["natural_images/cat/torn.png"]
    assert count(load(PETS, write(tmp_path, pets()))) == count(data)


@WAYS
def test_does_not_look_at_what_a_machine_leaves_beside_pictures(tmp_path: Path, write: Write) -> None:
    beside = {"natural_images/.DS_Store": b"x", "__MACOSX/cat/._a.png": b"x", "natural_images/cat/Thumbs.db": b"x", "_READY": b""}
    assert load(PETS, write(tmp_path, {**pets(), **beside})).left_out == {}


def test_the_same_picture_counts_once_and_in_two_classes_not_at_all(tmp_path: Path) -> None:
    twice = {"data/natural_images/cat/copy.png": picture(0), "cat/x.png": picture(99), "dog/x.png": picture(99)}
    data = load(PETS, write_folder(tmp_path, {**pets(), **twice}))
    assert sum(map(sum, count(data))) == 20
    assert set(data.left_out) == {"cat/x.png", "dog/x.png"}


def test_refuses_a_folder_of_another_name(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="has pictures in boat; expected folders named cat, dog"):
        load(PETS, write_folder(tmp_path, {**pets(), "natural_images/boat/a.jpg": picture(3)}))


def test_refuses_a_class_without_a_picture_that_can_be_read(tmp_path: Path) -> None:
    only = {name: content for name, content in pets().items() if "cat" in name} | {"dog/a.jpg": b"\xff\xd8\xff"}
    with pytest.raises(Malformed, match=r"no picture of 'dog' that can be read; 1 files could not be read, dog/a.jpg because"):
        load(PETS, write_folder(tmp_path, only))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and nothing", b"no zip"])
def test_refuses_a_broken_zip(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(Malformed, match="not a zip"):
        load(PETS, tmp_path / "a.zip")


def test_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere is missing: name a folder of pictures or a zip with --data"):
        load(PETS, tmp_path / "nowhere")


def test_a_member_that_unpacks_to_more_than_a_picture_has_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recipes.pictures.folders.MAX_FILE_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "pets.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**pets(), "cat/bomb.png": bytes(2_000_000)}.items():
            archive.writestr(name, content)
    assert load(PETS, tmp_path / "pets.zip").left_out == {"cat/bomb.png": "it has more than 1,000 bytes"}


def test_the_pipeline_brings_the_zip_or_every_picture_in_its_folder(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "pets", pets(2))
    assert find_raw_files(folder) == {name: folder / name for name in pets(2)}
    zip_ = write_zip(tmp_path, pets(2))
    assert find_raw_files(zip_) == find_raw_files(tmp_path) == {"pictures.zip": zip_}


def test_a_split_on_disk_is_read_without_being_in_memory(tmp_path: Path) -> None:
    data = load(PETS, write_folder(tmp_path / "pets", pets()))
    write_split(data.train, tmp_path / "split")
    read = read_split(tmp_path / "split")
    assert isinstance(read.inputs.base, np.memmap)
    assert np.array_equal(read.inputs, data.train.inputs)
    assert np.array_equal(read.targets, data.train.targets)
