"""Pictures drawn by code: the same every time, seen by the transform, and no kind that is measured on is fitted on."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from recipes.dataset import Dataset
from recipes.digits.ink.components import find_components
from recipes.digits.writing.part import Part
from training import robustness
from training.drawings import digits, fonts, non_digits, pieces, rows, sets
from training.drawings.letters import LETTERS

KINDS = {**{name: kind for name, (kind, _) in non_digits.FITTED_ON.items()}, **non_digits.HELD_OUT}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_draws_pictures_that_differ_and_are_the_same_again(few: Dataset, name: str) -> None:
    def draw(seed: int) -> bytes:
        return KINDS[name](few.train.inputs, np.random.default_rng(seed)).tobytes()

    assert draw(1) == draw(1)
    assert len({draw(seed) for seed in range(6)}) > 1


def test_what_is_measured_on_is_not_fitted_on() -> None:
    assert not set(fonts.FITTED_ON) & set(fonts.HELD_OUT)
    assert not set(non_digits.FITTED_ON) & set(non_digits.HELD_OUT)
    assert set(sets.DIGIT_KINDS) & set(robustness.ROWS) == set(sets.FROM_MNIST)  # a row of held-out fonts is not drawn by its name
    assert sum(share for _, share in non_digits.FITTED_ON.values()) == pytest.approx(1)
    assert sum(sets.DIGIT_SHARES) == pytest.approx(1)


def test_no_letter_is_one_that_people_read_as_a_digit() -> None:
    assert not set("OoIl|bqg9i") & (set(non_digits.PRINTED) | set(LETTERS))


@pytest.mark.parametrize("label", range(10))
def test_a_drawn_digit_is_dark_on_white(label: int, random: np.random.Generator) -> None:
    pages = [digits.write_digit(label, random), digits.print_digit(label, random, fonts.HELD_OUT), digits.print_varied_digit(label, random)]
    for page in [*pages, *([digits.print_one(random)] if label == 1 else [])]:
        levels = np.asarray(page)
        assert levels.min() < 80
        assert np.median(levels) == 255


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
        held_out = {name: drawing.result().shape for name, drawing in sets.start_held_out(pool, 2, seed=1).items()}
    assert held_out == dict.fromkeys(non_digits.HELD_OUT, (2, 28, 28))


def test_a_row_is_of_digits_that_touch_and_knows_the_ink_of_each(few: Dataset, random: np.random.Generator) -> None:
    for _ in range(20):
        row = rows.draw_row(few.train, random)
        assert 2 <= len(row.labels) == len(row.inks) <= 5
        np.testing.assert_array_equal(np.asarray(row.page) < 255 - rows.INK, np.logical_or.reduce(row.inks))
        lefts, rights = (np.array([ink.any(0).nonzero()[0][at] for ink in row.inks]) for at in (0, -1))
        assert (lefts[1:] <= rights[:-1] + 1).all()


def test_a_piece_is_a_digit_if_it_has_nearly_its_ink_and_none_if_it_has_half(few: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    row = rows.draw_row(few.train, np.random.default_rng(1))

    def list_parts(*masks: rows.Mask) -> None:
        found = [(cut_part(mask), bytes([at])) for at, mask in enumerate(masks)]
        monkeypatch.setattr(pieces, "list_doubtful", lambda _: found)
        monkeypatch.setattr(pieces, "draw_row", lambda *_: row)

    first, *_ = row.inks
    columns = first.any(0).nonzero()[0]
    half = first.copy()
    half[:, : columns[len(columns) // 2]] = False
    list_parts(first, np.logical_or.reduce(row.inks), half)
    found = pieces.draw_pieces(few.train, np.random.default_rng(2))
    assert found[0] == (b"\0", row.labels[0])
    assert pieces.Piece(b"\1", None) in found
    assert all(piece.label is None for piece in found[1:])


def test_draws_pieces_of_rows_the_same_again_of_both_kinds(few: Dataset) -> None:
    (right, wrong), (again, _) = (sets.draw_pieces(few.train, 12, seed=5) for _ in range(2))
    np.testing.assert_array_equal(right.inputs, again.inputs)
    assert right.inputs.shape[1:] == wrong.shape[1:] == (28, 28)
    assert len(right) > 12
    assert len(wrong) > 12


def cut_part(mask: rows.Mask) -> Part:
    found = [Part.from_component(each) for each in find_components((255 * mask.astype(np.uint8)).tobytes(), mask.shape[1])]
    for other in found[1:]:
        found[0].join(other)
    return found[0]
