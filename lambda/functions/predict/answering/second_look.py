"""The second look at those of a request's pictures that the model doubts show one digit. Imported only when it doubts."""

from collections.abc import Callable, Sequence
from typing import Any

from functions.predict.answering.pages import take_pictures
from functions.predict.reading.body import Body
from functions.shared import second_look
from functions.shared.reading.batch import Batch
from recipes.recipe import Recipe

Predictions = list[dict[str, Any]]


def look_again(
    body: Body, batch: Batch, recipe: Recipe, predictions: Predictions, predict: Callable[[Sequence[bytes]], Predictions]
) -> tuple[Batch, Predictions]:
    """Return the batch with how many digits its pictures show, and the predictions; both with a better reading where there is one.

    Args:    batch, predictions: of the body's instances.
             predict: asks the model about more.
    """
    _, pictures = take_pictures(body, recipe, bytes)
    doubted = {index: picture for index, picture in pictures.items() if second_look.is_doubted(predictions[index])}
    found = second_look.look_again(doubted, dict(enumerate(predictions)), recipe, predict)
    counts = {index: each.digits for index, each in found.items() if each.digits > 1}
    instances, answers = bytearray(batch.instances), list(predictions)
    for index, each in found.items():
        if each.instance and each.prediction and index not in batch.counts:
            instances[index * recipe.instance_bytes : (index + 1) * recipe.instance_bytes] = each.instance
            answers[index] = dict(each.prediction)
    marks = {index: count for index, count in batch.marks.items() if index not in counts}
    return batch._replace(instances=bytes(instances), counts={**batch.counts, **counts}, marks=marks), answers
