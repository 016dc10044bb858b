import io

import numpy as np
import pytest
from PIL import Image

from recipes.dataset import Dataset
from recipes.recipe import load
from training.robustness import ROWS, draw_instances, draw_pictures

EACH_ROW = pytest.mark.parametrize("row", ROWS)


@EACH_ROW
def test_a_row_is_the_same_every_time(few: Dataset, row: str) -> None:
    digits = few.test.inputs[:4]
    assert list(draw_pictures(row, digits)) == list(draw_pictures(row, digits))


@EACH_ROW
def test_a_part_of_a_row_is_what_it_is_in_the_whole(few: Dataset, row: str) -> None:
    digits = few.test.inputs[:6]
    assert [*draw_pictures(row, digits[:2]), *draw_pictures(row, digits[2:], first=2)] == list(draw_pictures(row, digits))


@pytest.mark.parametrize("row", sorted(set(ROWS) - {"clean", "inverted"}))
def test_another_seed_and_another_place_give_other_pictures(few: Dataset, row: str) -> None:
    digit = few.test.inputs[:1]
    found = {next(draw_pictures(row, digit)), next(draw_pictures(row, digit, seed=1)), next(draw_pictures(row, digit, first=1))}
    assert len(found) == 3


@EACH_ROW
def test_a_picture_decodes(few: Dataset, row: str) -> None:
    for picture in draw_pictures(row, few.test.inputs[:3]):
        image = Image.open(io.BytesIO(picture))
        image.load()
        assert image.format == ("JPEG" if row == "photo" else "PNG")
        assert min(image.size) >= 28


@EACH_ROW
def test_the_digit_is_all_there(few: Dataset, row: str) -> None:
    """What the model sees of it is close to the digit it was made from, so that the row measures the transform and not a cut."""
    digits = few.test.inputs
    seen, refused = draw_instances("digits", row, digits, 0)
    assert not refused.any()
    likeness = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(seen, digits, strict=True)]
    assert np.median(likeness) > 0.6


def test_clean_and_inverted_are_the_digit_itself(few: Dataset) -> None:
    digit = few.test.inputs[0]
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(next(draw_pictures("clean", digit[None]))))), digit)
    np.testing.assert_array_equal(255 - np.asarray(Image.open(io.BytesIO(next(draw_pictures("inverted", digit[None]))))), digit)


def test_thin_pens_have_less_ink(few: Dataset) -> None:
    def ink(row: str) -> float:
        return float(np.mean([255 - np.asarray(Image.open(io.BytesIO(picture))).mean() for picture in draw_pictures(row, few.test.inputs)]))

    assert ink("thin pen") < 0.8 * ink("canvas")


def test_every_row_has_a_threshold_to_ship_by() -> None:
    assert set(load("digits").thresholds) == {"accuracy", *ROWS}
