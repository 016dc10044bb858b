"""Never lost, never doubled: the fault run, and that its checker can tell."""

from collections import Counter

import pytest

from tests.fake_s3 import FakeS3
from tests.faults import RESULTS, check, run

UPLOADS_MADE = 300  # benchmarks/faults.py runs thousands


@pytest.fixture(scope="module")
def outcome() -> tuple[FakeS3, dict[str, dict[str, int]], Counter[str]]:
    s3, expected, ledger = run(UPLOADS_MADE, rate=0.12, seed=7)
    assert sum(ledger.faults.values()) > 0.1 * sum(ledger.calls.values())
    assert ledger.deaths > 20
    assert ledger.delivered > 1.5 * UPLOADS_MADE
    return s3, expected, ledger.told


def test_loses_nothing_and_doubles_nothing(outcome: tuple[FakeS3, dict[str, dict[str, int]], Counter[str]]) -> None:
    assert check(*outcome) == []


@pytest.mark.parametrize("name", ["summary.json", "predictions.jsonl"])
def test_would_see_a_loss(outcome: tuple[FakeS3, dict[str, dict[str, int]], Counter[str]], name: str) -> None:
    s3, expected, told = outcome
    key = next(key for key in s3.keys(RESULTS) if key.endswith(f".csv/{key.split('/')[-2]}/{name}"))
    kept = s3.objects.pop((RESULTS, key))
    try:
        assert len(check(s3, expected, told)) >= 1
    finally:
        s3.objects[RESULTS, key] = kept


def test_would_see_a_second_result_and_a_lost_row(outcome: tuple[FakeS3, dict[str, dict[str, int]], Counter[str]]) -> None:
    s3, expected, told = outcome
    key = next(key for key in s3.keys(RESULTS) if key.endswith("predictions.jsonl"))
    s3.writes[RESULTS, key] += 1
    kept = s3.objects[RESULTS, key][0].body
    s3.objects[RESULTS, key][0].body = kept[: kept.rindex(b"\n", 0, -1) + 1] if kept.count(b"\n") > 1 else b""
    try:
        assert len(check(s3, expected, told)) == 2
    finally:
        s3.writes[RESULTS, key] -= 1
        s3.objects[RESULTS, key][0].body = kept


def test_would_see_that_nobody_was_told(outcome: tuple[FakeS3, dict[str, dict[str, int]], Counter[str]]) -> None:
    s3, expected, told = outcome
    quiet = Counter(told)
    quiet.pop(next(iter(quiet)))
    assert len(check(s3, expected, quiet)) == 1
