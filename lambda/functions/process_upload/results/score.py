"""How good the answers to labelled rows are: accuracy and confusion of a classification, error and R² of a regression."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from functions.process_upload.documents import ScoreBody
from functions.process_upload.results.names import bound_name
from recipes.columns import UNKNOWN_CODE, Category
from recipes.recipe import Recipe

UNKNOWN_SHOWN, LONGEST_LABEL = 10, 40
MAX_UNKNOWN = 1000  # different ones that are counted


@dataclass(slots=True)
class _Errors:
    """The sums of which a regression's figures are made, by Welford's method: no difference of two large sums is taken."""

    scored: int = 0
    absolute: float = 0.0
    squared: float = 0.0
    mean: float = 0.0
    spread: float = 0.0

    def add(self, expected: float, value: float) -> None:
        error = value - expected
        self.scored += 1
        self.absolute += abs(error)
        self.squared += error * error  # which becomes infinite where ** would raise
        distance = expected - self.mean
        self.mean += distance / self.scored
        self.spread += distance * (expected - self.mean)

    def to_json(self) -> ScoreBody:
        mae = self.absolute / self.scored if self.scored else None
        r2 = 1 - self.squared / self.spread if self.spread else None
        return {"scored": self.scored, "mae": _keep_finite(mae), "r2": _keep_finite(r2)}


@dataclass(slots=True)
class Score:
    """Compares what rows were expected to be with what they were predicted to be.

    Args:    recipe: its classes, or that it answers numbers.
    """

    recipe: Recipe
    labelled: int = 0
    confusion: dict[str, Counter[str]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    errors: _Errors = field(default_factory=_Errors)

    def add(self, expected: Any, prediction: Mapping[str, Any] | None) -> None:
        """Count a labelled row.

        Args:    expected: its label in the upload.
                 prediction: None if the row could not be answered.
        """
        self.labelled += 1
        known = self._read_class(expected) if self.recipe.labels else self._read_number(expected)
        if known is None:
            if len(self.unknown) < MAX_UNKNOWN or str(expected)[:LONGEST_LABEL] in self.unknown:
                self.unknown[str(expected)[:LONGEST_LABEL]] += 1
        elif prediction is None:
            return
        elif isinstance(known, str):
            answers = self.confusion.setdefault(known, Counter())
            answers[bound_name(prediction.get("label"), answers)] += 1
        elif (value := prediction.get("value")) is not None:
            self.errors.add(known, float(value))

    def to_json(self) -> ScoreBody:
        """Return what the summary says of it."""
        body: ScoreBody = {"labelled": self.labelled, **(self._describe_classes() if self.recipe.labels else self.errors.to_json())}
        if self.unknown:
            body["unknown_labels"] = dict(self.unknown.most_common(UNKNOWN_SHOWN))
        return body

    def _describe_classes(self) -> ScoreBody:
        scored = sum(answers.total() for answers in self.confusion.values())
        correct = sum(answers[expected] for expected, answers in self.confusion.items())
        confusion = {expected: dict(sorted(answers.items())) for expected, answers in sorted(self.confusion.items())}
        return {"scored": scored, "correct": correct, "accuracy": correct / scored if scored else None, "confusion": confusion}

    def _read_class(self, expected: Any) -> str | None:
        """Return the recipe's class that a cell means: 7, "7", "7.0", " 7 " and "'7'", as OpenML writes it, are one."""
        if isinstance(target := self.recipe.target, Category):
            code = target.find_code(str(expected))
            return None if code == UNKNOWN_CODE else target.values[code]
        names, text = set(map(str, self.recipe.labels)), str(expected).strip()
        for name in (text, text.strip("'\"").strip()):
            if name in names:
                return name
        number = self._read_number(expected)
        return whole if number is not None and number == int(number) and (whole := str(int(number))) in names else None

    def _read_number(self, expected: Any) -> float | None:
        if isinstance(expected, bool) or "_" in str(expected):  # Python takes True for 1, and 1_0 for 10
            return None
        try:
            number = float(expected)
        except (TypeError, ValueError, OverflowError):
            return None
        return number if isfinite(number) else None


def _keep_finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
