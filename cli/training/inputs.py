"""What the commands that train and measure begin with: a recipe, its data, and the packages of training."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from cli.console import err, print_facts, print_table
from cli.failures import CommandFailed, WrongCall
from recipes import recipe as recipes
from recipes.columns import Quantity
from recipes.models.model_files import MANIFEST_FILE
from recipes.recipe import Recipe

if TYPE_CHECKING:
    from recipes.dataset import Dataset


@contextmanager
def require_training_packages() -> Iterator[None]:
    """Say how to install the package that an import in the block misses."""
    try:
        with err.status("loading what trains and measures"):
            yield
    except ImportError as error:
        message = f"training needs {error.name}, which is not installed"
        raise CommandFailed(message, advice="run `make setup-training`") from error


def load_recipe(name: str) -> Recipe:
    """Return a recipe; raise WrongCall, which names the recipes, if there is none of this name."""
    try:
        return recipes.load(name)
    except KeyError as error:
        raise WrongCall(str(error.args[0])) from error


def load_dataset(recipe: str, source: Path | None, *, limit: int | None = None, test_share: float | None = None) -> "Dataset":
    """Return a recipe's data, or its first `limit`.

    Raises:  FileNotFoundError: it is not here; the message says how to get it.
             InvalidSettings, Malformed: see `recipes.dataset.load`.
    """
    from recipes.dataset import describe_left_out, load  # noqa: PLC0415 - numpy is not needed to show help

    with err.status("reading the data"):
        data = load(recipe, source, test_share=test_share).head(limit)
    if data.left_out:
        err.print(escape(describe_left_out(data.left_out)))
    return data


def read_test_share(folder: Path) -> float | None:
    """Return which share of the rows a model is measured on, by its manifest; None if it is the recipe's own."""
    try:
        share: float | None = json.loads((folder / MANIFEST_FILE).read_text())["provenance"].get("test_share")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # whoever reads the model says what is wrong with it
    return share


def is_trained_on(folder: Path, data: "Dataset") -> bool:
    """Return whether a model learned from all of the training split of these data, by its manifest."""
    try:
        provenance = json.loads((folder / MANIFEST_FILE).read_text())["provenance"]
        return provenance["data_sha256"] == data.sha256 and " --limit " not in f"{provenance['command']} "
    except (OSError, ValueError, KeyError, TypeError):
        return False  # whoever reads the model says what is wrong with it


def print_metrics(recipe: Recipe, metrics: dict[str, Any]) -> None:
    """Print how good a model is: the errors of a regression, the accuracies of a classifier."""
    if isinstance(recipe.target, Quantity):
        unit = recipe.target.unit
        print_facts(
            {"R²": metrics["r2"], "mean absolute error": f"{metrics['mae']:,.10g} {unit}", "RMSE": f"{metrics['rmse']:,.10g} {unit}"}
        )
        return
    if recipe.features:
        print_facts({name.replace("_", " "): f"{metrics[name]:.2%}" for name in ("balanced_accuracy", "accuracy")})
        return
    print_table(
        [{"pictures": "test images as they are", "accuracy": f"{metrics['accuracy']:.2%}"}]
        + [{"pictures": row, "accuracy": f"{accuracy:.2%}"} for row, accuracy in metrics.get("robustness", {}).items()]
    )
