"""Intervals and sizes against the examples of the papers they come from."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.models.proportions import Share, compute_needed, estimate_difference, estimate_interval

shares = st.integers(1, 5_000).flatmap(lambda total: st.builds(Share, st.integers(0, total), st.just(total)))


# Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3.
@pytest.mark.parametrize(
    ("right", "total", "low", "high"), [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)]
)
def test_has_the_published_interval_of_a_share(right: int, total: int, low: float, high: float) -> None:
    assert estimate_interval(Share(right, total)) == pytest.approx((low, high), abs=5e-5)


# Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10.
@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_has_the_published_interval_of_a_difference(one: tuple[int, int], other: tuple[int, int], low: float, high: float) -> None:
    assert estimate_difference(Share(*one), Share(*other)) == pytest.approx((low, high), abs=5e-5)


def test_needs_the_outcomes_that_the_textbook_says() -> None:
    assert compute_needed(0.6, 0.7) == 2 * 356  # Fleiss, without correction for continuity: 5 % two-sided, power 80 %


@given(shares, shares)
def test_turns_round_with_the_comparison(one: Share, other: Share) -> None:
    low, high = estimate_difference(one, other)
    assert estimate_difference(other, one) == pytest.approx((-high, -low))
    assert -1 - 1e-9 <= low <= one.rate - other.rate <= high <= 1 + 1e-9


@given(shares)
def test_holds_the_share_that_was_seen(one: Share) -> None:
    low, high = estimate_interval(one)
    assert 0 <= low <= one.rate + 1e-12
    assert one.rate - 1e-12 <= high <= 1


def test_needs_more_where_one_gets_little_of_the_traffic() -> None:
    assert compute_needed(0.97, 0.98, ratio=1 / 9) > 2 * compute_needed(0.97, 0.98)


def test_finds_a_difference_of_that_size_four_times_in_five() -> None:
    chance, size, repeats = random.Random(1), compute_needed(0.9, 0.8) // 2, 400

    def draw(rate: float) -> Share:
        return Share(sum(chance.random() < rate for _ in range(size)), size)

    shown = sum(estimate_difference(draw(0.9), draw(0.8))[0] > 0 for _ in range(repeats))
    assert 0.74 < shown / repeats < 0.86
