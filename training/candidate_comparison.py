"""index.html of the pipeline's evaluation: the candidates and the champion beside each other, each with a link to its own report."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recipes.recipe import Recipe
from training.page import write_page
from training.plots import ACCENT, Plot, create_axes

GREY = "#a0aec0"


def write_comparison(path: Path, recipe: Recipe, summary: Mapping[str, Any], evaluations: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the page.

    Args:    summary: what evaluation.json holds.
             evaluations: by candidate, the champion among them; each one's own page is <name>/evaluation.html.
    """
    best, serving = summary["best"], summary["champion"]
    verdict = [f"{best['name']} is best: {recipe.metric} {best['score']:.4f} on the validation split"]
    if serving:
        verdict[0] += f", {summary['improvement']:+.4f} against the model that serves ({serving['version']})"
    if split := summary.get("disagreement"):
        alone = f"{best['name']} alone is right on {split['only_first_right']:,}, the other alone on {split['only_second_right']:,}"
        verdict.append(f"{alone}: equal models differ as much in {split['chance']:.1%} of such comparisons")
    if lowest := summary.get("lowest_row"):
        beside = f"{lowest['best']:.2%} beside {lowest['champion']:.2%}, where chance explains {lowest['noise']:.2%}"
        verdict.append(f"furthest behind on {lowest['row']}: {beside}")
    evaluations = dict(sorted(evaluations.items(), key=lambda pair: -float(pair[1][recipe.metric])))
    plots = [_plot_scores(recipe, evaluations)]
    if all("robustness" in evaluation for evaluation in evaluations.values()):
        plots.append(_plot_robustness(evaluations))
    batch_sizes = list(next(iter(evaluations.values()))["latency_ms"])
    write_page(path, "candidates", recipe=recipe, verdict=". ".join(verdict), evaluations=evaluations, batch_sizes=batch_sizes, plots=plots)


def _plot_scores(recipe: Recipe, evaluations: Mapping[str, Mapping[str, Any]]) -> Plot:
    title = f"{recipe.metric} on the validation split"
    figure, drawn = create_axes(title, (5.2, 1.2 + 0.5 * len(evaluations)))
    names, values = list(evaluations), [float(evaluation[recipe.metric]) for evaluation in evaluations.values()]
    # Points, not bars: the axis does not begin at zero, so a bar's length would mislead.
    drawn.scatter(values, names, s=70, color=[GREY if name == "champion" else ACCENT for name in names])
    for row, value in enumerate(values):
        drawn.annotate(f"{value:.4f}", (value, row), textcoords="offset points", xytext=(0, 9), ha="center", fontsize=9)
    drawn.invert_yaxis()
    drawn.margins(x=0.15, y=0.4)
    drawn.grid(axis="x", color="#e2e8f0")
    return title, figure


def _plot_robustness(evaluations: Mapping[str, Mapping[str, Any]]) -> Plot:
    title = "Accuracy through the transform, by kind of picture"
    figure, drawn = create_axes(title)
    for name, evaluation in evaluations.items():
        table = evaluation["robustness"]
        line = "--" if name == "champion" else "-"
        color = {"color": GREY} if name == "champion" else {}
        drawn.plot(list(table), [100 * value for value in table.values()], marker="o", markersize=4, linestyle=line, label=name, **color)
    drawn.tick_params(axis="x", rotation=40)
    drawn.set_ylabel("%")
    drawn.legend(frameon=False, fontsize=8)
    return title, figure
