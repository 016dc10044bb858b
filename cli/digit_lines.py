"""The digits of pictures as people wrote them: a text for each line."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from recipes.trust import CERTAIN

MARKS = {"": "", "gap": " ", "point": ".", "minus": "-", "slash": "/"}


def join_lines(predictions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one prediction for each line of digits, in their order: its label is the line's text, the rest is its least sure digit's.

    Args:    predictions: of an answer to `digits=all`; those without a line stay as they are.
    """
    joined: list[dict[str, Any]] = []
    for (_, line), group in groupby(predictions, key=lambda each: (each.get("picture"), each.get("line"))):
        digits = list(group)
        joined += [_join(digits)] if line is not None else digits
    return joined


def _join(digits: list[dict[str, Any]]) -> dict[str, Any]:
    least = min(digits, key=lambda each: each.get("trust", each.get("probability", 1)))
    text = "".join(f"{each['label']}{_mark_doubt(each)}{MARKS.get(each.get('after', ''), ' ')}" for each in digits)
    return {**least, "label": text.rstrip()}


def _mark_doubt(digit: dict[str, Any]) -> str:
    return "?" if digit.get("verdict", CERTAIN) != CERTAIN else ""
