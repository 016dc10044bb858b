"""Ids that hold all that feedback needs, and keys that hold all that a report needs."""

import base64
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.predictions import LONGEST_ID, Prediction, outcomes_of, parse_outcome

ANY = Prediction("JKJaXmPLvHcESHA=", "champion", "1.0.0+0e985eab", 1_795_251_600, (7, None, 0))
names = st.from_regex(r"[A-Za-z0-9_][\w.+-]{0,99}", fullmatch=True).filter(str.isascii)


def pack(document: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(document, separators=(",", ":")).encode()).decode().rstrip("=")


@given(st.text(max_size=40), names, names, st.integers(0, 2**33), st.lists(st.none() | st.integers(0, 1000), min_size=1, max_size=9))
def test_reads_what_it_writes(request_id: str, variant: str, version: str, at_s: int, predicted: list[int | None]) -> None:
    prediction = Prediction(request_id, variant, version, at_s, tuple(predicted))
    assert re.fullmatch(r"[A-Za-z0-9_-]+", prediction.id)
    assert Prediction.from_id(prediction.id) == prediction


@given(st.text() | st.text("ABCabc012-_") | st.recursive(st.integers() | st.text() | st.none(), st.lists).map(pack))
def test_reads_nothing_from_what_is_not_an_id(id_: str) -> None:
    assert Prediction.from_id(id_) is None


DAMAGED = {
    "another schema": [2, "r", "v", "1", 5, [7]],
    "too few": [1, "r", "v", "1", 5],
    "too many": [1, "r", "v", "1", 5, [7], 0],
    "no prediction": [1, "r", "v", "1", 5, []],
    "a variant that leaves its place in a key": [1, "r", "a/b", "1", 5, [7]],
    "a version that leaves its place in a key": [1, "r", "v", "../1", 5, [7]],
    "an empty version": [1, "r", "v", "", 5, [7]],
    "a time before 1970": [1, "r", "v", "1", -1, [7]],
    "a time no calendar has": [1, "r", "v", "1", 10**12, [7]],
    "a boolean for a place": [1, "r", "v", "1", 5, [True]],
    "a negative place": [1, "r", "v", "1", 5, [-1]],
    "a fraction of a place": [1, "r", "v", "1", 5, [0.5]],
}


@pytest.mark.parametrize("document", DAMAGED.values(), ids=DAMAGED)
def test_refuses(document: list[Any]) -> None:
    assert Prediction.from_id(pack(document)) is None
    assert Prediction.from_id(pack([1, "r", "v", "1", 5, [7]])) is not None


def test_gives_one_answer_one_id() -> None:
    spaced = base64.urlsafe_b64encode(json.dumps([1, "r", "v", "1", 5, [7]]).encode()).decode().rstrip("=")
    assert Prediction.from_id(spaced) is None
    assert Prediction.from_id(ANY.id + "=") is None


def test_names_even_the_largest_answer_in_an_address() -> None:
    many = Prediction(ANY.request_id, ANY.variant, ANY.version, ANY.at_s, tuple(n % 10 for n in range(1000)))
    assert len(many.id) < 3_000 < LONGEST_ID
    assert Prediction.from_id(many.id) == many


def test_keeps_what_any_container_calls_itself_within_a_key() -> None:
    prediction = Prediction.from_response(
        "r", {"variant": "main", "version": "a/b ü"}, [{"label": 7}, {"label": "seven"}, {}, {"label": [7]}], range(10), 5.9
    )
    assert (prediction.version, prediction.predicted, prediction.at_s) == ("a_b__", (7, None, None, None), 5)
    odd = Prediction.from_response("r", {"variant": ".."}, [{"label": 1}], (1,), 5)
    assert (odd.variant, odd.version) == ("unknown", "unknown")
    assert Prediction.from_id(prediction.id) == prediction


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
