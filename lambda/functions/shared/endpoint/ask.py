"""Lets a recipe ask the model while it looks for instances in a picture: where digits touch, the model knows best where to cut."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from functions.shared.endpoint.interface import EndpointClient
from functions.shared.endpoint.response import parse_predictions
from recipes import npy
from recipes.media_types import JSON, NPY
from recipes.recipe import Recipe
from recipes.trust import TRUST


def let_ask(endpoint: EndpointClient, recipe: Recipe, remaining: Callable[[], float]) -> Recipe:
    """Return the recipe with a model to ask, at most once a picture and only where shapes leave it open.

    Args:    remaining: seconds until the caller must have responded itself.
    """
    if recipe.find_instances is None:
        return recipe

    def ask(instances: Sequence[bytes]) -> list[float]:
        array = npy.write(b"".join(instances), (len(instances), *recipe.instance_shape), recipe.dtype)
        response = endpoint.invoke(array, content_type=NPY, accept=JSON, remaining_s=remaining())
        predictions, _ = parse_predictions(response.body, len(instances))
        return [_read_trust(prediction.get(TRUST, prediction.get("probability"))) for prediction in predictions]

    return replace(recipe, find_instances=partial(recipe.find_instances, ask=ask))


def _read_trust(value: object) -> float:
    """Return a number from 0 to 1; 1 for what a model of one's own says nothing of."""
    return min(1.0, max(0.0, float(value))) if isinstance(value, (int, float)) else 1.0
