"""Pieces of rows of digits that touch, cut as a page of digits is: those that are a digit, and those that are none.

A cut is never perfect: a piece has a bit of its neighbour's ink, or lacks some of its own.
"""

from typing import NamedTuple

import numpy as np

from recipes.dataset import Split
from recipes.digits.segment import list_doubtful
from recipes.digits.writing.part import Part
from training.drawings.pen import Random
from training.drawings.rows import Mask, Row, draw_row
from training.drawings.sheet import encode

DIGIT, NO_DIGIT = 0.8, 0.55  # of the ink of a piece and of a digit, how much is of both; what lies between is neither


class Piece(NamedTuple):
    """A piece as a model is shown it, and its label; None for no digit."""

    instance: bytes
    label: int | None


def draw_pieces(digits: Split, random: Random) -> list[Piece]:
    """Return the pieces of a row of these digits that a model would be shown, without those that are hardly a digit."""
    row = draw_row(digits, random)
    rated = [(instance, _find_digit(part, row)) for part, instance in list_doubtful(encode(row.page))]
    return [Piece(instance, label if shared >= DIGIT else None) for instance, (shared, label) in rated if not NO_DIGIT <= shared < DIGIT]


def _find_digit(part: Part, row: Row) -> tuple[float, int]:
    """Return how much of its ink the digit that it shares most with has in common with a part, of the ink of both, and that one's label."""
    own = _draw_mask(part, row.inks[0].shape)
    return max((float((own & ink).sum() / (own | ink).sum()), label) for ink, label in zip(row.inks, row.labels, strict=True))


def _draw_mask(part: Part, shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, bool)
    for component in part.components:
        for row, start, end in component.runs:
            mask[row, start:end] = True
    return mask
