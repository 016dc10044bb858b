"""A call of the API that can be pasted into a shell, with an input that fits the recipe."""

import json
import os
import shlex
from pathlib import Path

from cli.api.sign_in import API_SERVICE
from deployment.paths import ROOT
from local.run_state import RunState
from recipes.columns import Category, find_column
from recipes.media_types import CSV, JPEG, JSON, PNG
from recipes.recipe import Recipe, load
from recipes.tables import csv_files


def build_example_call(state: RunState) -> str:
    """Return a curl of POST /predictions: with a picture where the recipe takes pictures, else with a row of its own numbers."""
    recipe = load(state.recipe)
    if recipe.takes_pictures:
        content_type, name = (PNG, "docs/seven.png") if recipe.is_drawn else (JPEG, "web/example-thing.jpg")
        data: tuple[str, ...] = ("--data-binary", f"@{_find_picture(name)}")
    elif recipe.categories:
        content_type, data = JSON, ("-d", json.dumps({"instances": [read_example_instance(recipe)]}, ensure_ascii=False))
    else:
        content_type, data = CSV, ("-d", ",".join(read_example_record(recipe).values()))
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


def read_example_record(recipe: Recipe) -> dict[str, str]:
    """Return the cells of one instance by its columns: the first whole row of the recipe's data.csv; of nothing where it has none."""
    data = ROOT / "recipes" / recipe.name / "data.csv"
    if not data.is_file():
        return {each.name: each.values[0] if isinstance(each, Category) else "0" for each in recipe.features}
    table = csv_files.read(data.read_bytes(), data.name)
    places = {feature: find_column(table.names, feature) for feature in recipe.features}
    wanted = {feature: at for feature, at in places.items() if at is not None}
    row = next(row for row in table.rows if all(isinstance(each, Category) or table.is_number(row[at]) for each, at in wanted.items()))
    return {each.name: row[at] if isinstance(each, Category) else f"{table.read_number(row[at]):.15g}" for each, at in wanted.items()}


def read_example_instance(recipe: Recipe) -> dict[str, str | float]:
    """Return one instance of a table as JSON has it: its numbers and texts by their columns."""
    cells = read_example_record(recipe)
    return {each.name: cells[each.name] if isinstance(each, Category) else float(cells[each.name]) for each in recipe.features}


def _find_picture(name: str) -> Path:
    """Return the path of a picture, which is short in the checkout and right everywhere."""
    picture = ROOT / name
    return picture.relative_to(ROOT) if Path(os.path.realpath(".")) == ROOT else picture
