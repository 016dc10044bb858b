"""A line of predictions.jsonl: a row with its prediction, or with the reason why it has none.

{"row": 1, "id": "A-1", "label": 7, "probability": 0.98, …, "model": "1.0.0+d3adb33f"}
{"row": 2, "id": "A-2", "error": {"code": "wrong-shape", "detail": "…", "advice": "…"}}
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from functions.shared.json_lines import encode_line
from functions.shared.keys import KEYS
from functions.shared.reading.categories import UNKNOWN
from functions.shared.reading.ranges import OUTSIDE
from functions.shared.reading.rows import Row
from recipes.errors import InvalidInput, OutOfRange
from recipes.recipe import Recipe

FOUND = "_found"  # ends the name of what a row's picture shows beside what was answered: a recipe's count of instances, and marks
EXPECTED = "expected"  # the upload's own label of the row
# The fields of a line that come from the upload.
ABOUT = ("id", "name", KEYS, "box", "line", "after", "before", "frames", UNKNOWN, OUTSIDE, EXPECTED)
LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a row, or a whole upload, could not be predicted; only a whole upload's has a title."""

    code: str
    title: str = ""
    detail: str = ""
    advice: str = ""

    @classmethod
    def of_row(cls, error: InvalidInput) -> "Failure":
        """Return the failure of one row."""
        return cls(error.code, detail=error.detail[:LONGEST_DETAIL], advice=error.advice)

    @classmethod
    def of_upload(cls, error: InvalidInput) -> "Failure":
        """Return the failure of a whole upload."""
        return cls(error.code, error.title, error.detail[:LONGEST_DETAIL], error.advice)

    def to_json(self) -> dict[str, str]:
        """Return the document, without empty fields."""
        return {name: text for name, text in asdict(self).items() if text}


UNANSWERED = Failure.of_row(
    OutOfRange("the model has no finite answer to it: its numbers are too large for the model", advice="Correct them, or leave it out.")
)


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of one row; while it waits for Batch Transform, it has neither a prediction nor an error.

    Args:    row: its number, from 1.
             about: the upload's own id, name, box or label of the row.
             prediction: the endpoint's, as it is.
             model: the version of the model that predicted.
             error: why there is no prediction.
    """

    row: int
    about: Mapping[str, Any]
    prediction: Mapping[str, Any] | None = None
    model: str | None = None
    error: Failure | None = None

    @classmethod
    def of_row(cls, row: Row, recipe: Recipe) -> "Line":
        """Return the line of a row that is not predicted yet; it has the row's error if it cannot be."""
        return cls(row.number, _describe(row, recipe), error=Failure.of_row(row.error) if row.error else None)

    @classmethod
    def of_prediction(cls, row: Row, recipe: Recipe, prediction: Mapping[str, Any] | None, model: str | None) -> "Line":
        """Return the line of a row that is predicted; None is a model's that has no finite answer."""
        return cls(row.number, _describe(row, recipe), prediction, model, UNANSWERED if prediction is None else None)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Line":
        """Return the line that `to_json` wrote."""
        about = {name: document[name] for name in ABOUT if name in document}
        about |= {name: value for name, value in document.items() if name.endswith(FOUND)}
        if error := document.get("error"):
            return cls(document["row"], about, error=Failure(**error))
        prediction = {name: value for name, value in document.items() if name not in {"row", "model", *about}}
        return cls(document["row"], about, prediction or None, document.get("model"))

    def with_prediction(self, prediction: Mapping[str, Any] | None, model: str | None) -> "Line":
        """Return the line with its prediction; None is a model's that has no finite answer."""
        return replace(self, prediction=prediction, model=model, error=UNANSWERED if prediction is None else None)

    def with_error(self, error: InvalidInput) -> "Line":
        """Return the line with an error in place of a prediction."""
        return replace(self, error=Failure.of_row(error))

    def to_json(self) -> dict[str, Any]:
        """Return the document."""
        document = {"row": self.row, **self.about}
        if self.error:
            return {**document, "error": self.error.to_json()}
        return document if self.prediction is None else {**document, **self.prediction, "model": self.model}

    def encode(self) -> bytes:
        """Return the line as JSON, with its line break."""
        return encode_line(self.to_json())


def _describe(row: Row, recipe: Recipe) -> Mapping[str, Any]:
    """Return what a row's line repeats of the upload."""
    if row.count <= 1 and row.label in {None, ""}:
        return row.about
    several = {recipe.count_field: row.count} if row.count > 1 else {}
    label = {} if row.label in {None, ""} else {EXPECTED: row.label}
    return {**row.about, **several, **label}
