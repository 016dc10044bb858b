"""Letters that look like digits are judged by those beside them; digits stay, whatever sign is among them."""

import pytest

from recipes.digits.letters import set_words_aside
from recipes.recipe import FoundInstance, Picture

HIGH, WIDE, APART, GAP = 40, 24, 8, 60
TRUSTS = {"d": 0.99, "O": 0.99, "o": 0.99, "x": 0.0, "?": 0.3}  # a digit, letters like one, a letter that is like none, a doubtful one


def write(*lines: str) -> Picture:
    """Return a picture of parts beside each other: an o is low, a space is a gap, and what follows a `"` stands lower."""
    found = []
    for number, line in enumerate(lines, 1):
        x, y = 10, 100 * number
        for at, sign in enumerate(line):
            if sign == " ":
                x += GAP
            elif sign == '"':
                y += HIGH
            else:
                height = HIGH // 2 if sign == "o" else HIGH
                after = "gap" if line[at + 1 : at + 2] == " " else ""
                found.append(FoundInstance(f"{sign}{len(found)}".encode(), (x, y + HIGH - height, WIDE, height), number, after))
                x += WIDE + APART
    return Picture(1000, 1000, found, [(1, 2, 3, 4)])


def read(picture: Picture) -> list[str]:
    """Return what is left on each line, with a ~ for each mark."""
    chosen = set_words_aside(picture, lambda instance: TRUSTS[chr(instance[0])])
    lines: dict[int, str] = {}
    for part in chosen.found:
        before, after = ("~" if said == "mark" else " " if said else "" for said in (part.before, part.after))
        lines[part.line] = lines.get(part.line, "") + before + chr(part.instance[0]) + after
    assert list(lines) == list(range(1, len(lines) + 1))
    return [text.rstrip(" ") for text in lines.values()]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("xxO ddd", "~ddd"),
        ("ddd xOOx", "ddd~"),
        ("dd xx d", "dd~d"),
        ("dddxOx?", "ddd~"),
        ("xO?x dd xx", "~dd~"),
        ("xo ddd", "~ddd"),  # No
        ("xo d xx", "~d~"),
        ('xxx"dd', "~dd"),  # under a caption
    ],
)
def test_a_word_is_set_aside_with_its_letters_that_look_like_digits(line: str, left: str) -> None:
    assert read(write(line)) == [left]


@pytest.mark.parametrize("line", ["dddd", "dxd", "ddxddxddd", "dx", "xd", "dx dx", "ddd?d", "d?d?d", "dOoo", "dd x dd"])
def test_signs_among_digits_stay_as_they_are(line: str) -> None:
    assert read(write(line)) == [line]


def test_a_line_of_words_is_no_line_of_digits_and_the_word_has_a_box() -> None:
    page = write("dd", "xOx xxx", "ddd")
    assert read(page) == ["dd", "ddd"]
    chosen = set_words_aside(page, lambda instance: TRUSTS[chr(instance[0])])
    assert chosen.unread == [(10, 200, 6 * WIDE + 4 * APART + APART + GAP, HIGH), (1, 2, 3, 4)]


@pytest.mark.parametrize("lines", [("xOxx",), ("xx", "xxxx")])
def test_what_holds_no_digit_at_all_stays_as_it_is(lines: tuple[str, ...]) -> None:
    page = write(*lines)
    assert set_words_aside(page, lambda instance: TRUSTS[chr(instance[0])]) == page


def test_the_one_digit_of_a_picture_stays() -> None:
    page = Picture(100, 100, [FoundInstance(b"x", None)])
    assert set_words_aside(page, lambda _: 0.0) == page
