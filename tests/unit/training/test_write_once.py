from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.moto_aws import Bucket, create_client, empty_account
from training.steps import write_once

URL = "s3://dump/models/digits/abc/best/model.tar.gz"


@pytest.fixture
def dump(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    monkeypatch.setattr(write_once, "create_client", create_client)
    with empty_account():
        yield Bucket("dump")


def test_writes_an_object_once(dump: Bucket) -> None:
    write_once.write_once(URL, b"approved")
    write_once.write_once(URL, b"approved")  # as a job that SageMaker repeats
    with pytest.raises(FileExistsError, match=r"model.tar.gz is there already, with another content; .* Start another execution"):
        write_once.write_once(URL, b"another")
    key = "models/digits/abc/best/model.tar.gz"
    assert (dump.read(key), dump.count_writes()) == (b"approved", {key: 1})


def test_writes_a_file_once_where_a_folder_stands_for_s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(write_once.BUCKETS_DIR, str(tmp_path))
    write_once.write_once(URL, b"approved")
    write_once.write_once(URL, b"approved")
    with pytest.raises(FileExistsError, match="another content"):
        write_once.write_once(URL, b"another")
    assert (tmp_path / "dump/models/digits/abc/best/model.tar.gz").read_bytes() == b"approved"
