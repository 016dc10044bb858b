"""The results bucket: what is written once, read back and listed."""

from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from functions.shared.object_store import CONFLICT_TRIES, Store
from tests.moto_aws import Bucket


@pytest.fixture
def store(results: Bucket) -> Store:
    return Store(results.client, results.name)


def test_reads_what_it_writes(store: Store) -> None:
    assert store.read_json("a.json") is None
    store.write_json("a.json", {"name": "ü"})
    store.write_json("a.json", {"name": "é"})
    assert store.read_json("a.json") == {"name": "é"}


def test_creates_an_object_once(store: Store, results: Bucket) -> None:
    assert [store.create_json("a.json", {"n": n}) for n in range(3)] == [True, False, False]
    assert store.read_json("a.json") == {"n": 0}
    assert results.count_writes() == {"a.json": 1}


def test_raises_what_is_neither_missing_nor_written_before(results: Bucket) -> None:
    store = Store(results.client, "no-such-bucket")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        store.read_json("a.json")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        store.create("a.json", b"", "text/plain")


def test_asks_the_listing_whether_what_is_forbidden_is_there(store: Store, results: Bucket) -> None:
    """S3 calls a missing object forbidden for a role that may list some prefixes only."""
    results.put("jobs/there", b"{}")
    forbidden = ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "GetObject")
    with patch.object(results.client, "get_object", side_effect=forbidden):
        assert store.read_json("jobs/missing") is None
        with pytest.raises(ClientError, match="AccessDenied"):
            store.read_json("jobs/there")


def test_lists_the_first_objects_after_a_key(store: Store, results: Bucket) -> None:
    for key in ("jobs/b", "jobs/a", "jobs/c", "other/d"):
        results.put(key, b"123")
    assert [(each.key, each.size_bytes) for each in store.list("jobs/")] == [("jobs/a", 3), ("jobs/b", 3), ("jobs/c", 3)]
    assert [each.key for each in store.list("jobs/", after="jobs/a", limit=1)] == ["jobs/b"]
    assert store.list("none/") == []


class Conflicts:
    """moto never has two writers at the same moment, which S3 answers with 409."""

    def __init__(self, client: Any, count: int) -> None:
        self._client, self._left = client, count

    def put_object(self, **request: Any) -> None:
        if self._left:
            self._left -= 1
            raise ClientError({"Error": {"Code": "ConditionalRequestConflict", "Message": "later"}}, "PutObject")
        self._client.put_object(**request)


def test_repeats_a_write_that_met_another_at_the_same_moment(results: Bucket) -> None:
    pauses: list[float] = []
    store = Store(Conflicts(results.client, CONFLICT_TRIES - 1), results.name, sleep=pauses.append)
    assert store.create("a", b"1", "text/plain")
    assert len(pauses) == CONFLICT_TRIES - 1
    with pytest.raises(ClientError, match="Conflict"):
        Store(Conflicts(results.client, CONFLICT_TRIES), results.name, sleep=pauses.append).create("b", b"1", "text/plain")
