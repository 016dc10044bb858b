"""Stops in the columns of data.police.uk's files: data.csv, which `generate` made up, or a folder of the real ones."""

from functools import partial
from pathlib import Path

from recipes.dataset import Dataset
from recipes.stop_search.recipe import RECIPE
from recipes.tables import tabular


def load(source: Path | None = None, *, test_share: float | None = None) -> Dataset:
    """Return the stops that have a place and an outcome, 70 % to train and choose on and 30 % to measure on; see `tabular.load`."""
    return tabular.load(
        RECIPE, source or Path(__file__).with_name("data.csv"), test_share=test_share, keep=partial(tabular.is_whole, RECIPE)
    )


def find_raw_files(source: Path | None = None) -> dict[str, Path]:
    """Return the files that `load` reads, by their names in a folder."""
    return tabular.find_raw_files(source or Path(__file__).with_name("data.csv"))
