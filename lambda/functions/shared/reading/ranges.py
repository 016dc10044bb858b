"""Numbers unlike any that a model was trained on: its manifest says between which those lay."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

from functions.shared.reading.notes import Note

OUTSIDE = "outside_range"  # the field of a job's line: the names of the features
CODE = "outside-range"
ADVICE = "Take the answer as a guess: the model knows nothing of such numbers."
Features = Sequence[Mapping[str, Any]]


def list_range_notes(features: Features, instances: bytes) -> list[Note]:
    """Return a note for each feature whose numbers lie outside what the model was trained on.

    Args:    features: of the manifest; one without a `range` [least, most] has no limits.
             instances: float32, a value for each feature.
    """
    values, width = array("f", instances), len(features)
    notes = []
    for place, feature in enumerate(features):
        if "range" not in feature:
            continue
        column = values[place::width]
        outside = [column[at] for at in _find_rows(column, feature)]
        if outside:
            unit = f" {feature['unit']}" if feature.get("unit") else ""
            known = " to ".join(f"{end:,.6g}" for end in feature["range"]) + unit
            where = "here it is" if len(column) == 1 else f"in {len(outside):,} of the {len(column):,} instances it is other, first"
            detail = f"the model was trained on {feature['name']} of {known}; {where} {outside[0]:,.6g}{unit}"
            notes.append(Note(CODE, detail, ADVICE))
    return notes


def find_outside(features: Features, instances: bytes) -> dict[int, list[str]]:
    """Return the features whose numbers lie outside, by the place of the instance; see `list_range_notes`."""
    values, width = array("f", instances), len(features)
    found: dict[int, list[str]] = {}
    for place, feature in enumerate(features):
        for row in _find_rows(values[place::width], feature) if "range" in feature else ():
            found.setdefault(row, []).append(feature["name"])
    return found


def list_outside_notes(counts: Mapping[str, int]) -> tuple[Note, ...]:
    """Return the note on a job's numbers that lie outside.

    Args:    counts: in how many rows, by the feature's name.
    """
    held = ", ".join(f"{name} ({count:,} {'row' if count == 1 else 'rows'})" for name, count in counts.items())
    return (Note(CODE, f"numbers outside of what the model was trained on are in {held}", ADVICE),) if counts else ()


def _find_rows(column: "array[float]", feature: Mapping[str, Any]) -> list[int]:
    """Return the rows of a column that lie outside a feature's range."""
    least, most = array("f", feature["range"])  # as exact as the values are
    if column and least <= min(column) and max(column) <= most:  # as most are: in C
        return []
    return [row for row, value in enumerate(column) if not least <= value <= most]
