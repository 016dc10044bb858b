"""The plots of a classifier's evaluation, each with its title, and the style that all plots share."""

import io
import math
from typing import Any

import matplotlib as mpl

mpl.use("agg")
import numpy as np
from matplotlib.figure import Figure

INK, ACCENT, BAD = "#1d2733", "#2b6cb0", "#c05621"
Plot = tuple[str, Figure]  # a title and what it is the title of


def create_axes(title: str, size: tuple[float, float] = (5.2, 4.4)) -> tuple[Figure, Any]:
    """Return a figure with one pair of axes in the reports' style."""
    figure = Figure(figsize=size)
    axes = figure.subplots()
    axes.set_title(title, loc="left", color=INK, fontsize=11)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def encode_png(figure: Figure) -> bytes:
    """Return the figure as a PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, bbox_inches="tight")
    return buffer.getvalue()


def plot_confusion(matrix: list[list[int]], title: str = "Confusion matrix: mistakes by true and predicted digit") -> Plot:
    """Return a confusion matrix (rows are the truth) whose mistakes stand out, with its title."""
    counts = np.array(matrix)
    mistakes = counts * (1 - np.eye(len(counts), dtype=int))
    figure, drawn = create_axes(title)
    drawn.imshow(mistakes, cmap="Oranges", vmin=0)
    for row, column in np.ndindex(*counts.shape):
        if counts[row, column]:
            dark = mistakes[row, column] > mistakes.max() / 2
            color = "#556" if row == column else "white" if dark else INK
            drawn.text(column, row, counts[row, column], ha="center", va="center", fontsize=8, color=color)
    drawn.set(xticks=range(len(counts)), yticks=range(len(counts)), xlabel="predicted", ylabel="true")
    return title, figure


def plot_robustness(table: dict[str, float]) -> Plot:
    """Return the accuracy by kind of picture as bars, with its title."""
    title = "Accuracy through the transform, by kind of picture"
    figure, drawn = create_axes(title)
    names, values = list(table), [100 * value for value in table.values()]
    drawn.barh(names, values, color=ACCENT)
    drawn.invert_yaxis()
    least = max(0, math.floor(min(values)) - 2)
    drawn.set_xlim(least, 100.4)
    for row, value in enumerate(values):
        drawn.text(value, row, f" {value:.2f} ", va="center", ha="right", fontsize=9, color="white")
    drawn.set_xlabel(f"% of pictures (the axis begins at {least})")
    return title, figure


def plot_reliability(bins: list[dict[str, float]]) -> Plot:
    """Return the accuracy by confidence, with its title."""
    title = "Reliability: accuracy by confidence"
    figure, drawn = create_axes(title)
    drawn.plot([0, 1], [0, 1], color="#bbc", linewidth=1)
    drawn.plot([b["confidence"] for b in bins], [b["accuracy"] for b in bins], "o-", color=ACCENT)
    for b in bins:
        drawn.annotate(
            f"{b['images']:,}", (b["confidence"], b["accuracy"]), textcoords="offset points", xytext=(4, -11), fontsize=7, color="#667"
        )
    drawn.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1.05), ylim=(-0.08, 1.05))
    return title, figure


def plot_rejection(curve: list[dict[str, float]]) -> Plot:
    """Return the share of digits that is kept, and of what is no digit that is rejected, by the threshold of trust, with its title."""
    title = "Trust: what a threshold keeps and rejects"
    figure, drawn = create_axes(title)
    thresholds = [point["trust"] for point in curve]
    drawn.plot(thresholds, [100 * point["digits_kept"] for point in curve], color=ACCENT, label="digits kept")
    drawn.plot(thresholds, [100 * point["others_rejected"] for point in curve], color=BAD, label="of what is no digit, rejected")
    drawn.set(xlabel="threshold", ylabel="%", xlim=(0, 1), ylim=(0, 102))
    drawn.legend(frameon=False, fontsize=8, loc="lower center")
    return title, figure


def plot_mistakes(worst: list[dict[str, Any]]) -> Plot:
    """Return the pictures of the mistakes, with the true and the predicted label and the probability, with its title."""
    title = "The most confident mistakes: true → predicted"
    columns = 6
    rows = -(-len(worst) // columns)
    figure = Figure(figsize=(5.2, 0.95 * rows + 0.4))
    figure.suptitle(title, x=0.12, ha="left", color=INK, fontsize=11)
    for axes, mistake in zip(
        figure.subplots(rows, columns, squeeze=False).flat, worst + [None] * (rows * columns - len(worst)), strict=True
    ):
        axes.axis("off")
        if mistake is not None:
            axes.imshow(mistake["image"], cmap="gray_r")
            axes.set_title(f"{mistake['label']} → {mistake['predicted']}  {mistake['probability']:.0%}", fontsize=7, color=BAD, pad=2)
    return title, figure
