"""How many digits a picture shows that the model doubts is one: they may touch, or stand in a column. Imported only when it doubts.

The picture is read as `?digits=all` reads it, in a second call of the endpoint. Nothing of the answer changes but the count.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from recipes.errors import EndpointError, InvalidInput
from recipes.recipe import Picture, Recipe
from recipes.trust import VERDICTS

Predictions = Sequence[Mapping[str, Any]]


def is_doubted(prediction: Mapping[str, Any]) -> bool:
    """Return whether the model is not certain. One that gives no verdicts is never doubted."""
    return _rank(prediction) > 0


def count_again(
    pictures: Mapping[int, bytes],
    predictions: Mapping[int, Mapping[str, Any]],
    recipe: Recipe,
    predict: Callable[[Sequence[bytes]], Predictions],
) -> dict[int, int]:
    """Return how many digits stand in pictures, by their key, where they are several.

    Each must have a better verdict than the picture as one: of 10,000 single digits of MNIST that leaves two.

    Args:    pictures: those that the model doubts.
             predictions: of each picture as one, by its key.
             predict: asks the model about more.
    """
    pages = {key: page for key, picture in pictures.items() if (page := _find(picture, recipe))}
    instances = list(dict.fromkeys(instance for page in pages.values() for instance in page.list_instances()))
    if not instances:
        return {}
    with suppress(EndpointError, InvalidInput):  # the answer is there, and does not fail for what else is said of it
        answers = dict(zip(instances, predict(instances), strict=True))
        ranks = {key: [_rank(answers[each.instance]) for each in page.decide(answers).found] for key, page in pages.items()}
        return {key: len(each) for key, each in ranks.items() if len(each) > 1 and max(each) < _rank(predictions[key])}
    return {}


def _rank(prediction: Mapping[str, Any]) -> int:
    """Return the rank of a prediction's verdict: 0 is the best, and that of a prediction without one."""
    verdict = prediction.get("verdict")
    return VERDICTS.index(verdict) if verdict in VERDICTS else 0


def _find(picture: bytes, recipe: Recipe) -> Picture | None:
    with suppress(InvalidInput):  # as one digit it was read
        return recipe.find_instances(picture) if recipe.find_instances else None
    return None
