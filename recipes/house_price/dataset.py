"""Five houses on one line: 100 US$ a square foot, and 50,000."""

from pathlib import Path

from recipes.dataset import Dataset
from recipes.house_price.recipe import RECIPE
from recipes.tables import tabular


def load(source: Path | None = None) -> Dataset:
    """Return the five rows three times: they are too few to keep any for testing, so the figures say only how well the line fits."""
    return tabular.load(RECIPE, source or Path(__file__).with_name("data.csv"))


def find_raw_files(source: Path | None = None) -> dict[str, Path]:
    """Return the file that `load` reads, by its name in the bucket."""
    return tabular.find_raw_files(source or Path(__file__).with_name("data.csv"))
