"""Ids that hold all that feedback needs, signed for one owner, and keys that hold all that a report needs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.predictions import LONGEST_ID, Prediction, outcomes_of, parse_outcome
from functions.shared.signature import sign
from tests.events import ID_KEY

OWNER = "11111111-aaaa"
ANY = Prediction("JKJaXmPLvHcESHA=", "champion", "1.0.0+0e985eab", 1_795_251_600, (7, None, 0))
names = st.from_regex(re.compile(r"\w[\w.+-]{0,99}", re.ASCII), fullmatch=True)


def read(id_: str) -> Prediction | None:
    return Prediction.from_id(id_, OWNER, [ID_KEY])


@given(st.text(max_size=40), names, names, st.integers(0, 2**33), st.lists(st.none() | st.integers(0, 1000), min_size=1, max_size=9))
def test_reads_what_it_writes(request_id: str, variant: str, version: str, at_s: int, predicted: list[int | None]) -> None:
    prediction = Prediction(request_id, variant, version, at_s, tuple(predicted))
    id_ = prediction.to_id(OWNER, ID_KEY)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", id_)
    assert read(id_) == prediction


@given(st.text() | st.text("ABCabc012-_"))
def test_reads_nothing_from_what_is_not_an_id(id_: str) -> None:
    assert read(id_) is None


def test_reads_nothing_from_what_another_version_signed() -> None:
    assert read(sign("WzFd", OWNER, ID_KEY)) is None  # [1]


def test_is_short_for_one_instance_and_fits_an_address_for_the_largest_answer() -> None:
    one = Prediction(ANY.request_id, ANY.variant, ANY.version, ANY.at_s, (7,))
    many = Prediction(ANY.request_id, ANY.variant, ANY.version, ANY.at_s, tuple(n % 10 for n in range(1000)))
    assert len(one.to_id(OWNER, ID_KEY)) < 150
    assert len(many.to_id(OWNER, ID_KEY)) < 3_000 < LONGEST_ID
    assert read(many.to_id(OWNER, ID_KEY)) == many


def test_keeps_what_any_container_calls_itself_within_a_key() -> None:
    prediction = Prediction.from_response(
        "r", {"variant": "main", "version": "a/b ü"}, [{"label": 7}, {"label": "seven"}, {}, {"label": [7]}], range(10), 5.9
    )
    assert (prediction.version, prediction.predicted, prediction.at_s) == ("a_b__", (7, None, None, None), 5)
    odd = Prediction.from_response("r", {"variant": ".."}, [{"label": 1}], (1,), 5)
    assert (odd.variant, odd.version) == ("unknown", "unknown")
    assert read(prediction.to_id(OWNER, ID_KEY)) == prediction


@pytest.mark.parametrize("right", [True, False])
def test_reads_an_outcome_from_its_key_alone(right: bool) -> None:
    key = ANY.outcome_key("digits", 2, right=right)
    assert key.startswith(outcomes_of("digits"))
    result = parse_outcome(key)
    assert (result.variant, result.version, result.day, result.right) == ("champion", "1.0.0+0e985eab", "2026-11-21", right)


def test_gives_each_instance_a_key_of_its_own() -> None:
    keys = {ANY.label_key(0), ANY.label_key(1), Prediction("other", *("v", "1"), ANY.at_s, (7,)).label_key(0)}
    assert len(keys) == 3
    assert all(key.startswith("feedback/given/2026-11-21/") for key in keys)
