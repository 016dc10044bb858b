"""What the jobs function reads in a request."""

import pytest

from functions.jobs.handler import parse_limit
from recipes.errors import InvalidInput


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("020", 20), ("100", 100)])
def test_takes_a_limit_of_1_to_100(text: str, limit: int) -> None:
    assert parse_limit(text) == limit


# Python's int() raises for more than 4,300 digits, and takes digits of other scripts.
@pytest.mark.parametrize("text", ["", "0", "101", "-1", "1.5", "many", "1\n", "٣", "9" * 4301], ids=lambda text: text[:9])
def test_refuses_another_limit(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^limit is '.{0,20}'; expected 1 to 100$"):
        parse_limit(text)
