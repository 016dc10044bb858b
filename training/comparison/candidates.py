"""index.html of the pipeline's evaluation: which candidate is best, and whether it may replace the model that serves, with the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recipes.recipe import Recipe
from training.reports.classifier_plots import plot_robustness
from training.reports.page import Table, write_page
from training.reports.plots import ACCENT, GRID, MUTED, SMALL, Plot, create_axes

METRICS = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "r2": "R²"}
SERVES = "serves now"


@dataclass(frozen=True, slots=True)
class Limits:
    """What an execution asks of the best candidate: its parameters of the same names, which its conditions read too."""

    threshold: float
    minimum_improvement: float = 0.0
    minimum_row_improvement: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer with its reasons."""

    answer: str
    reasons: list[str]
    passed: bool = True


def write_comparison(
    path: Path, recipe: Recipe, summary: Mapping[str, Any], evaluations: Mapping[str, Mapping[str, Any]], *, limits: Limits, command: str
) -> None:
    """Write the page.

    Args:    summary: what evaluation.json holds.
             evaluations: by candidate, the champion among them; each one's own page is <name>/evaluation.html.
             limits: what decides whether the best may be registered.
             command: what runs the execution again.
    """
    ranked = dict(sorted(evaluations.items(), key=lambda pair: -float(pair[1][recipe.metric])))
    names = {name: SERVES if name == "champion" else name for name in ranked}
    conditions, passed = check_limits(recipe, summary, limits)
    plots = [plot_scores(recipe, ranked, names, summary["best"]["name"], limits.threshold)]
    if all("robustness" in evaluation for evaluation in ranked.values()):
        plots.append(plot_robustness({names[name]: evaluation["robustness"] for name, evaluation in ranked.items()}))
    write_page(
        path,
        "candidates",
        recipe=recipe,
        metric=METRICS[recipe.metric],
        best=_describe_best(recipe, summary),
        replaces=_describe_replacement(summary, conditions, passed=passed),
        conditions=conditions,
        evaluations=ranked,
        names=names,
        batch_sizes=list(next(iter(ranked.values()))["latency_ms"]),
        plots=plots,
        command=command,
    )


def check_limits(recipe: Recipe, summary: Mapping[str, Any], limits: Limits) -> tuple[Table, bool]:
    """Return the conditions with what was measured and what is asked, and whether all hold, as the pipeline's condition step decides."""
    metric = METRICS[recipe.metric]
    found = [(f"{metric} of the best candidate", summary["best"]["score"], "Threshold", limits.threshold)]
    if summary["champion"]:
        improvement = f"{metric} above the model that serves, with what chance explains"
        found.append((improvement, summary["most_improvement"], "MinimumImprovement", limits.minimum_improvement))
    if lowest := summary.get("lowest_row"):
        row = f"the same on “{lowest['row']}”, the kind of picture furthest behind"
        found.append((row, lowest["margin"], "MinimumRowImprovement", limits.minimum_row_improvement))
    if others := summary.get("no_digit"):
        row = "fewer of what is no digit called certain than by the model that serves, with what chance explains"
        found.append((row, others["margin"], "MinimumRowImprovement", limits.minimum_row_improvement))
    rows = [
        (what, f"{value:+.4f}" if at else f"{value:.4f}", f"{least:g}", parameter, "yes" if value >= least else "no")
        for at, (what, value, parameter, least) in enumerate(found)
    ]
    columns = ("condition", "measured", "at least", "parameter", "holds")
    return Table("Conditions", columns, rows), all(value >= least for _, value, _, least in found)


def describe_conditions(recipe: Recipe, summary: Mapping[str, Any], limits: Limits) -> list[dict[str, str]]:
    """Return the rows of `check_limits` by their columns' names, for who has no page at hand."""
    table, _ = check_limits(recipe, summary, limits)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _describe_best(recipe: Recipe, summary: Mapping[str, Any]) -> Verdict:
    best, others = summary["best"], len(summary["candidates"]) - 1
    first = f"{METRICS[recipe.metric]} {best['score']:.4f} on the validation split"
    if others:
        first += f", the highest of {others + 1} candidates"
    return Verdict(best["name"], [f"{first}."])


def _describe_replacement(summary: Mapping[str, Any], conditions: Table, *, passed: bool) -> Verdict:
    reasons = []
    if serving := summary["champion"]:
        reasons.append(f"Its score differs by {summary['improvement']:+.4f} from that of the model that serves, {serving['version']}.")
    if split := summary.get("disagreement"):
        alone = (
            f"It alone is right on {split['only_first_right']:,} instances, the model that serves alone on {split['only_second_right']:,}"
        )
        reasons.append(f"{alone}: {describe_chance(split['chance'])}.")
    if lowest := summary.get("lowest_row"):
        reasons.append(
            f"Furthest behind it is on “{lowest['row']}”: {lowest['best']:.2%} against {lowest['champion']:.2%}, "
            f"where chance explains {lowest['noise']:.2%}."
        )
    if others := summary.get("no_digit"):
        reasons.append(
            f"Of what is no digit it calls {others['best']:.2%} certain, the model that serves {others['champion']:.2%}: "
            f"over {others['kinds']} kinds that neither was fitted on, chance explains {others['noise']:.2%}."
        )
    if not passed:
        failed = " and ".join(dict.fromkeys(str(row[3]) for row in conditions.rows if row[-1] == "no"))
        return Verdict(f"No: {failed}", ["It is not registered, and what serves stays.", *reasons], passed=False)
    return Verdict("Yes", ["It is registered, and takes over once its version is approved.", *reasons])


def describe_chance(chance: float) -> str:
    """Return in words how often two equal models would differ as much."""
    if chance < 0.001:
        return "equal models differ as much in fewer than 1 of 1,000 such comparisons"
    return f"equal models differ as much in {chance:.1%} of such comparisons"


def plot_scores(
    recipe: Recipe, evaluations: Mapping[str, Mapping[str, Any]], names: Mapping[str, str], best: str, threshold: float
) -> Plot:
    """Return the models' scores as points beside the threshold: the best candidate and the model that serves stand out.

    Args:    names: what each is called.
    """
    metric = METRICS[recipe.metric]
    title = f"{metric[0].upper()}{metric[1:]} on the validation split"
    figure, drawn = create_axes(title, (5.2, 1.9 + 0.6 * len(evaluations)))
    for row, (name, evaluation) in enumerate(evaluations.items()):
        value = float(evaluation[recipe.metric])
        is_champion = name == "champion"
        color, marker = (MUTED, "D") if is_champion else (ACCENT, "o")
        drawn.plot(value, row, marker, color=color, markersize=9, fillstyle="full" if name == best else "none")
        text = f"{value:.4f}" + ", the best candidate" * (name == best)
        drawn.annotate(text, (value, row), xytext=(0, 9), textcoords="offset points", ha="center", fontsize=SMALL)
    drawn.axvline(threshold, color=MUTED, linestyle="--", linewidth=1, zorder=0, label=f"threshold {threshold:g}")
    drawn.set(yticks=range(len(names)), yticklabels=[names[name] for name in evaluations], ylim=(len(names) - 0.5, -0.8))
    drawn.margins(x=0.3)
    drawn.locator_params(axis="x", nbins=5)
    drawn.grid(axis="x", color=GRID)
    drawn.set_axisbelow(True)
    figure.legend(frameon=False, fontsize=SMALL, loc="outside lower center")
    how = "The filled point is the best candidate, the diamond what serves now. What is left of the dashed line is not registered."
    return Plot("scores", title, how, figure)
