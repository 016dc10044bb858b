"""The second look at those of a request's pictures that the model doubts show one digit. Imported only when it doubts."""

from collections.abc import Callable, Sequence

from functions.predict.body import Body
from functions.predict.pages import take_pictures
from functions.shared import second_look
from functions.shared.second_look import Predictions
from recipes.recipe import Recipe


def count_again(body: Body, recipe: Recipe, predictions: Predictions, predict: Callable[[Sequence[bytes]], Predictions]) -> dict[int, int]:
    """Return how many digits stand in the pictures that the model doubts, by their index, where they are several.

    Args:    predictions: of the body's instances.
             predict: asks the model about more.
    """
    _, pictures = take_pictures(body, recipe, bytes)
    doubted = {index: picture for index, picture in pictures.items() if second_look.is_doubted(predictions[index])}
    return second_look.count_again(doubted, dict(enumerate(predictions)), recipe, predict)
