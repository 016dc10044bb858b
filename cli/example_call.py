"""A call of the API that can be pasted into a shell, with an input that fits the recipe."""

import csv
import os
import shlex
from pathlib import Path

from cli.sign_in import API_SERVICE
from deployment.paths import ROOT
from local.run_state import RunState
from recipes.media_types import CSV, PNG
from recipes.recipe import Recipe, load


def build_example_call(state: RunState) -> str:
    """Return a curl of POST /predictions: with a picture where the recipe takes pictures, else with a row of its own numbers."""
    recipe = load(state.recipe)
    if recipe.takes_pictures:
        content_type, data = PNG, ("--data-binary", f"@{_find_picture()}")
    else:
        content_type, data = CSV, ("-d", ",".join(read_example_row(recipe)))
    call = shlex.join(["curl", "-s", f"{state.api_url}/predictions", "-H", f"content-type: {content_type}", *data])
    return f"{call} {sign_in}" if (sign_in := _build_sign_in(state)) else call


def _build_sign_in(state: RunState) -> str:
    """Return curl's options for the API's sign-in: a token that is new each time, or a signature."""
    match state.auth:
        case "jwt":
            return '-H "authorization: Bearer $(inferstack token)"'
        case "iam":
            key = f"{state.aws['AWS_ACCESS_KEY_ID']}:{state.aws['AWS_SECRET_ACCESS_KEY']}"
            return shlex.join(["--aws-sigv4", f"aws:amz:{state.aws['AWS_REGION']}:{API_SERVICE}", "--user", key])
    return ""


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
