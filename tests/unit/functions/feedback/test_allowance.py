"""Labels are counted exactly, by functions that know nothing of each other."""

from typing import Any

import pytest

from functions.feedback.allowance import TRIES, Allowance, Exhausted
from functions.shared.object_store import Store
from tests.fakes import FakeClock
from tests.moto_aws import Bucket

OWNER, NOW_S = "11111111-aaaa", 1_795_251_600.0 + 3_599


@pytest.fixture
def store(results: Bucket) -> Store:
    return Store(results.client, results.name)


def create(store: Store, clock: FakeClock, limit: int = 10) -> Allowance:
    return Allowance(store, limit, now=lambda: NOW_S, sleep=clock.sleep)


def test_counts_what_functions_of_one_account_let_through(store: Store) -> None:
    create(store, FakeClock()).take(OWNER, 4)
    create(store, FakeClock()).take(OWNER, 5)
    for labels in (2, 4):
        with pytest.raises(Exhausted, match="10 labels an hour") as refused:
            create(store, FakeClock()).take(OWNER, labels)
        assert refused.value.retry_in_s == 1
    create(store, FakeClock()).take(OWNER, 1)
    create(store, FakeClock()).take("22222222-bbbb", 10)


class Raced(Store):
    """A store in which somebody else is faster, so many times."""

    times = 0

    def replace_json(self, key: str, *arguments: Any) -> bool:
        self.times -= 1
        if self.times < 0:
            return super().replace_json(key, *arguments)
        document, etag = self.read_version(key)
        super().replace_json(key, {"labels": document["labels"] + 1}, etag)
        return super().replace_json(key, *arguments)


@pytest.mark.parametrize(("times", "is_counted"), [(TRIES - 1, True), (TRIES, False)])
def test_counts_again_when_another_was_faster_and_gives_up_in_words(store: Store, times: int, is_counted: bool) -> None:
    clock, raced = FakeClock(), Raced(store.client, store.bucket)
    create(store, clock).take(OWNER, 1)
    raced.times = times
    if is_counted:
        create(raced, clock, 100).take(OWNER, 1)
    else:
        with pytest.raises(Exhausted, match="same moment"):
            create(raced, clock, 100).take(OWNER, 1)
    (key,) = [each.key for each in store.list("allowances/")]
    assert key == f"allowances/{OWNER}/2026-11-21T09.json"
    assert store.read_json(key) == {"labels": 1 + times + is_counted}
    assert len(clock.slept_s) == times
