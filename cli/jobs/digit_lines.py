"""The digits of pictures as people wrote them: a text for each line."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from cli.jobs.summary import format_page


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
