"""The kinds of pictures that a model of photos is measured on: they go through the recipe's own transform."""

import numpy as np
import pytest

from recipes.dataset import Split
from recipes.natural_images.generate import draw_files
from recipes.natural_images.recipe import RECIPE
from recipes.recipe import load
from training.drawings import robustness
from training.drawings.photo_rows import ROWS

PHOTO = np.frombuffer(RECIPE.from_image(next(draw_files(1))[1]), np.uint8).reshape(RECIPE.instance_shape)


def see(row: str) -> np.ndarray:
    (picture,) = robustness.draw_pictures(row, Split(PHOTO[None], np.zeros(1, np.uint8)), ROWS)
    return np.frombuffer(RECIPE.from_image(picture), np.uint8).reshape(RECIPE.instance_shape).astype(int)


def test_clean_is_the_photo_itself() -> None:
    assert np.array_equal(see("clean"), PHOTO)


@pytest.mark.parametrize("row", [row for row in ROWS if row != "clean"])
def test_every_other_row_changes_it_and_not_beyond_knowing(row: str) -> None:
    difference = np.abs(see(row) - (PHOTO[:, ::-1] if row == "mirrored" else PHOTO)).mean()
    assert (difference == 0) == (row == "mirrored")
    assert difference < 80


def test_a_recipe_has_the_rows_of_its_pictures_or_none() -> None:
    assert robustness.find_rows(load("digits")) is robustness.ROWS
    assert robustness.find_rows(RECIPE) is ROWS
    assert robustness.find_rows(load("salary")) == {}
    assert robustness.find_rows(RECIPE._replace(name="other", instance_shape=(9, 9))) == {}


def test_a_row_is_of_no_more_bytes_than_there_may_be_in_memory() -> None:
    many = Split(np.broadcast_to(PHOTO, (1000, *PHOTO.shape)), np.zeros(1000, np.uint8))
    chosen = robustness.select("noisy", many)
    assert 0 < chosen.inputs.nbytes <= robustness.MOST_BYTES < many.inputs.nbytes
