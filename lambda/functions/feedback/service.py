"""What people say of predictions, kept once for each instance: first what was said, then the outcome that a report counts."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from functions.shared.object_store import Store, timestamp
from functions.shared.predictions import Prediction, read
from recipes.errors import InvalidInput
from recipes.recipe import Recipe

OPEN_S = 30 * 86_400  # how long an answer takes feedback
EARLY_S = 300  # clocks of two functions differ
AT_ONCE = 16
Label = int | str


class Closed(Exception):
    """No such prediction, or one that takes no feedback any more."""


class Contradicted(Exception):
    """Another label was given before.

    Args:    instances: of which, counted from 0.
    """

    def __init__(self, instances: list[int]) -> None:
        super().__init__(f"another label was given before for instance {', '.join(map(str, instances))}")
        self.instances = instances


class Service:
    """The use case.

    Args:    results: the bucket of results.
             recipe: whose labels there are.
             now: replaced in tests.
    """

    def __init__(self, results: Store, recipe: Recipe, *, now: Callable[[], float] = time.time) -> None:
        self._results, self._recipe, self._now = results, recipe, now

    def prediction(self, id_: str) -> Prediction:
        """Return what an id says; raise Closed if it takes no feedback."""
        found, now = read(id_), self._now()
        if found is None or not now - OPEN_S <= found.at_s <= now + EARLY_S:
            raise Closed
        if any(place is not None and place >= len(self._recipe.labels) for place in found.predicted):
            raise Closed
        return found

    def give(self, prediction: Prediction, labels: Sequence[Label | None]) -> tuple[int, int]:
        """Keep a label for each instance, None for no opinion; return how many predictions were right, and how many wrong.

        Whatever is repeated or cut short ends the same: what was said is written once, and its outcome follows from it.

        Raises:  InvalidInput: not a label an instance, or one that the recipe has not.
                 Contradicted: some have another label already, which stays; the others are kept.
        """
        if len(labels) != len(prediction.predicted):
            raise InvalidInput(f"there are {len(labels)} labels for {len(prediction.predicted)} predictions", advice="null is no opinion.")
        if not self._recipe.labels:
            raise InvalidInput(f"{self._recipe.title} answers no labels, so none can be right or wrong")
        given = [(instance, label) for instance, label in enumerate(labels) if label is not None]
        for instance, label in given:
            if type(label) not in {int, str} or label not in self._recipe.labels:
                known = ", ".join(map(str, self._recipe.labels))
                raise InvalidInput(f"labels[{instance}] is {str(label)[:40]!r}; expected one of {known[:200]}")
        with ThreadPoolExecutor(min(AT_ONCE, len(given) or 1)) as pool:
            sides = list(pool.map(lambda each: self._keep(prediction, *each), given))
        if contradicted := [instance for (instance, _), side in zip(given, sides, strict=True) if side is None]:
            raise Contradicted(contradicted)
        return sides.count(True), sides.count(False)

    def _keep(self, prediction: Prediction, instance: int, label: Label) -> bool | None:
        """Return whether the prediction was right; None if another label was given before."""
        place = prediction.predicted[instance]
        predicted = None if place is None else self._recipe.labels[place]
        said: dict[str, Any] = {
            "id": prediction.id,
            "instance": instance,
            "predicted": predicted,
            "label": label,
            "variant": prediction.variant,
            "version": prediction.version,
            "at": timestamp(prediction.at_s),
            "given_at": timestamp(self._now()),
        }
        key = prediction.given_key(instance)
        if not self._results.create_json(key, said):
            before = self._results.read_json(key) or said
            if before["label"] != label:
                return None
        right = predicted == label
        self._results.create(prediction.outcome_key(self._recipe.name, instance, right=right), b"", "text/plain")
        return right
