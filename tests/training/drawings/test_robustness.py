import io

import numpy as np
import pytest
from PIL import Image

from recipes.dataset import Dataset, Split
from recipes.recipe import load
from training.drawings.robustness import LABELS, ROWS, draw_instances, draw_pictures, select

FORMATS = {"photo": {"JPEG"}, "paper": {"PNG", "JPEG"}}
EACH_ROW = pytest.mark.parametrize("row", ROWS)


@EACH_ROW
def test_a_row_is_the_same_every_time(few: Dataset, row: str) -> None:
    digits = few.test.head(4)
    assert list(draw_pictures(row, digits)) == list(draw_pictures(row, digits))


@EACH_ROW
def test_a_part_of_a_row_is_what_it_is_in_the_whole(few: Dataset, row: str) -> None:
    digits = select(row, few.train).head(6)
    rest = Split(digits.inputs[2:], digits.targets[2:])
    assert [*draw_pictures(row, digits.head(2)), *draw_pictures(row, rest, first=2)] == list(draw_pictures(row, digits))


@pytest.mark.parametrize("row", sorted(set(ROWS) - {"clean", "inverted"}))
def test_another_seed_and_another_place_give_other_pictures(few: Dataset, row: str) -> None:
    digit = select(row, few.train).head(1)
    found = {next(draw_pictures(row, digit)), next(draw_pictures(row, digit, seed=1)), next(draw_pictures(row, digit, first=1))}
    assert len(found) == 3


@EACH_ROW
def test_a_picture_decodes(few: Dataset, row: str) -> None:
    for picture in draw_pictures(row, select(row, few.train).head(3)):
        image = Image.open(io.BytesIO(picture))
        image.load()
        assert image.format in FORMATS.get(row, {"PNG"})
        assert min(image.size) >= 28


@EACH_ROW
def test_the_digit_is_all_there(few: Dataset, row: str) -> None:
    """What the model sees of it is close to the digit it was made from, so that the row measures the transform and not a cut."""
    digits = select(row, few.train).head(12)
    seen, refused = draw_instances("digits", row, digits, 0)
    assert not refused.any()
    likeness = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(seen, digits.inputs, strict=True)]
    assert np.median(likeness) > (0.1 if row == "print" else 0.4 if row == "flagged one" else 0.6)


def test_clean_and_inverted_are_the_digit_itself(few: Dataset) -> None:
    one = few.test.head(1)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(next(draw_pictures("clean", one))))), one.inputs[0])
    np.testing.assert_array_equal(255 - np.asarray(Image.open(io.BytesIO(next(draw_pictures("inverted", one))))), one.inputs[0])


def test_thin_pens_have_less_ink(few: Dataset) -> None:
    def ink(row: str) -> float:
        return float(np.mean([255 - np.asarray(Image.open(io.BytesIO(picture))).mean() for picture in draw_pictures(row, few.test)]))

    assert ink("thin pen") < 0.8 * ink("canvas")


@EACH_ROW
def test_a_row_of_one_label_has_no_others_digits(few: Dataset, row: str) -> None:
    assert set(select(row, few.train).targets) == ({LABELS[row]} if row in LABELS else set(few.train.targets))


def test_a_row_of_every_sixth_digit_has_no_more(few: Dataset) -> None:
    np.testing.assert_array_equal(select("paper", few.train).targets, few.train.targets[::6])


def test_every_row_has_a_threshold_to_ship_by() -> None:
    assert set(load("digits").thresholds) == {"accuracy", *ROWS}
