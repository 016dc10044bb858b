"""index.html of an evaluation: the candidates and the champion beside each other, each with a link to its own report."""

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from recipes.recipe import Recipe
from training.report import ACCENT, STYLE, axes, image

GREY = "#a0aec0"


def write_comparison(path: Path, recipe: Recipe, summary: Mapping[str, Any], evaluations: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the page.

    Args:    summary: what evaluation.json holds.
             evaluations: by candidate, the champion among them; each one's own page is <name>/evaluation.html.
    """
    best, serving = summary["best"], summary["champion"]
    verdict = f"{best['name']} is best: {recipe.metric} {best['score']:.4f}"
    if serving:
        verdict += f", {summary['improvement']:+.4f} against the model that serves ({serving['version']})"
    names = sorted(evaluations, key=lambda name: -float(evaluations[name][recipe.metric]))
    rows = "".join(_row(recipe, name, evaluations[name]) for name in names)
    batches = next(iter(evaluations.values()))["latency_ms"]
    headings = [recipe.metric, "version", *(f"ms for {size}" for size in batches)]
    plots = [_scores(recipe, names, evaluations)]
    if all("robustness" in evaluation for evaluation in evaluations.values()):
        plots.append(_robustness(names, evaluations))
    path.write_text(
        f"<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>{html.escape(recipe.title)} · candidates</title><style>{STYLE}</style>"
        f"<h1>{html.escape(recipe.title)}: the candidates</h1><p class='sub'>{html.escape(verdict)}</p>"
        f"<table><tr><th>candidate</th>{''.join(f'<th>{html.escape(name)}</th>' for name in headings)}</tr>{rows}</table>"
        f"<div class='plots'>{''.join(image(figure, title) for title, figure in plots)}</div></html>"
    )


def _row(recipe: Recipe, name: str, evaluation: Mapping[str, Any]) -> str:
    cells = [f"{evaluation[recipe.metric]:.4f}", evaluation["model"]["version"], *(f"{ms:g}" for ms in evaluation["latency_ms"].values())]
    link = f"<a href='{html.escape(name)}/evaluation.html'>{html.escape(name)}</a>"
    return f"<tr><td>{link}</td>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in cells)}</tr>"


def _scores(recipe: Recipe, names: list[str], evaluations: Mapping[str, Mapping[str, Any]]) -> tuple[str, Figure]:
    title = f"{recipe.metric} on the test split"
    figure, drawn = axes(title, (5.2, 1.2 + 0.5 * len(names)))
    values = [float(evaluations[name][recipe.metric]) for name in names]
    # Points, not bars: the axis does not begin at zero, so a bar's length would lie.
    drawn.scatter(values, names, s=70, color=[GREY if name == "champion" else ACCENT for name in names])
    for row, value in enumerate(values):
        drawn.annotate(f"{value:.4f}", (value, row), textcoords="offset points", xytext=(0, 9), ha="center", fontsize=9)
    drawn.invert_yaxis()
    drawn.margins(x=0.15, y=0.4)
    drawn.grid(axis="x", color="#e2e8f0")
    return title, figure


def _robustness(names: list[str], evaluations: Mapping[str, Mapping[str, Any]]) -> tuple[str, Figure]:
    title = "Accuracy through the transform, by kind of picture"
    figure, drawn = axes(title)
    for name in names:
        table = evaluations[name]["robustness"]
        line = "--" if name == "champion" else "-"
        color = {"color": GREY} if name == "champion" else {}
        drawn.plot(list(table), [100 * value for value in table.values()], marker="o", markersize=4, linestyle=line, label=name, **color)
    drawn.tick_params(axis="x", rotation=40)
    drawn.set_ylabel("%")
    drawn.legend(frameon=False, fontsize=8)
    return title, figure
