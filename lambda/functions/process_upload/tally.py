"""The counts of a job's lines, which its summary shows."""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from functions.process_upload.documents import SuccessBody
from functions.process_upload.lines import Line
from functions.process_upload.results import Metadata

FAILURES_SHOWN, PREDICTIONS_SHOWN = 100, 100


@dataclass(slots=True)
class Tally:
    """Counts lines."""

    rows: int = 0
    failed: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    values: "array[float]" = field(default_factory=lambda: array("d"))
    models: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, Any]] = field(default_factory=list)
    first_lines: list[Line] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """Count a line."""
        self.rows += 1
        if line.error:
            self.failed += 1
            if len(self.failures) < FAILURES_SHOWN:
                self.failures.append({"row": line.row, **line.error.to_json()})
        else:
            prediction = line.prediction or {}
            if isinstance(value := prediction.get("value"), int | float):
                self.values.append(value)
            else:
                self.labels[str(prediction.get("label"))] += 1
            self.models[str(line.model)] += 1
        if len(self.first_lines) < PREDICTIONS_SHOWN:
            self.first_lines.append(line)

    def summarize(self, metadata: Metadata) -> SuccessBody:
        """Return what the summary says of the lines; a picture's predictions are in it."""
        body: SuccessBody = {
            "state": "succeeded",
            "format": metadata.format,
            "rows": self.rows,
            "succeeded": self.rows - self.failed,
            "failed": self.failed,
            **self._summarize_predictions(),
            "models": dict(sorted(self.models.items())),
            "failures": self.failures,
        }
        if metadata.format == "image":
            body["predictions"] = [line.to_json() for line in self.first_lines]
        if metadata.image_size:
            body["image"] = dict(zip(("width", "height"), metadata.image_size, strict=True))
        return body

    def _summarize_predictions(self) -> SuccessBody:
        """Return how often each label was predicted, or the range of the values."""
        if not self.values:
            return {"labels": dict(sorted(self.labels.items()))}
        ordered, middle = sorted(self.values), len(self.values) // 2
        median = (ordered[middle] + ordered[~middle]) / 2
        return {"values": {"min": ordered[0], "median": median, "max": ordered[-1]}}
