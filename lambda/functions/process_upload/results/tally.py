"""The counts of a job's lines, which its summary shows."""

from collections import Counter
from dataclasses import dataclass, field
from math import inf
from typing import Any

from functions.process_upload.documents import Body, RowsBody
from functions.process_upload.lines import EXPECTED, Line
from functions.process_upload.results.median import Median
from functions.process_upload.results.names import bound_name
from functions.process_upload.results.predictions import Metadata
from functions.process_upload.results.reasons import Reasons
from functions.process_upload.results.score import Score
from functions.shared.doubts import list_doubt_notes
from functions.shared.reading.categories import UNKNOWN, list_unknown_notes
from functions.shared.reading.marks import MARKS, list_mark_notes
from functions.shared.reading.notes import Note
from functions.shared.reading.ranges import OUTSIDE, list_outside_notes
from recipes.recipe import Recipe
from recipes.trust import VERDICTS

FAILURES_SHOWN, PREDICTIONS_SHOWN = 100, 100
EACH_ALONE = "Upload each by itself to have them read."


@dataclass(slots=True)
class Tally:
    """Counts lines.

    Args:    recipe: what their labels are compared with.
    """

    recipe: Recipe
    rows: int = 0
    failed: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    least: float = inf
    median: Median = field(default_factory=Median)
    most: float = -inf
    models: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, Any]] = field(default_factory=list)
    reasons: Reasons = field(default_factory=Reasons)
    score: Score | None = None
    several: int = 0
    marked: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    outside: Counter[str] = field(default_factory=Counter)
    first_lines: list[Line] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """Count a line."""
        self.rows += 1
        if line.error:
            self.failed += 1
            self.reasons.add(line.row, line.error)
            if len(self.failures) < FAILURES_SHOWN:
                self.failures.append({"row": line.row, **line.error.to_json()})
        else:
            prediction = line.prediction or {}
            if (value := prediction.get("value")) is not None:
                self.least, self.most = min(self.least, value), max(self.most, value)
                self.median.add(value)
            elif "value" not in prediction:  # a value that float32 cannot hold is None
                self.labels[bound_name(prediction.get("label"), self.labels)] += 1
            if (verdict := prediction.get("verdict")) in VERDICTS:
                self.verdicts[verdict] += 1
            self.models[bound_name(line.model, self.models)] += 1
        if line.about:
            self._add_about(line)
        if len(self.first_lines) < PREDICTIONS_SHOWN:
            self.first_lines.append(line)

    def _add_about(self, line: Line) -> None:
        self.several += self.recipe.count_field in line.about
        self.marked += MARKS in line.about
        self.unknown.update(line.about.get(UNKNOWN, ()))
        self.outside.update(line.about.get(OUTSIDE, ()))
        if EXPECTED in line.about:
            self.score = self.score or Score(self.recipe)
            self.score.add(line.about[EXPECTED], line.prediction)

    def summarize(self, metadata: Metadata) -> Body:
        """Return what the summary says of the lines; a picture's predictions are in it. With no row answered, the upload has failed."""
        body: RowsBody = {
            "format": metadata.format,
            "rows": self.rows,
            "succeeded": self.rows - self.failed,
            "failed": self.failed,
            **self._summarize_predictions(),
            "models": dict(sorted(self.models.items())),
            "failures": self.failures,
            "reasons": self.reasons.to_json(),
        }
        if self.score:
            body["score"] = self.score.to_json()
        if metadata.format == "image":
            body["predictions"] = [line.to_json() for line in self.first_lines]
        if metadata.image_size:
            body["image"] = dict(zip(("width", "height"), metadata.image_size, strict=True))
            body["unread"], body["unread_count"] = [list(box) for box in metadata.unread], metadata.unread_count
        doubts = list_doubt_notes(self.verdicts, self.recipe) if metadata.format != "image" else ()  # of each of a picture it is told
        if notes := [note.to_json() for note in (*metadata.notes, *self._list_notes(), *doubts)]:
            body["notes"] = notes
        if self.failed == self.rows:
            return {"state": "failed", "error": self.reasons.explain(self.rows).to_json(), **body}
        return {"state": "succeeded", **body}

    def _list_notes(self) -> list[Note]:
        of_columns = list_unknown_notes(self.unknown) + list_outside_notes(self.outside)
        notes = list_mark_notes(_count_pictures(self.marked), self.recipe, EACH_ALONE) + of_columns
        if not self.several:
            return list(notes)
        several = f"{_count_pictures(self.several)} several {self.recipe.noun}s, which were answered as one"
        return [Note(f"several-{self.recipe.noun}s", several, EACH_ALONE), *notes]

    def _summarize_predictions(self) -> RowsBody:
        """Return how often each label was predicted, and how many answers can be trusted, or the range of the values."""
        if self.least > self.most:  # no value
            labels: RowsBody = {"labels": dict(sorted(self.labels.items()))}
            return {**labels, "verdicts": dict(sorted(self.verdicts.items()))} if self.verdicts else labels
        return {"values": {"min": float(self.least), "median": self.median.find(), "max": float(self.most)}}


def _count_pictures(count: int) -> str:
    return "1 picture shows" if count == 1 else f"{count:,} pictures show" if count else ""
