"""Where a pipeline's artefacts are: a folder and S3 answer alike."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest

from pipeline.runner.store import FolderStore, S3Store, Store
from tests.moto_aws import REGION, Bucket, empty_account


@pytest.fixture
def dump() -> Iterator[Bucket]:
    with empty_account():
        yield Bucket("dump")


@cache
def create_client() -> Any:
    """Return boto3's client, which transfers files; the account's own is botocore's."""
    return boto3.client("s3", region_name=REGION, aws_access_key_id="any", aws_secret_access_key="any")


@pytest.fixture
def s3(dump: Bucket) -> Store:
    return S3Store(create_client())


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return FolderStore(tmp_path / "buckets") if request.param == "folder" else request.getfixturevalue("s3")


@pytest.fixture
def put(store: Store, tmp_path: Path) -> Callable[..., None]:
    """Return what writes an object that holds a text, its own key unless another is given."""

    def put(key: str, text: str = "") -> None:
        (tmp_path / "file").write_text(text or key)
        store.put(tmp_path / "file", f"s3://dump/{key}")

    return put


def fetch(store: Store, url: str, folder: Path) -> dict[str, str]:
    """Return what a fetch of the address brings, by its name in the folder."""
    count = store.fetch(url, folder)
    found = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert count == len(found)
    return found


@pytest.mark.parametrize("url", ["s3://dump/train", "s3://dump/train/"])
def test_a_prefix_is_a_folder_and_not_the_beginning_of_a_name(store: Store, put: Callable[..., None], tmp_path: Path, url: str) -> None:
    for key in ("train/a", "train/b", "train/deep/c", "train2/d", "other/train/e"):
        put(key)
    assert fetch(store, url, tmp_path / "out") == {"a": "train/a", "b": "train/b", "deep/c": "train/deep/c"}


def test_an_address_may_be_of_one_object(store: Store, put: Callable[..., None], tmp_path: Path) -> None:
    put("model.tar.gz")
    put("model.tar.gz.old")
    assert fetch(store, "s3://dump/model.tar.gz", tmp_path / "out") == {"model.tar.gz": "model.tar.gz"}


def test_says_when_nothing_is_there(store: Store, tmp_path: Path) -> None:
    assert store.fetch("s3://dump/nothing", tmp_path / "out") == 0


def test_keeps_a_folder_below_its_prefix(store: Store, tmp_path: Path) -> None:
    (tmp_path / "made/deep").mkdir(parents=True)
    for name in ("a", "deep/b"):
        (tmp_path / "made" / name).write_text(name)
    store.put(tmp_path / "made", "s3://dump/kept/")
    assert fetch(store, "s3://dump/kept", tmp_path / "out") == {"a": "a", "deep/b": "deep/b"}


def test_takes_every_character_of_a_key_as_it_is(store: Store, put: Callable[..., None], tmp_path: Path) -> None:
    put("raw/what?#now/a")
    put("raw/what")
    assert fetch(store, "s3://dump/raw/what?#now", tmp_path / "out") == {"a": "raw/what?#now/a"}


def test_its_digest_changes_with_whatever_is_below_the_address(store: Store, put: Callable[..., None]) -> None:
    def change(key: str, text: str) -> bool:
        before = store.compute_digest("s3://dump/train")
        put(key, text)
        return store.compute_digest("s3://dump/train") != before

    assert change("train/a", "one")
    assert change("train/a", "two")
    assert change("train/b", "two")  # a second object of the same content
    assert not change("train/a", "two")
    assert not change("train2/a", "three")


@pytest.mark.parametrize("url", ["dump/raw", "https://dump/raw", "s3:///raw", "/etc"])
def test_refuses_what_is_no_address_of_s3s(store: Store, tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="expected s3://"):
        store.fetch(url, tmp_path / "out")


@pytest.mark.parametrize("key", ["../../etc/passwd", "train/../../../secret"])
def test_a_folder_lets_no_address_lead_out_of_it(tmp_path: Path, key: str) -> None:
    for ask in (FolderStore(tmp_path / "buckets").find_path, FolderStore(tmp_path / "buckets").compute_digest):
        with pytest.raises(ValueError, match="leads out of"):
            ask(f"s3://dump/{key}")


def test_an_objects_name_leads_no_download_out_of_its_folder(dump: Bucket, s3: Store, tmp_path: Path) -> None:
    dump.put("raw/../../secret")
    with pytest.raises(ValueError, match="leads out of"):
        s3.fetch("s3://dump/raw", tmp_path / "deep/out")
    assert not (tmp_path / "secret").exists()


@pytest.mark.parametrize("url", ["s3://dump/raw", "s3://dump/raw/"])
def test_the_folders_that_the_console_makes_are_no_files(dump: Bucket, s3: Store, tmp_path: Path, url: str) -> None:
    for key in ("raw/", "raw/deep/", "raw/deep/a"):
        dump.put(key)
    assert fetch(s3, url, tmp_path / "out") == {"deep/a": ""}
