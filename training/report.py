"""evaluation.html: one self-contained page with the figures and plots of an evaluation."""

import base64
import html
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("agg")
import numpy as np
from matplotlib.figure import Figure

INK, ACCENT, BAD = "#1d2733", "#2b6cb0", "#c05621"
STYLE = """
:root{color-scheme:light}body{font:16px/1.5 system-ui,sans-serif;color:#1d2733;background:#fff;
max-width:64rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p.sub{color:#556;margin:.2rem 0 1.5rem}
.figures{display:flex;gap:2rem;flex-wrap:wrap}.figures b{display:block;font-size:1.8rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(22rem,1fr));gap:1rem}img{max-width:100%}
table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}td:last-child{overflow-wrap:anywhere}
"""


@dataclass(frozen=True, slots=True)
class Page:
    """What one kind of model shows.

    Args:    figures: the large ones on top, by what they are called.
             plots: with their titles.
             heading, rows: of the table under them.
    """

    figures: dict[str, str]
    plots: list[tuple[str, Figure]]
    heading: str
    rows: dict[str, str]


def write_report(path: Path, evaluation: dict[str, Any], manifest: dict[str, Any], worst: list[dict[str, Any]]) -> None:
    """Write a classifier's page.

    Args:    evaluation: what evaluation.json holds.
             manifest: the model's.
             worst: the surest mistakes: image uint8 [28, 28], label, predicted, probability.
    """
    plots = [confusion(evaluation["confusion_matrix"]), robustness(evaluation["robustness"]), _reliability(evaluation["calibration"])]
    if worst:
        plots.append(_mistakes(worst))
    figures = {
        "accuracy": f"{evaluation['accuracy']:.2%}",
        "worst row of the robustness table": f"{min(evaluation['robustness'].values()):.2%}",
        "expected calibration error": f"{evaluation['expected_calibration_error']:.3f}",
        "images": f"{evaluation['images']:,}",
    }
    rows = {name: f"{value:.2%}" for name, value in evaluation["robustness"].items()}
    write_page(path, evaluation, manifest, Page(figures, plots, "Accuracy by kind of picture", rows))


def write_page(path: Path, evaluation: dict[str, Any], manifest: dict[str, Any], page: Page) -> None:
    """Write the page of a model, with how it was made."""
    model = evaluation["model"]
    provenance = {**manifest.get("provenance", {}), "sha256": model["sha256"]}
    figures = "".join(f"<div><b>{html.escape(value)}</b>{html.escape(name)}</div>" for name, value in page.figures.items())
    path.write_text(
        f"<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>{html.escape(model['name'])} · evaluation</title><style>{STYLE}</style>"
        f"<h1>{html.escape(evaluation['recipe'])} · {html.escape(model['name'])}</h1>"
        f"<p class='sub'>version {html.escape(model['version'])}</p>"
        f"<div class='figures'>{figures}</div>"
        f"<h2>Plots</h2><div class='plots'>{''.join(image(plot, title) for title, plot in page.plots)}</div>"
        f"<h2>{html.escape(page.heading)}</h2><table>{''.join(_line(name, value) for name, value in page.rows.items())}</table>"
        f"<h2>How it was made</h2><table>{''.join(_line(name, value) for name, value in provenance.items())}</table></html>"
    )


def _line(name: str, value: object) -> str:
    lines = [f"{key}: {item}" for key, item in value.items()] if isinstance(value, dict) else [str(value)]
    return f"<tr><th>{html.escape(name)}</th><td>{'<br>'.join(html.escape(line) for line in lines)}</td></tr>"


def image(figure: Figure, title: str) -> str:
    """Return the figure as an img element, its title as the alternative text."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, bbox_inches="tight")
    return f"<img alt='{html.escape(title)}' src='data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}'>"


def axes(title: str, size: tuple[float, float] = (5.2, 4.4)) -> tuple[Figure, Any]:
    """Return a figure with one pair of axes in the reports' style."""
    figure = Figure(figsize=size)
    axes = figure.subplots()
    axes.set_title(title, loc="left", color=INK, fontsize=11)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def confusion(matrix: list[list[int]], title: str = "Confusion matrix: mistakes by true and predicted digit") -> tuple[str, Figure]:
    """Return a confusion matrix (rows are the truth) whose mistakes stand out, with its title."""
    counts = np.array(matrix)
    mistakes = counts * (1 - np.eye(len(counts), dtype=int))
    figure, drawn = axes(title)
    drawn.imshow(mistakes, cmap="Oranges", vmin=0)
    for row, column in np.ndindex(*counts.shape):
        if counts[row, column]:
            dark = mistakes[row, column] > mistakes.max() / 2
            color = "#556" if row == column else "white" if dark else INK
            drawn.text(column, row, counts[row, column], ha="center", va="center", fontsize=8, color=color)
    drawn.set(xticks=range(len(counts)), yticks=range(len(counts)), xlabel="predicted", ylabel="true")
    return title, figure


def robustness(table: dict[str, float]) -> tuple[str, Figure]:
    """Return the accuracy by kind of picture as bars, with its title."""
    title = "Accuracy through the transform, by kind of picture"
    figure, drawn = axes(title)
    names, values = list(table), [100 * value for value in table.values()]
    drawn.barh(names, values, color=ACCENT)
    drawn.invert_yaxis()
    least = max(0, math.floor(min(values)) - 2)
    drawn.set_xlim(least, 100.4)
    for row, value in enumerate(values):
        drawn.text(value, row, f" {value:.2f} ", va="center", ha="right", fontsize=9, color="white")
    drawn.set_xlabel(f"% of pictures (the axis begins at {least})")
    return title, figure


def _reliability(bins: list[dict[str, float]]) -> tuple[str, Figure]:
    title = "Reliability: is it right as often as it is sure?"
    figure, drawn = axes(title)
    drawn.plot([0, 1], [0, 1], color="#bbc", linewidth=1)
    drawn.plot([b["confidence"] for b in bins], [b["accuracy"] for b in bins], "o-", color=ACCENT)
    for b in bins:
        drawn.annotate(
            f"{b['images']:,}", (b["confidence"], b["accuracy"]), textcoords="offset points", xytext=(4, -11), fontsize=7, color="#667"
        )
    drawn.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1.05), ylim=(-0.08, 1.05))
    return title, figure


def _mistakes(worst: list[dict[str, Any]]) -> tuple[str, Figure]:
    title = "The mistakes it was surest of: true → predicted"
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
