"""What a plot of a report is, and the style that all plots share."""

import io
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl

mpl.use("agg")
from matplotlib.figure import Figure

mpl.rcParams["text.parse_math"] = False  # classes and columns have the names that their data gives them: "$0 to $9" is no formula

# Blue and orange are told apart by people who see red and green alike. On white each has a contrast of 4.5, as text needs.
INK, MUTED, GRID = "#1d2733", "#5b6675", "#e2e8f0"
ACCENT, BAD = "#1f5fa8", "#b34700"
# Of models beside each other: colour, marker and line differ.
SERIES = ((ACCENT, "o", "-"), (BAD, "s", "--"), ("#00755a", "^", "-."), ("#8a3b8f", "D", ":"))
SMALL = 9  # points: the smallest text of a plot
DPI, FINENESS = 200, 2  # a PNG has twice the dots that a screen shows, for slides


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot of a report.

    Args:    name: of its PNG, after the page's: letters and hyphens.
             title: what it shows; also the alternative text.
             caption: what is to be seen in it and how to read it, for people who have never seen one.
    """

    name: str
    title: str
    caption: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Scales:
    """What the plots of models that are compared have in common: with scales of their own, a worse one looks the same.

    Args:    most_mistakes: in one cell of a confusion matrix: what its darkest colour stands for.
             shares: the lowest and the highest accuracy of a kind of picture.
             values: the least and the greatest value of a regression's plots.
    """

    most_mistakes: int = 1
    shares: tuple[float, float] = (0.0, 1.0)
    values: tuple[float, float] = (0.0, 1.0)


def create_axes(title: str, size: tuple[float, float] = (5.2, 4.4)) -> tuple[Figure, Any]:
    """Return a figure with one pair of axes in the reports' style."""
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    style_axes(axes)
    axes.set_title(title, loc="left", color=INK, fontsize=11)
    return figure, axes


def style_axes(axes: Any) -> None:
    """Give a pair of axes the reports' style."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(colors=INK, labelsize=SMALL)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(color=INK, fontsize=10)


def encode_png(figure: Figure) -> bytes:
    """Return the figure as a PNG, FINENESS times as fine as a screen shows it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, bbox_inches="tight")
    return buffer.getvalue()


def read_png_width(image: bytes) -> int:
    """Return how many dots a PNG is wide, by its header."""
    return int.from_bytes(image[16:20], "big")
