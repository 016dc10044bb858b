import pytest

from recipes.thresholds import Thresholds

THRESHOLDS = Thresholds(certain=0.9, digit=0.25)


@pytest.mark.parametrize(
    ("trust", "verdict"),
    [(1.0, "certain"), (0.9, "certain"), (0.8999, "unsure"), (0.25, "unsure"), (0.2499, "not a digit"), (0.0, "not a digit")],
)
def test_says_trust_in_words(trust: float, verdict: str) -> None:
    assert THRESHOLDS.judge(trust) == verdict
