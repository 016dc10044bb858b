"""A name that is longer than any column's says no column and no unit, however it begins, and is not gone through word by word."""

import unicodedata

import pytest

from functions.shared.reading.units import find_other_unit
from recipes import columns
from recipes.columns import LONGEST_NAME, UNKNOWN_CODE, Category, Quantity, find_column, is_name_of, is_nameless
from recipes.units import split_units

EXPERIENCE = Quantity("experience", "years")


@pytest.mark.parametrize("filling", [" ", "1", "_", "years "])
def test_takes_no_endless_name_for_a_columns(filling: str) -> None:
    short, long = f"experience{filling}", "experience" + filling * LONGEST_NAME
    assert (is_name_of(short, EXPERIENCE), is_name_of(long, EXPERIENCE)) == (True, False)
    assert (find_column([short], EXPERIENCE), find_column([filling * LONGEST_NAME + "x"], EXPERIENCE)) == (0, None)
    assert not is_nameless("1" * (LONGEST_NAME + 1))


def test_brings_no_endless_text_into_normal_form() -> None:
    """It takes the square of a run of accents: of a body of one such name, hours."""
    short, long = "\N{FULLWIDTH LATIN SMALL LETTER F}", "\N{FULLWIDTH LATIN SMALL LETTER F}" * (LONGEST_NAME + 1)
    for written in (short, long):
        meant = written.replace("\N{FULLWIDTH LATIN SMALL LETTER F}", "f")
        assert (find_column([written], Quantity(meant, "")) == 0) == (written == short)
        assert (Category("any", (meant,)).find_code(written) == 0) == (written == short)
        assert Category("any", (written,)).find_code(written) == 0


def test_looks_for_units_in_names_only() -> None:
    assert find_other_unit("experience months", [EXPERIENCE]) == "months"
    assert find_other_unit("experience months" + " " * LONGEST_NAME, [EXPERIENCE]) == ""


def test_tells_the_units_and_the_other_words_of_a_name() -> None:
    assert split_units("Size [square feet] of a house in months") == (["square feet", "months"], ["size", "of", "a", "house", "in"])
    assert split_units("a sq ft " * 3)[0].count("square feet") == 3


AGES = Category("Age range", ("under 10", "10-17", ""))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("10-17", 1),
        (" Under 10 ", 0),
        *((f"10{dash}17", 1) for dash in "\N{EN DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{MINUS SIGN}"),
        ("under\N{NO-BREAK SPACE}10", 0),
        ("under  10", 0),
        ("１０-17", 1),
        *((missing, 2) for missing in ("", " ", "NA", "n/a", "NaN", "null", "None", "<NA>", "#N/A")),
        ("17-10", UNKNOWN_CODE),
        ("?", UNKNOWN_CODE),
    ],
)
def test_knows_a_value_however_it_is_typed(text: str, code: int) -> None:
    assert AGES.find_code(text) == code


def test_takes_a_value_for_what_it_says_before_it_takes_it_for_missing() -> None:
    assert Category("Basement", ("None", "Full", "")).find_code("none") == 0
    assert Category("Basement", ("Full",)).find_code("None") == UNKNOWN_CODE
    assert Category("Outcome", ("No arrest", "Arrest"), other="No arrest").find_code("NaN") == UNKNOWN_CODE


def test_knows_its_own_word_for_others_as_it_knows_any_value() -> None:
    dashed = "Non\N{EN DASH}binary"
    assert Category("Gender", ("Male", dashed), other=dashed).find_code("Another") == 1


def test_looks_closely_at_few_of_many_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body may have half a million names, and a table 80 columns."""
    looked: list[str] = []
    monkeypatch.setattr(columns, "is_name_of", lambda name, _: bool(looked.append(name)))
    names = [f"k{number}" for number in range(1000)]
    assert columns.find_columns(names, (Category("kind", ("a",)), Quantity("age", "years"))) == [None, None]
    assert looked == []


def test_takes_no_word_that_joins_others_for_a_column() -> None:
    assert columns.find_columns(["in", "of", "Type."], (Category("type", ("a",)),)) == [2]


@pytest.mark.parametrize("name", ["价格", "Цена", "τιμή", "السعر", "価格（円）"])
def test_takes_no_name_of_another_alphabet_for_one_that_says_nothing(name: str) -> None:
    assert not is_nameless(name)
    assert not is_name_of(name, EXPERIENCE)
    assert is_name_of(f"{name} (years)", Quantity(name, "years"))


def test_tells_names_apart_by_all_of_their_letters() -> None:
    sizes = (Quantity("Größe", "m"), Quantity("Grüße", ""))
    assert columns.find_columns(["Grüße", "Größe"], sizes) == [1, 0]
    assert columns.find_columns([unicodedata.normalize("NFD", "Größe (m)"), "Grüße"], sizes) == [0, 1]
    assert find_column(["Grße (m)"], sizes[0]) is None


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        *((name, True) for name in ("experience", "experience_1", "Experience.1 (years)")),
        *((name, False) for name in ("experience (10 years)", "years/10", "experience^2", "experience²", "experience (0-1)", "2 years")),
    ],
)
def test_takes_a_name_with_a_number_that_may_scale_it_for_another(name: str, is_one: bool) -> None:
    assert is_name_of(name, EXPERIENCE) == is_one


def test_takes_the_numbers_of_a_columns_own_name_for_its_own() -> None:
    assert is_name_of("PM 2.5 [µg/m3]", Quantity("PM2.5", "µg/m³"))
