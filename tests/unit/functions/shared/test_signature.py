"""A text counts only as it was signed: with this key, for this owner, to the last bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.signature import MAC_LENGTH, sign, verify

texts = st.text("ABCabc012-_", min_size=1)
TEXT, OWNER, KEY = "WzIsInIx", "11111111-aaaa", "k" * 43
SIGNED = sign(TEXT, OWNER, KEY)


@given(texts, texts, st.text(min_size=1), st.text(min_size=1))
def test_verifies_what_it_signed_with_any_of_the_keys(text: str, owner: str, key: str, other: str) -> None:
    signed = sign(text, owner, key)
    assert len(signed) == len(text) + MAC_LENGTH
    assert verify(signed, owner, [other, key]) == text


@pytest.mark.parametrize("place", range(len(SIGNED)))
def test_refuses_a_change_of_any_character(place: int) -> None:
    for other in "AB":
        changed = SIGNED[:place] + other + SIGNED[place + 1 :]
        assert (verify(changed, OWNER, [KEY]) is None) == (changed != SIGNED)


@pytest.mark.parametrize(
    "signed",
    [SIGNED[1:], SIGNED[:-1], SIGNED + "A", "", SIGNED[-MAC_LENGTH:], sign(TEXT, "", KEY), sign(f"{OWNER}\n{TEXT}", "", KEY)],
)
def test_refuses_what_is_cut_longer_or_for_nobody(signed: str) -> None:
    assert verify(signed, OWNER, [KEY]) is None


def test_refuses_everything_without_a_key() -> None:
    assert verify(SIGNED, OWNER, []) is None
    assert verify(sign(TEXT, OWNER, ""), OWNER, [KEY]) is None
