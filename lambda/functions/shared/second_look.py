"""What a picture shows that the model doubts shows one digit: several, or one that is read in another way. Imported only when it doubts.

It is read as `?digits=all` reads it, and as the recipe reads it again, in one more call of the endpoint.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from recipes.errors import EndpointError, InvalidInput
from recipes.recipe import Picture, Recipe
from recipes.trust import VERDICTS

Predictions = Sequence[Mapping[str, Any]]


def is_doubted(prediction: Mapping[str, Any]) -> bool:
    """Return whether the model is not certain. One that gives no verdicts is never doubted."""
    return _rank(prediction) > 0


class Again(NamedTuple):
    """What a second look found.

    Args:    digits: how many stand in the picture.
             instance, prediction: a reading of the one digit that the model is certain of, and what it says; None if there is none.
    """

    digits: int = 1
    instance: bytes | None = None
    prediction: Mapping[str, Any] | None = None


def look_again(
    pictures: Mapping[int, bytes],
    predictions: Mapping[int, Mapping[str, Any]],
    recipe: Recipe,
    predict: Callable[[Sequence[bytes]], Predictions],
) -> dict[int, Again]:
    """Return what a second look found in pictures, by their key, where it found something.

    Of several digits each must have a better verdict than the picture as one: of 10,000 single digits of MNIST that leaves two.
    What is called no digit is read again, and that reading counts if it is certain. What is unsure stays so: asked twice, a model is surer.

    Args:    pictures: those that the model doubts.
             predictions: of each picture as one, by its key.
             predict: asks the model about more.
    """
    pages = {key: page for key, picture in pictures.items() if (page := _find(picture, recipe))}
    doubted = {key: picture for key, picture in pictures.items() if _rank(predictions[key]) == len(VERDICTS) - 1}
    readings = {key: reading for key, picture in doubted.items() if (reading := _reread(picture, recipe))}
    found = [instance for page in pages.values() for instance in page.list_instances()]
    instances = list(dict.fromkeys([*found, *readings.values()]))
    if not instances:
        return {}
    with suppress(EndpointError, InvalidInput):  # the answer is there, and does not fail for what else is said of it
        answers = dict(zip(instances, predict(instances), strict=True))
        ranks = {key: [_rank(answers[each.instance]) for each in page.decide(answers).found] for key, page in pages.items()}
        counted = {key: Again(len(each)) for key, each in ranks.items() if len(each) > 1 and max(each) < _rank(predictions[key])}
        certain = {key: Again(1, each, answers[each]) for key, each in readings.items() if not _rank(answers[each])}
        return certain | counted
    return {}


def _rank(prediction: Mapping[str, Any]) -> int:
    """Return the rank of a prediction's verdict: 0 is the best, and that of a prediction without one."""
    verdict = prediction.get("verdict")
    return VERDICTS.index(verdict) if verdict in VERDICTS else 0


def _find(picture: bytes, recipe: Recipe) -> Picture | None:
    with suppress(InvalidInput):  # as one digit it was read
        return recipe.find_instances(picture) if recipe.find_instances else None
    return None


def _reread(picture: bytes, recipe: Recipe) -> bytes | None:
    with suppress(InvalidInput):
        return recipe.reread_image(picture) if recipe.reread_image else None
    return None
