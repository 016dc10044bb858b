"""The tutorial's Salary_Data.csv: 30 people's years of experience and salaries, in order of experience."""

from pathlib import Path

from recipes.dataset import Dataset
from recipes.salary.recipe import RECIPE
from recipes.tables import tabular


def load(source: Path | None = None, *, test_share: float | None = None) -> Dataset:
    """Return 18 rows to train on, 6 to choose on and 6 to measure on; see `tabular.load`."""
    return tabular.load(RECIPE, source or Path(__file__).with_name("data.csv"), test_share=test_share)


def find_raw_files(source: Path | None = None) -> dict[str, Path]:
    """Return the file that `load` reads, by its name in the bucket."""
    return tabular.find_raw_files(source or Path(__file__).with_name("data.csv"))
