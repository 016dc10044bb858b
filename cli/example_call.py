"""A call of the API that can be pasted into a shell, with an input that fits the recipe."""

import csv
import os
import shlex
from pathlib import Path

from deployment.paths import ROOT
from recipes.media_types import CSV, PNG
from recipes.recipe import Recipe


def build_example_call(api_url: str, recipe: Recipe) -> str:
    """Return a curl of POST /predictions: with a picture where the recipe takes pictures, else with a row of its own numbers."""
    if recipe.takes_pictures:
        content_type, data = PNG, ("--data-binary", f"@{_find_picture()}")
    else:
        content_type, data = CSV, ("-d", ",".join(read_example_row(recipe)))
    return shlex.join(["curl", "-s", f"{api_url}/predictions", "-H", f"content-type: {content_type}", *data])


def read_example_row(recipe: Recipe) -> list[str]:
    """Return the numbers of one instance: the first row of the recipe's data.csv without its target, zeros where it has none."""
    data = ROOT / "recipes" / recipe.name / "data.csv"
    if not data.is_file():
        return ["0"] * recipe.instance_size
    with data.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)  # the header
        return next(rows)[: recipe.instance_size]


def _find_picture() -> Path:
    """Return the path of a picture, which is short in the checkout and right everywhere."""
    picture = ROOT / "docs/seven.png"
    return picture.relative_to(ROOT) if Path(os.path.realpath(".")) == ROOT else picture
