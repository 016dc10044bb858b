"""How many digits a picture shows that the model doubts is one: they may touch, or stand in a column. Imported only when it doubts.

The picture is read as `?digits=all` reads it, in a second call of the endpoint. Nothing of the answer changes but the count.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from functions.predict.body import Body
from functions.predict.pages import take_pictures
from recipes.errors import EndpointError, InvalidInput
from recipes.recipe import Picture, Recipe
from recipes.trust import VERDICTS

Predictions = Sequence[Mapping[str, Any]]


def count_again(body: Body, recipe: Recipe, predictions: Predictions, predict: Callable[[Sequence[bytes]], Predictions]) -> dict[int, int]:
    """Return how many digits stand in the pictures that the model doubts, by their index, where they are several.

    Each must have a better verdict than the picture as one: of 10,000 single digits of MNIST that leaves two.

    Args:    predictions: of the body's instances.
             predict: asks the model about more.
    """
    verdicts = {index: _rank(each) for index, each in enumerate(predictions) if _rank(each)}
    _, pictures = take_pictures(body, recipe, bytes)
    pages = {index: page for index in verdicts if index in pictures and (page := _find(pictures[index], recipe))}
    instances = list(dict.fromkeys(instance for page in pages.values() for instance in page.list_instances()))
    if not instances:
        return {}
    with suppress(EndpointError, InvalidInput):  # the answer is there, and does not fail for what else is said of it
        answers = dict(zip(instances, predict(instances), strict=True))
        ranks = {index: [_rank(answers[each.instance]) for each in page.decide(answers).found] for index, page in pages.items()}
        return {index: len(each) for index, each in ranks.items() if len(each) > 1 and max(each) < verdicts[index]}
    return {}


def _rank(prediction: Mapping[str, Any]) -> int:
    """Return the place of a prediction's verdict, the best first; that too where a model says nothing."""
    verdict = prediction.get("verdict")
    return VERDICTS.index(verdict) if verdict in VERDICTS else 0


def _find(picture: bytes, recipe: Recipe) -> Picture | None:
    with suppress(InvalidInput):  # as one digit it was read
        return recipe.find_instances(picture) if recipe.find_instances else None
    return None
