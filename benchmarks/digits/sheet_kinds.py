"""Sheets of digits of every kind that people send, drawn by code from a seed, with what is written on them and where."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from benchmarks.digits import sheets_of_forms as forms
from benchmarks.digits import sheets_of_writing as writing
from benchmarks.digits.sheet import Sheet, Written
from recipes.dataset import Split
from tests.pages import photographed

Kind = Callable[[Sheet], None]


KINDS: dict[str, tuple[Kind, tuple[int, int]]] = {
    "plain": (writing.plain, (1000, 480)),
    "gap 0": (writing.gap_0, (560, 260)),
    "touching": (writing.touching, (900, 400)),
    "overlapping": (writing.overlapping, (800, 400)),
    "grid": (forms.grid, (900, 400)),
    "grid of cells": (forms.grid_cells, (820, 420)),
    "comb": (forms.comb, (900, 400)),
    "boxes": (forms.boxes, (900, 400)),
    "broken strokes": (writing.broken, (900, 380)),
    "separators": (writing.separators, (1000, 420)),
    "slopes": (writing.slopes, (1000, 480)),
    "sizes of 30 to 150": (writing.sizes, (1100, 640)),
    "printed words": (forms.words, (1000, 460)),
}


def draw(kind: str, seed: int, digits: Split) -> tuple[Image.Image, Sequence[Written]]:
    """Return a sheet of that kind and what is written on it: every third of pen strokes, every second photographed."""
    write, (width, height) = KINDS[kind]
    random = np.random.default_rng((seed, sum(kind.encode())))
    sheet = Sheet(width, height, random, digits, strokes=seed % 3 == 2)
    write(sheet)
    if seed % 2:
        return photographed(sheet.ink, seed=seed, noise=3, gradient=30, blur_px=0.8), sheet.written
    return sheet.ink.point([255 - level for level in range(256)]), sheet.written
