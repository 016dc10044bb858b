"""Pictures drawn by code: the same every time, seen by the transform, and no kind that is measured on is fitted on."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from recipes.dataset import Dataset
from recipes.recipe import load
from training.drawings import digits, fonts, gate_non_digits, looks, non_digits, robustness, sets
from training.drawings.arrays import draw_arrays
from training.drawings.letters import LETTERS
from training.drawings.sheet import encode

KINDS = {**{name: kind for name, (kind, _) in non_digits.FITTED_ON.items()}, **sets.HELD_OUT}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_draws_pictures_that_differ_and_are_the_same_again(few: Dataset, name: str) -> None:
    def draw(seed: int) -> bytes:
        return KINDS[name](few.train.inputs, np.random.default_rng(seed)).tobytes()

    assert draw(1) == draw(1)
    assert len({draw(seed) for seed in range(6)}) > 1


def test_what_is_measured_on_is_not_fitted_on() -> None:
    assert not set(fonts.FITTED_ON) & set(fonts.HELD_OUT)
    names = [*non_digits.FITTED_ON, *non_digits.HELD_OUT, *gate_non_digits.KINDS]
    assert len(names) == len(set(names))
    assert not set(gate_non_digits.SIGNS) & set(non_digits.SYMBOLS + non_digits.PLAIN_SYMBOLS + non_digits.PRINTED)
    assert set(sets.DIGIT_KINDS) & set(robustness.ROWS) == set(sets.FROM_MNIST)  # a row of held-out fonts is not drawn by its name
    assert not {"flagged one", "print", "paper"} & set(sets.SENT_AS)
    assert sum(share for _, share in non_digits.FITTED_ON.values()) == pytest.approx(1)
    assert sum(sets.DIGIT_SHARES) == pytest.approx(1)
    assert sum(sets.LOOK_SHARES) == pytest.approx(1)
    assert sum(share for _, share in looks.LOOKS.values()) == pytest.approx(1)


def test_a_process_that_draws_imports_no_plots() -> None:
    program = "import sys, training.drawings.sets; print(sorted({'matplotlib', 'onnxruntime', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout == "[]\n"
    assert fonts.find_matplotlibs_data() == Path(mpl.get_data_path())


def test_the_font_has_each_sign_that_the_gate_counts() -> None:
    """Where a font has none, it prints the same frame for each."""
    font = fonts.open_font(*gate_non_digits.FONT, 40)
    printed = {sign: bytes(font.getmask(sign)) for sign in [*gate_non_digits.SIGNS, "\uffff"]}
    assert len(set(printed.values())) == len(gate_non_digits.SIGNS) + 1


def test_no_letter_is_one_that_people_read_as_a_digit() -> None:
    assert not set("OoIl|bqg9i") & (set(non_digits.PRINTED) | set(LETTERS))


@pytest.mark.parametrize("label", range(10))
def test_a_drawn_digit_is_dark_on_white(label: int, random: np.random.Generator) -> None:
    pages = [digits.write_digit(label, random), digits.print_digit(label, random, fonts.HELD_OUT), digits.print_varied_digit(label, random)]
    for page in [*pages, *([digits.print_one(random)] if label == 1 else [])]:
        levels = np.asarray(page)
        assert levels.min() < 80
        assert np.median(levels) == 255


@pytest.mark.parametrize("name", looks.LOOKS)
def test_a_look_leaves_strokes_where_they_were(name: str, random: np.random.Generator) -> None:
    """On the whole: what was ink differs from what was paper, in nearly all of ten digits."""
    page = np.full((looks.SIDE_PX, looks.SIDE_PX), 255, np.uint8)
    page[20:150, 60:100] = 0
    look, told = looks.LOOKS[name][0], 0
    for _ in range(10):
        levels = np.asarray(look(Image.fromarray(page), random), float)
        assert levels.shape == page.shape
        told += np.abs(levels[15:155, 55:105] - np.median(levels)).mean() > 3
    assert told >= 8


def test_a_display_shows_no_two_digits_alike() -> None:
    shown = [{frozenset(way) for way in ways} for ways in looks.DIGITS]
    assert sum(map(len, shown)) == len(set().union(*shown))
    assert set().union(*shown) < looks.SHOWN  # none of which is drawn as what is no digit


@pytest.mark.parametrize("label", range(10))
def test_a_digit_on_a_display_goes_through_the_transform(label: int, random: np.random.Generator) -> None:
    seen = np.frombuffer(load("digits").from_image(encode(looks.show_digit(label, random))), np.uint8)
    assert 255 in seen


def test_draws_arrays_from_one_level_to_slopes_with_noise() -> None:
    drawn = draw_arrays(200, seed=3)
    np.testing.assert_array_equal(drawn, draw_arrays(200, seed=3))
    assert not np.array_equal(drawn, draw_arrays(200, seed=4))
    reach = np.ptp(drawn.reshape(200, -1), axis=1)
    assert reach.min() == 0
    assert reach.max() > 100


def test_draws_digits_as_users_send_them_and_with_other_looks(few: Dataset) -> None:
    for draw in (sets.draw_sent, sets.draw_looks):
        drawn, again, other = (draw(few.train, 40, seed=seed) for seed in (3, 3, 4))
        assert len(drawn) > 30
        np.testing.assert_array_equal(drawn.inputs, again.inputs)
        np.testing.assert_array_equal(drawn.targets, again.targets)
        assert not np.array_equal(drawn.inputs, other.inputs)
    np.testing.assert_array_equal(sets.draw_sent(few.train, 5, seed=3).targets, few.train.targets[:5])


def test_draws_digits_with_their_labels_and_what_is_none(few: Dataset) -> None:
    drawn, again = (sets.draw_digits(few.train, 40, seed=3) for _ in range(2))
    assert len(drawn) > 30
    np.testing.assert_array_equal(drawn.inputs, again.inputs)
    assert len(set(drawn.targets)) > 5
    others = sets.draw_non_digits(few.train, 40, seed=3)
    assert others.shape[1:] == (28, 28)
    assert len(others) > 30
    assert not np.array_equal(others, sets.draw_non_digits(few.train, 40, seed=4)[: len(others)])
    with ThreadPoolExecutor(1) as pool:
        held_out = {name: drawing.result().shape for name, drawing in sets.start_held_out(pool, list(sets.HELD_OUT), 2, seed=1).items()}
    assert held_out == dict.fromkeys(sets.HELD_OUT, (2, 28, 28))
