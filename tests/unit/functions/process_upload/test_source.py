"""An uploaded object as a file."""

import io
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from functions.process_upload.events import Upload
from functions.process_upload.source import BLOCK_BYTES, Source, SourceFailed
from functions.shared.aws.http_response import Answer
from functions.shared.aws.s3 import ATTEMPTS
from recipes.errors import NotReadable
from tests.moto_aws import Bucket, create_client
from tests.moto_s3 import create_s3
from tests.upload_handler import UPLOADS
from tests.uploads import put_upload


def open_source(upload: Upload, client: Any = None) -> Source:
    return Source(client or create_client("s3"), UPLOADS, upload)


class CountingClient:
    """moto's client, with the ranges that were read."""

    def __init__(self) -> None:
        self._client, self.ranges = create_client("s3"), list[str]()

    def get_object(self, **request: Any) -> dict[str, Any]:
        self.ranges.append(request["Range"])
        response: dict[str, Any] = self._client.get_object(**request)
        return response


class Unanswering:
    """A host that does not give what it is asked for, and how often it was asked."""

    def __init__(self, failure: Exception | Answer) -> None:
        self.failure, self.asked = failure, 0

    def send(self, *_: Any, **__: Any) -> Answer:
        self.asked += 1
        if isinstance(self.failure, Exception):
            raise self.failure
        return self.failure


@pytest.fixture
def content(buckets: dict[str, Bucket]) -> bytes:
    return bytes(range(256)) * (BLOCK_BYTES // 128) + b"end"  # two blocks and three bytes


def test_reads_each_block_once(content: bytes) -> None:
    client = CountingClient()
    assert io.BufferedReader(open_source(put_upload("inbox/a", content), client)).read() == content
    assert sorted(client.ranges) == ["bytes=0-2097151", "bytes=2097152-4194303", "bytes=4194304-4194306"]


def test_fetches_the_next_blocks_while_one_is_read(content: bytes) -> None:
    client = CountingClient()
    source = open_source(put_upload("inbox/a", content), client)
    assert source.read(1) == content[:1]
    for ahead in source._ahead.values():
        ahead.result()
    assert sorted(client.ranges) == ["bytes=0-2097151", "bytes=2097152-4194303", "bytes=4194304-4194306"]
    source.seek(-1, io.SEEK_END)
    assert source.read(9) == b"d"


def test_fetches_a_beginning_once(content: bytes) -> None:
    client = CountingClient()
    assert io.BufferedReader(open_source(put_upload("inbox/a", content), client).begin()).read() == content
    assert sorted(client.ranges) == ["bytes=0-2097151", "bytes=2097152-4194303", "bytes=4194304-4194306"]


def test_says_what_failed_at_the_beginning_when_it_is_read(content: bytes) -> None:
    source = open_source(replace(put_upload("inbox/a", content), version="", etag="another")).begin()
    with pytest.raises(NotReadable, match="replaced"):
        source.read(1)


def test_reads_from_anywhere(content: bytes) -> None:
    source = open_source(put_upload("inbox/a", content))
    assert [source.seek(-3, io.SEEK_END), source.read(9), source.read(9)] == [len(content) - 3, b"end", b""]
    assert [source.seek(10), source.read(2), source.tell()] == [10, content[10:12], 12]


def test_knows_the_metadata_once_it_has_read(content: bytes) -> None:
    source = open_source(put_upload("inbox/a", content, {"csv": "true"}))
    source.read(1)
    assert source.metadata == {"csv": "true"}


FAILURES = [TimeoutError("no response in time"), ConnectionError("the body broke off"), Answer(503, {}, b"", is_whole=True)]


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
def test_asks_no_more_often_than_the_client_does(failure: Exception | Answer) -> None:
    """Each time may take 20 seconds. A function that is ended over them looks like one that could not read the file."""
    host = Unanswering(failure)
    with pytest.raises(SourceFailed, match=r"no response in time|broke off|503"):
        open_source(Upload("inbox/a", "", "", 100, ""), create_s3(lambda _: host)).read(100)
    assert host.asked == ATTEMPTS


def test_does_not_take_a_part_for_the_whole(content: bytes) -> None:
    upload = put_upload("inbox/a", content[:100])
    with pytest.raises(SourceFailed, match="S3 sent 100 of 200 bytes"):
        open_source(replace(upload, size_bytes=200)).read(200)


LOCKED = {
    "AccessDenied": "User: arn:aws:sts::1:assumed-role/r/f is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:k because …",
    "KMS.DisabledException": "arn:aws:kms:eu-west-1:1:key/k is disabled.",
    "InvalidRequest": "The object was stored using a form of Server Side Encryption. The correct parameters must be provided …",
}


@pytest.mark.parametrize("code", LOCKED)
def test_says_that_the_object_is_encrypted_with_another_key(code: str) -> None:
    """To try it again would be in vain, and its callers would hear that nothing is wrong with the file."""
    refusal = Answer(403, {}, f"<Error><Code>{code}</Code><Message>{LOCKED[code]}</Message></Error>".encode(), is_whole=True)
    with pytest.raises(NotReadable, match="encrypted with a key that this deployment cannot use"):
        open_source(Upload("inbox/a", "", "", 3, ""), create_s3(lambda _: Unanswering(refusal))).read(3)


def test_tries_again_what_failed_at_the_key_for_a_while() -> None:
    refusal = Answer(503, {}, b"<Error><Code>KMS.InternalException</Code><Message>try again</Message></Error>", is_whole=True)
    with pytest.raises(SourceFailed):
        open_source(Upload("inbox/a", "", "", 3, ""), create_s3(lambda _: Unanswering(refusal))).read(3)


@pytest.mark.parametrize("change", ["deleted", "replaced", "archived"])
def test_says_what_happened_to_the_object(buckets: dict[str, Bucket], change: str) -> None:
    s3 = buckets[UPLOADS].client
    if change == "archived":
        s3.put_object(Bucket=UPLOADS, Key="inbox/a", Body=b"1,2", StorageClass="GLACIER")
        upload = Upload("inbox/a", "", "", 3, "")
    elif change == "replaced":
        etag = put_upload("inbox/a", b"1,2").etag
        put_upload("inbox/a", b"3,4,5")
        upload = Upload("inbox/a", "", etag, 3, "")
    else:
        upload = put_upload("inbox/a", b"1,2")
        s3.delete_object(Bucket=UPLOADS, Key=upload.key, VersionId=upload.version)
    with pytest.raises(NotReadable, match=change):
        open_source(upload).read(3)


@pytest.mark.parametrize("is_versioned", [True, False])
def test_asks_the_listing_whether_what_is_forbidden_is_there(buckets: dict[str, Bucket], is_versioned: bool) -> None:
    """S3 calls a missing object forbidden for a role that may list some prefixes only."""
    upload = put_upload("inbox/a", b"1,2")
    if not is_versioned:
        upload = Upload("inbox/a", "", upload.etag, 3, "")
    client = create_client("s3")
    forbidden = ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "GetObject")
    with patch.object(client, "get_object", side_effect=forbidden):
        with pytest.raises(SourceFailed, match="AccessDenied"):
            open_source(upload, client).read(3)
        buckets[UPLOADS].client.delete_object(Bucket=UPLOADS, Key="inbox/a", **({"VersionId": upload.version} if is_versioned else {}))
        with pytest.raises(NotReadable, match="deleted"):
            open_source(upload, client).read(3)


def test_reads_the_version_of_its_event_whatever_came_after(buckets: dict[str, Bucket]) -> None:
    upload = put_upload("inbox/a", b"first")
    put_upload("inbox/a", b"second")
    assert open_source(upload).read(9) == b"first"
