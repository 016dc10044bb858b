"""The second look at those of a zip's pictures that the model doubts show one digit, as a request's have it; for a bounded time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from functions.process_upload.lines import Line
from functions.process_upload.predicting.predictor import LEAST_S
from functions.shared import second_look
from functions.shared.logs import write_error
from functions.shared.reading.marks import MARKS
from functions.shared.reading.rows import Row
from functions.shared.second_look import Again, Predictions, is_doubted
from recipes.errors import InferstackError
from recipes.recipe import Recipe

LONGEST_S = 20.0  # that all second looks of an upload take, of the function's five minutes: 65,000 letters would take half an hour
Predict = Callable[..., Iterator[Line]]


def look_again(
    lines: Iterable[Line], recipe: Recipe, reread: Callable[[int], bytes], predict: Predict, clock: Callable[[], float], *, deadline: float
) -> Iterator[Line]:
    """Give lines on, with how many digits their pictures show where a second look finds several, or with a better reading of one.

    One picture is looked at at a time: what is found in a large one takes tens of MB.

    Args:    reread: returns the picture of a row by the row's number; raises InvalidInput.
             predict: `Predictor.predict`.
             clock: seconds that only go forward; the one that deadlines are on.
             deadline: of the upload: no second look takes of the time that is kept for writing the results.
    """
    left_s = LONGEST_S
    for line in lines:
        started_s = clock()
        until_s = min(started_s + left_s, deadline - LEAST_S)
        if started_s < until_s and line.prediction and is_doubted(line.prediction) and recipe.count_field not in line.about:
            line = _look(line, recipe, reread, partial(_ask, predict, until_s))  # noqa: PLW2901 - the same line
            left_s -= clock() - started_s
        yield line


def _look(line: Line, recipe: Recipe, reread: Callable[[int], bytes], predict: Callable[[Sequence[bytes]], Predictions]) -> Line:
    """Return a line with what a second look found."""
    try:
        found = second_look.look_again({line.row: reread(line.row)}, {line.row: line.prediction or {}}, recipe, predict)
    except InferstackError:
        return line  # it is there, and does not fail for what else is said of it
    except Exception as error:  # noqa: BLE001 - a defect of ours fails no upload that is answered, and is not to stay unseen
        write_error(error, row=line.row)
        return line
    again = found.get(line.row, Again())
    if again.prediction:
        return replace(line, prediction=again.prediction)
    if again.digits == 1:
        return line
    about = {name: value for name, value in line.about.items() if name != MARKS}
    return replace(line, about={**about, recipe.count_field: again.digits})


def _ask(predict: Predict, until_s: float, instances: Sequence[bytes]) -> Predictions:
    """Return the model's answers to instances; raise OutOfTime if there are none until then."""
    rows = [Row(number, instance) for number, instance in enumerate(instances, 1)]
    return [line.prediction or {} for line in predict(rows, len(rows), deadline=until_s + LEAST_S)]
