"""The digits of pictures as people wrote them: a text for each line; and pictures of several that were answered as one."""

import shlex
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from cli.jobs.summary import format_page
from functions.shared.reading.marks import MARKS

FOUND = "_found"


def join_lines(predictions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one prediction for each line of digits, in their order: its label is the line's text, the rest is its least sure digit's.

    Args:    predictions: of an answer to `digits=all`; those without a line stay as they are.
    """
    joined: list[dict[str, Any]] = []
    for (_, line), group in groupby(predictions, key=lambda each: (each.get("picture"), each.get("line"))):
        digits = list(group)
        least = min(digits, key=lambda each: each.get("trust", each.get("probability", 1)))
        joined += digits if line is None else [{**least, "label": format_page(digits)}]
    return joined


def find_several(file: Path, predictions: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the problem of a picture that was answered as one and holds several; nothing if it holds one.

    How many stand in it is in a field that is called after them, such as digits_found.
    """
    counted = [(each[name], name) for each in predictions for name in each if name.endswith(FOUND) and name != MARKS]
    found, field = max(((int(count), name) for count, name in counted if str(count).isdecimal()), default=(1, ""))
    if found < 2:
        return {}
    things, name = field.removesuffix(FOUND), shlex.quote(str(file))
    return {
        "title": f"Several {things}",
        "detail": f"{found} {things} stand beside each other in the picture, and it was asked about as one",
        "advice": f"read each: `inferstack predict {name} --all`, or `inferstack upload {name} --wait`",
    }
