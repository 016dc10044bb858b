"""Numbers unlike any that a model was trained on: its manifest says between which those lay."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

from functions.shared.reading.rows import Note

ADVICE = "Take the answer as a guess: the model knows nothing of such numbers."


def list_range_notes(features: Sequence[Mapping[str, Any]], instances: bytes) -> list[Note]:
    """Return a note for each feature whose numbers lie outside what the model was trained on.

    Args:    features: of the manifest; one without a `range` [least, most] has no limits.
             instances: float32, a value for each feature.
    """
    values, width = array("f", instances), len(features)
    notes = []
    for place, feature in enumerate(features):
        if "range" not in feature:
            continue
        least, most = array("f", feature["range"])  # as exact as the values are
        column = values[place::width]
        outside = [value for value in column if not least <= value <= most]
        if outside:
            unit = f" {feature['unit']}" if feature.get("unit") else ""
            known = " to ".join(f"{end:,.6g}" for end in feature["range"]) + unit
            where = "here it is" if len(column) == 1 else f"in {len(outside):,} of the {len(column):,} instances it is other, first"
            detail = f"the model was trained on {feature['name']} of {known}; {where} {outside[0]:,.6g}{unit}"
            notes.append(Note("outside-range", detail, ADVICE))
    return notes
