"""People's labels for predictions, kept once for each instance: first the label, then the outcome that a report counts."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from functions.feedback.allowance import Allowance
from functions.shared.object_store import Store, format_time
from functions.shared.predictions import Prediction
from recipes.errors import InvalidInput
from recipes.recipe import Recipe, load

OPEN_S = 30 * 86_400  # how long a prediction takes feedback
EARLY_S = 300  # clocks of two functions differ
AT_ONCE = 16
Label = int | str


class Closed(Exception):
    """No such prediction, or one that takes no feedback any more."""


class Contradicted(Exception):
    """Another label was given before; the message says for which instances."""


class Service:
    """The use case.

    Args:    results: the bucket of results.
             recipe: whose labels there are, unless an id names another.
             id_keys: of the stage; one of them has signed an id.
             allowance: how much a caller may say.
             others: the names of the other recipes that answer.
             now: replaced in tests.
    """

    def __init__(
        self,
        results: Store,
        recipe: Recipe,
        id_keys: Sequence[str],
        allowance: Allowance,
        *,
        others: Sequence[str] = (),
        now: Callable[[], float] = time.time,
    ) -> None:
        self._results, self._recipe, self._id_keys, self._allowance, self._others = results, recipe, id_keys, allowance, others
        self._now = now

    def read_prediction(self, id_: str, owner: str) -> Prediction:
        """Return the prediction that an id holds.

        Args:    owner: who says something about it.
        Raises:  Closed: it takes no feedback from this owner, whatever the reason: another's looks like an invented one.
        """
        prediction, now_s = Prediction.from_id(id_, owner, self._id_keys), self._now()
        if prediction is None or not now_s - OPEN_S <= prediction.at_s <= now_s + EARLY_S:
            raise Closed
        labels = self._find_recipe(prediction).labels
        if any(place is not None and place >= len(labels) for place in prediction.predicted):
            raise Closed
        return prediction

    def _find_recipe(self, prediction: Prediction) -> Recipe:
        """Return the recipe that answered; raise Closed if the deployment no longer has it."""
        if prediction.recipe in {"", self._recipe.name}:
            return self._recipe
        if prediction.recipe not in self._others:
            raise Closed
        return load(prediction.recipe)

    def keep_labels(self, prediction: Prediction, labels: Sequence[Label | None], owner: str) -> tuple[int, int]:
        """Keep a label for each instance, None for no opinion; return how many predictions were right, and how many wrong.

        A request that is repeated or cut short leads to the same end: the label is written once, and its outcome follows from it.

        Args:    owner: who says so; it is kept with the label.
        Raises:  InvalidInput: not one label for each instance, or a label that the recipe does not have.
                 Exhausted: the owner has given too many labels lately; nothing is kept.
                 Contradicted: some have another label already, which stays; the others are kept.
        """
        if len(labels) != len(prediction.predicted):
            raise InvalidInput(f"there are {len(labels)} labels for {len(prediction.predicted)} predictions", advice="null is no opinion.")
        recipe = self._find_recipe(prediction)
        if not recipe.labels:
            raise InvalidInput(f"{recipe.title} has no labels, so no prediction can be right or wrong")
        opinions = [(instance, label) for instance, label in enumerate(labels) if label is not None]
        for instance, label in opinions:
            if type(label) not in {int, str} or label not in recipe.labels:
                known = ", ".join(map(str, recipe.labels))
                raise InvalidInput(f"labels[{instance}] is {str(label)[:40]!r}; expected one of {known[:200]}")
        if not opinions:
            return 0, 0
        self._allowance.take(owner, len(opinions))
        with ThreadPoolExecutor(min(AT_ONCE, len(opinions))) as pool:
            outcomes = list(pool.map(lambda opinion: self._keep_label(prediction, opinion[0], opinion[1], owner), opinions))
        if contradicted := [instance for (instance, _), outcome in zip(opinions, outcomes, strict=True) if outcome is None]:
            raise Contradicted(f"another label was given before for instance {', '.join(map(str, contradicted))}")
        return outcomes.count(True), outcomes.count(False)

    def _keep_label(self, prediction: Prediction, instance: int, label: Label, owner: str) -> bool | None:
        """Return whether the prediction was right; None if another label was given before."""
        place = prediction.predicted[instance]
        recipe = self._find_recipe(prediction)
        predicted = None if place is None else recipe.labels[place]
        feedback: dict[str, Any] = {
            "request_id": prediction.request_id,
            "instance": instance,
            "predicted": predicted,
            "label": label,
            "variant": prediction.variant,
            "version": prediction.version,
            "at": format_time(prediction.at_s),
            "given_at": format_time(self._now()),
            "given_by": owner,
        }
        key = prediction.label_key(instance)
        if not self._results.create_json(key, feedback):
            first = self._results.read_json(key) or feedback
            if first["label"] != label:
                return None
        is_right = predicted == label
        self._results.create(prediction.outcome_key(recipe.name, instance, right=is_right), b"", "text/plain")
        return is_right
