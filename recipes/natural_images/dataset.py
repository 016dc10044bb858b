"""Pictures in the layout of Kaggle's natural-images, natural_images/<class>/*.jpg, as folders or a zip; by default the drawn ones.

Natural Images is by Prasun Roy, published on Kaggle as prasunroy/natural-images. It is not in this repository; `kaggle.py` fetches it.
"""

import os
from pathlib import Path

from recipes.dataset import Dataset
from recipes.natural_images import generate
from recipes.natural_images.recipe import RECIPE
from recipes.pictures import folders

VARIABLE = "INFERSTACK_NATURAL_IMAGES"  # names the folder or the zip
DRAWN = Path(__file__).resolve().parents[2] / f".build/natural_images/drawn-{generate.SEED}-{generate.EACH}.zip"


def load(source: Path | None = None) -> Dataset:
    """Return the pictures of the source, else of $INFERSTACK_NATURAL_IMAGES, else those that `generate` draws; see `folders.load`."""
    return folders.load(RECIPE, _find_source(source))


def find_raw_files(source: Path | None = None) -> dict[str, Path]:
    """Return the files that `load` reads, by their names in a folder."""
    return folders.find_raw_files(_find_source(source))


def _find_source(source: Path | None) -> Path:
    if source or os.environ.get(VARIABLE):
        return folders.choose_source(source, VARIABLE)
    return DRAWN if DRAWN.exists() else generate.write_zip(DRAWN)
