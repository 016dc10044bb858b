"""Objects that are written once, whole, in one request or in parts."""

from typing import Any

import pytest

from functions.process_upload.results.writer import PART_BYTES, ObjectWriter
from functions.shared.aws.retries import Refused
from functions.shared.object_store import Store
from tests.moto_aws import Bucket

BLOCK = bytes(range(256)) * 4096  # 1 MiB


def open_writer(results: Bucket, metadata: dict[str, str] | None = None) -> ObjectWriter:
    return ObjectWriter(Store(results.client, results.name), "a", "text/plain", metadata)


def has_parts(results: Bucket) -> bool:
    return "Uploads" in results.client.list_multipart_uploads(Bucket=results.name)


def test_writes_a_small_object_with_its_metadata(results: Bucket) -> None:
    writer = open_writer(results, {"format": "csv"})
    writer.write(b"one\n")
    writer.write(b"two\n")
    assert results.list_keys() == []
    assert writer.close()
    stored = results.client.get_object(Bucket=results.name, Key="a")
    assert (stored["Body"].read(), stored["ContentType"], stored["Metadata"]) == (b"one\ntwo\n", "text/plain", {"format": "csv"})


def test_writes_a_large_object_in_parts_that_appear_at_once(results: Bucket) -> None:
    writer = open_writer(results, {"format": "csv"})
    for _ in range(12):
        writer.write(BLOCK)
    assert 12 * len(BLOCK) > 2 * PART_BYTES
    assert (results.list_keys(), has_parts(results)) == ([], True)
    assert writer.close()
    stored = results.client.get_object(Bucket=results.name, Key="a")
    assert (stored["Body"].read() == BLOCK * 12, stored["Metadata"]) == (True, {"format": "csv"})
    assert not has_parts(results)


def test_keeps_the_first_of_two_objects_and_no_parts_of_the_other(results: Bucket) -> None:
    results.put("a", b"first")
    small, large = open_writer(results), open_writer(results)
    small.write(b"second")
    for _ in range(6):
        large.write(BLOCK)
    assert [small.close(), large.close()] == [False, False]
    assert (results.read("a"), results.count_writes(), has_parts(results)) == (b"first", {"a": 1}, False)


def test_leaves_nothing_when_it_is_aborted(results: Bucket) -> None:
    writer = open_writer(results)
    for _ in range(6):
        writer.write(BLOCK)
    writer.abort()
    assert (results.list_keys(), has_parts(results)) == ([], False)


class Answering:
    """S3, but that what it says of some calls is lost, or is a refusal."""

    def __init__(self, client: Any, name: str, failure: Exception, *, first: bool) -> None:
        self._client, self._name, self._failure, self._first = client, name, failure, first

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)
        if name != self._name:
            return call

        def fail(**request: Any) -> Any:
            if self._first:  # S3 did it, and the answer did not arrive
                call(**request)
            raise self._failure

        return fail


AGAIN = [Refused("PreconditionFailed", "", 412), Refused("NoSuchUpload", "", 404)]


@pytest.mark.parametrize("refused", AGAIN, ids=repr)
def test_finds_its_own_object_where_the_answer_to_its_last_request_was_lost(results: Bucket, refused: Refused) -> None:
    """Asked again, S3 says that the object is there already, or that there are no parts any more."""
    client = Answering(results.client, "complete_multipart_upload", refused, first=True)
    writer = ObjectWriter(Store(client, results.name), "a", "text/plain")
    for _ in range(6):
        writer.write(BLOCK)
    assert not writer.close()
    assert results.read("a") == BLOCK * 6


def test_does_not_take_lost_parts_for_an_object(results: Bucket) -> None:
    client = Answering(results.client, "complete_multipart_upload", Refused("NoSuchUpload", "", 404), first=False)
    writer = ObjectWriter(Store(client, results.name), "a", "text/plain")
    for _ in range(6):
        writer.write(BLOCK)
    with pytest.raises(Refused, match="NoSuchUpload"):
        writer.close()


@pytest.mark.parametrize("failure", [Refused("SlowDown", "", 503), TimeoutError("no answer"), ConnectionError("lost")], ids=repr)
def test_what_aborted_it_counts_more_than_parts_that_stay(results: Bucket, failure: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    writer = ObjectWriter(Store(Answering(results.client, "abort_multipart_upload", failure, first=False), results.name), "a", "text/plain")
    for _ in range(6):
        writer.write(BLOCK)
    writer.abort()
    assert "parts of an upload stay" in capsys.readouterr().out
