"""The plots of a classifier's evaluation."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator

from training.reports.plots import ACCENT, BAD, GRID, INK, MUTED, SERIES, SMALL, Plot, Scales, create_axes, style_axes

MISTAKE_COLORS = "Oranges"
COMMONEST = 3
FEW, ROOM = 6, 40  # classes whose counts may be large; letters that stand beside each other below a matrix
SHORT = 2  # characters of a label that leave room for another on the same line


def measure_scales(matrices: Sequence[Sequence[Sequence[int]]], tables: Sequence[Mapping[str, float]] = ()) -> Scales:
    """Return the scales of classifiers that are compared, of their confusion matrices and their accuracies by kind of picture."""
    shares = [share for table in tables for share in table.values()] or [0.0, 1.0]
    return Scales(max(1, *(int(count_mistakes(matrix).max()) for matrix in matrices)), (min(shares), max(shares)))


def plot_confusion(matrix: Sequence[Sequence[int]], name: str = "", scales: Scales | None = None, labels: Sequence[str] = ()) -> Plot:
    """Return a confusion matrix (rows are the truth) whose mistakes stand out.

    Args:    name: whose answers these are, where several are shown.
             scales: of the models that are compared; without them, the darkest colour stands for the most of this one.
             labels: what the classes are called; left out, they are numbers from 0.
    """
    labels = labels or [str(label) for label in range(len(matrix))]
    counts = np.array(matrix)
    mistakes = count_mistakes(counts)
    scale = scales.most_mistakes if scales else max(1, int(mistakes.max()))
    title = "Which class is taken for which" + f": {name}" * bool(name)
    figure, drawn = create_axes(title)
    shades = colormaps[MISTAKE_COLORS]
    drawn.imshow(mistakes, cmap=shades, vmin=0, vmax=scale)
    for row, column in np.ndindex(*counts.shape):
        if counts[row, column]:
            color = MUTED if row == column else choose_ink(shades(mistakes[row, column] / scale))
            drawn.text(column, row, counts[row, column], ha="center", va="center", fontsize=8 if len(counts) > FEW else 12, color=color)
    drawn.set(xticks=range(len(counts)), yticks=range(len(counts)), xticklabels=labels, yticklabels=labels)
    drawn.set(xlabel="what the model said", ylabel="what it is")
    if sum(map(len, labels)) > ROOM:
        drawn.tick_params(axis="x", rotation=90)
    shared = f" The colours have one scale for each model that is compared: the darkest stands for {scale:,}." * bool(scales)
    how = "A row is what was shown, a column what the model said: on the diagonal it was right, and each coloured cell counts mistakes."
    return Plot("confusion" + f"-{name.replace(' ', '-')}" * bool(name), title, f"{_name_mistakes(counts, labels)} {how}{shared}", figure)


def count_mistakes(matrix: Any) -> Any:
    """Return a confusion matrix without its diagonal."""
    counts = np.array(matrix)
    return counts * (1 - np.eye(len(counts), dtype=int))


def choose_ink(background: Any) -> str:
    """Return the colour of text, black or white, that has the higher contrast on a background: at least 4.5."""
    return max(("black", "white"), key=lambda color: measure_contrast(color, background))


def measure_contrast(one: Any, other: Any) -> float:
    """Return the contrast of two colours, from 1 to 21.

    Source:  WCAG 2.2, relative luminance and contrast ratio.
    """
    lighter, darker = sorted((_measure_luminance(one), _measure_luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _measure_luminance(color: Any) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _name_mistakes(counts: Any, labels: Sequence[str]) -> str:
    mistakes = count_mistakes(counts)
    found = int(mistakes.sum())
    if not found:
        return f"None of {counts.sum():,} is wrong."
    order = np.argsort(-mistakes, axis=None, kind="stable")[:COMMONEST]
    pairs = [(int(cell // len(counts)), int(cell % len(counts))) for cell in order if mistakes.flat[cell]]
    commonest = ", ".join(f"{labels[true]} taken for {labels[said]} ({mistakes[true, said]:,})" for true, said in pairs)
    return f"{found:,} of {counts.sum():,} are wrong, most often {commonest}."


def plot_robustness(tables: Mapping[str, Mapping[str, float]] | Mapping[str, float], scales: Scales | None = None) -> Plot:
    """Return the accuracy by kind of picture as points, of one model or of several by name.

    Args:    scales: of the models that are compared, where each has a plot of its own.
    """
    several = {name: table for name, table in tables.items() if isinstance(table, Mapping)}
    models: Mapping[str, Any] = several or {"": tables}
    kinds = list(next(iter(models.values())))
    title = "Accuracy by kind of picture"
    figure, drawn = create_axes(title, (5.2, max(4.4, 0.42 * len(kinds) + 1.1)))
    for place, (name, table) in enumerate(models.items()):
        color, marker, _ = SERIES[place % len(SERIES)]
        rows = np.arange(len(kinds)) + (place - (len(models) - 1) / 2) * 0.8 / max(len(models), 4)
        drawn.plot([100 * table[kind] for kind in kinds], rows, marker, color=color, markersize=6, label=name)
        if not several:
            for row, kind in enumerate(kinds):
                drawn.annotate(
                    f"{100 * table[kind]:.2f}",
                    (100 * table[kind], row),
                    xytext=(8, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=SMALL,
                )
    drawn.set(yticks=range(len(kinds)), yticklabels=kinds, xlabel="right, % of the pictures")
    drawn.set_ylim(len(kinds) - 0.5, -0.5)  # the first above, and half a row of room at both ends: few rows stood on the frame
    shares = scales.shares if scales else [table[kind] for table in models.values() for kind in kinds]
    least, most = 100 * min(shares), 100 * max(shares)
    room = max(1.0, most - least)
    drawn.set_xlim(least - 0.08 * room, most + (0.08 if several else 0.28) * room)
    drawn.xaxis.set_major_locator(MaxNLocator(6))
    drawn.set_xticks([tick for tick in drawn.get_xticks() if drawn.get_xlim()[0] <= tick <= 100])
    drawn.grid(axis="x", color=GRID)
    drawn.set_axisbelow(True)
    if several:
        figure.legend(frameon=False, fontsize=SMALL, loc="outside lower center", ncols=2)
    how = "The test images as they are (clean), and changed as pictures that people send differ from them. The axis does not begin at zero"
    how += ", and is the same for each model that is compared." if scales else "."
    return Plot("kinds-of-pictures", title, f"{_name_extremes(models, kinds)} {how}", figure)


def _name_extremes(models: Mapping[str, Mapping[str, float]], kinds: Sequence[str]) -> str:
    found = []
    for name, table in models.items():
        lowest = min(kinds, key=lambda kind: table[kind])
        found.append(f"{name + ':' * bool(name) or 'It is'} right least often on “{lowest}”, {table[lowest]:.2%}.")
    return " ".join(found)


def plot_reliability(bins: Sequence[Mapping[str, float]]) -> Plot:
    """Return how often the answers are right, by the probability that the model gives them, and how many there are."""
    title = "Is it as sure as it should be"
    figure = Figure(figsize=(5.2, 4.4), layout="constrained")
    right, amount = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    right.set_title(title, loc="left", color=INK, fontsize=11)
    x = [each["confidence"] for each in bins]
    right.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle="--")
    right.plot(x, [each["accuracy"] for each in bins], "o", color=ACCENT)
    right.set(ylabel="share that is right", ylim=(-0.05, 1.08), xlim=(0, 1.04))
    amount.bar(x, [each["count"] for each in bins], width=0.04, color=ACCENT)
    amount.set(yscale="log", ylabel="answers", xlabel="probability that the model gives its answer")
    amount.set_ylim(0.6, 3 * sum(each["count"] for each in bins))  # the same for each model that is asked about the same images
    amount.yaxis.set_major_locator(LogLocator(10, numticks=4))
    amount.yaxis.set_major_formatter("{x:,.0f}")
    amount.minorticks_off()
    for axes in (right, amount):
        style_axes(axes)
    how = "A point on the dashed line is right exactly as often as it says; below it the model is too sure."
    return Plot("probabilities", title, how, figure)


def plot_rejection(curve: Sequence[Mapping[str, float]]) -> Plot:
    """Return the share of digits that is kept, and of what is no digit that is rejected, by the threshold of trust."""
    title = "What a threshold of trust keeps and rejects"
    figure, drawn = create_axes(title)
    thresholds = [point["trust"] for point in curve]
    drawn.plot(thresholds, [100 * point["digits_kept"] for point in curve], color=ACCENT, label="digits that are kept")
    drawn.plot(
        thresholds, [100 * point["others_rejected"] for point in curve], color=BAD, linestyle="--", label="other pictures that are rejected"
    )
    drawn.set(xlabel="threshold", ylabel="% of the pictures", xlim=(0, 1.02), ylim=(0, 103))
    drawn.grid(color=GRID)
    figure.legend(frameon=False, fontsize=SMALL, loc="outside lower center", ncols=2)
    how = "An answer whose trust is below the threshold is called “not a digit”. A high one rejects more of other pictures, and of digits."
    return Plot("trust", title, how, figure)


def plot_mistakes(worst: Sequence[Mapping[str, Any]], labels: Sequence[str] = ()) -> Plot:
    """Return the pictures of the mistakes, with the true and the predicted label and the probability."""
    title = "The mistakes that it is surest of"
    how = "Over each picture: what it is, what the model said, and the probability that it gave that answer."
    return Plot("mistakes", title, how, plot_pictures(title, worst, labels))


def plot_certain_others(certain: Sequence[Mapping[str, Any]], labels: Sequence[str] = ()) -> Plot:
    """Return pictures of no digit that are called certain, with what each is taken for and the trust."""
    title = "No digits, and yet certain"
    how = "Over each picture, of each such kind the one it trusts most: the digit that the model took it for, and its trust in that."
    return Plot("certain-others", title, how, plot_pictures(title, certain, labels))


def plot_predictions(shown: Sequence[Mapping[str, Any]], labels: Sequence[str] = ()) -> Plot:
    """Return test pictures of each class with the answers, right or wrong."""
    title = "Pictures of each class, and its answers"
    how = "Over each picture: what the model said and with what probability; where it was wrong, first what it is."
    return Plot("predictions", title, how, plot_pictures(title, shown, labels))


def plot_pictures(title: str, shown: Sequence[Mapping[str, Any]], labels: Sequence[str] = ()) -> Figure:
    """Return pictures, grey or of colours, each with its true and its predicted label and the probability.

    Args:    shown: image uint8 [height, width] or [height, width, 3], label, predicted, probability.
             labels: what the classes are called; left out, they are numbers from 0.
    """
    are_short = max(map(len, labels), default=0) <= SHORT
    columns = 6 if are_short else 4
    rows = -(-len(shown) // columns)
    # In inches of one pair of axes: with a pair for each picture, their ticks and layout were most of what a report took.
    width, cell, room = 5.2, (1.15 if are_short else 1.6), 0.36
    height = cell * rows + 0.4
    figure = Figure(figsize=(width, height))
    figure.suptitle(title, x=0.02, y=1 - 0.08 / height, ha="left", color=INK, fontsize=11)
    drawn = figure.add_axes((0, 0, 1, 1))
    for at, each in enumerate(shown):
        image, x, top = each["image"], (at % columns + 0.5) * width / columns, 0.4 + at // columns * cell + room
        inch = min(0.9 * width / columns / image.shape[1], (cell - room - 0.04) / image.shape[0])  # of a pixel
        across, down = inch * image.shape[1] / 2, inch * image.shape[0]
        drawn.imshow(image, cmap="gray_r", extent=(x - across, x + across, top + down, top))
        label, predicted = (labels[each[name]] if labels else str(each[name]) for name in ("label", "predicted"))
        wrong = label != predicted
        truth = f"{label}{' ' if are_short else chr(10)}→ " * wrong
        said = f"{truth}{predicted}{chr(10) if are_short else ' '}{each['probability']:.0%}"
        drawn.text(x, top - 0.03, said, ha="center", va="bottom", fontsize=SMALL, color=BAD if wrong else INK)
    drawn.set(xlim=(0, width), ylim=(height, 0), aspect="auto")
    drawn.axis("off")
    return figure
