"""How good a classifier of tables is: each class counts alike, whatever its share, and its curves, its weights and its groups are told."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.ticker import MaxNLocator

from recipes.dataset import Split
from recipes.recipe import Recipe
from training.metrics.fairness import compare_groups, describe_groups
from training.metrics.scores import score_labels
from training.reports.class_looks import describe_look, plot_look
from training.reports.classifier_plots import plot_confusion, plot_reliability
from training.reports.evaluation import KeyFigure, Report
from training.reports.measured import TEST, Measured
from training.reports.page import Table
from training.reports.plots import ACCENT, GRID, MUTED, SERIES, SMALL, Plot, Scales, create_axes
from training.trainers import Float32

POINTS = 101  # of a curve that is kept
WEIGHTS_SHOWN = 20
LONGEST_NAME = 60


def score_table(recipe: Recipe, probabilities: Float32, test: Split) -> dict[str, Any]:
    """Return what `score_labels` does, the mean recall of the classes, their shares, and by class its curves; and how groups fare."""
    scores = score_labels(probabilities, test.targets)
    labels = [str(label) for label in recipe.labels]
    shares = np.bincount(test.targets, minlength=len(labels)) / max(1, len(test))
    seen = [at for at, share in enumerate(shares) if share]
    classes = seen[1:] if len(labels) == 2 else seen  # of two, one says all
    return {
        "balanced_accuracy": round(float(np.mean([scores["recall"][at] for at in seen])), 5),
        **scores,
        "class_shares": {label: round(float(share), 5) for label, share in zip(labels, shares, strict=True)},
        "curves": {labels[at]: _measure_curves(probabilities[:, at], test.targets == at) for at in classes if shares[at] < 1},
        **({"groups": compare_groups(recipe, test, probabilities.argmax(1))} if recipe.groups else {}),
    }


def _measure_curves(probabilities: Float32, is_class: npt.NDArray[np.bool_]) -> dict[str, Any]:
    # Most of what importing an evaluation takes; one of pictures and one of a regression need none of it.
    from sklearn.metrics import (  # noqa: PLC0415
        average_precision_score,
        precision_recall_curve,
        roc_auc_score,
        roc_curve,
    )

    false_rate, true_rate, _ = roc_curve(is_class, probabilities)
    precision, recall, _ = precision_recall_curve(is_class, probabilities)
    return {
        "roc_auc": round(float(roc_auc_score(is_class, probabilities)), 5),
        "average_precision": round(float(average_precision_score(is_class, probabilities)), 5),
        "share": round(float(is_class.mean()), 5),
        "roc": _thin(false_rate, true_rate),
        "precision_recall": _thin(recall[::-1], precision[::-1]),
    }


def _thin(x: Any, y: Any) -> list[list[float]]:
    places = np.unique(np.linspace(0, len(x) - 1, POINTS).round().astype(int))
    return [[round(float(x[at]), 4), round(float(y[at]), 4)] for at in places]


def describe_table(
    recipe: Recipe,
    evaluation: Mapping[str, Any],
    weights: Mapping[str, float],
    scales: Scales | None = None,
    *,
    fitted_on: Split | None = None,
    measured: Measured = TEST,
) -> Report:
    """Return the report of a classifier of tables.

    Args:    weights: of a linear model, by column of its encoding; else empty.
             scales: of the models that it is compared with.
             fitted_on: the rows that a first look is taken at.
             measured: the split that it is of.
    """
    last, labels = recipe.labels[-1], [str(label) for label in recipe.labels]
    shares: Mapping[str, float] = evaluation["class_shares"]
    commonest = max(shares, key=lambda label: shares[label])
    error = f"{evaluation['expected_calibration_error']:.3f}"
    figures = [
        KeyFigure(f"{evaluation['balanced_accuracy']:.2%}", "balanced accuracy", "how often it is right, each class counting alike"),
        KeyFigure(
            f"{evaluation['accuracy']:.2%}",
            "accuracy",
            f"how often it is right; always answering {commonest} is, {shares[commonest]:.2%} of the time",
        ),
        *(
            KeyFigure(
                f"{curve['roc_auc']:.3f}",
                f"ROC AUC of {label}",
                "how often a row of this class gets a higher probability of it than another row; 0.5 is chance",
            )
            for label, curve in evaluation["curves"].items()
        ),
        KeyFigure(error, "calibration error", "how far its probabilities are from how often it is right"),
    ]
    plots = [
        plot_confusion(evaluation["confusion_matrix"], scales=scales, labels=labels),
        *(plot_curves(evaluation["curves"]) if evaluation["curves"] else ()),
        plot_reliability(evaluation["calibration"]),
        *([plot_weights(weights, last)] if weights else []),
        *(plot_look(recipe, fitted_on) if fitted_on else ()),
    ]
    balance = [
        (label, f"{share:.2%}", f"{recall:.2%}")
        for (label, share), recall in zip(evaluation["class_shares"].items(), evaluation["recall"], strict=True)
    ]
    tables = [
        Table("The classes", ("class", f"share of the {measured.name} rows", "answered right"), balance),
        *describe_groups(evaluation.get("groups", {}), last),
        *(describe_look(recipe, fitted_on) if fitted_on else ()),
    ]
    summary = (
        f"Of {evaluation['rows']:,} {measured.name} rows{measured.claim} it answers {evaluation['accuracy']:.1%} right; "
        f"where each class counts alike, {evaluation['balanced_accuracy']:.1%}. It was fitted with each class weighing alike, so "
        f"a probability of 50% is where it changes its answer, and not how often that class occurs.{measured.warning}"
    )
    if recipe.limits:
        summary += f" It is not for: {' '.join(recipe.limits)}"
    return Report(summary, figures, plots, tables)


def plot_curves(curves: Mapping[str, Mapping[str, Any]]) -> Sequence[Plot]:
    """Return the ROC curve and that of precision by recall, of each class."""
    roc, on_roc = create_axes("ROC curve")
    found, on_found = create_axes("Precision by recall")
    on_roc.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle="--")
    for place, (label, curve) in enumerate(curves.items()):
        color, _, line = SERIES[place % len(SERIES)]
        on_roc.plot(*zip(*curve["roc"], strict=True), color=color, linestyle=line, label=f"{label}, area {curve['roc_auc']:.3f}")
        on_found.plot(
            *zip(*curve["precision_recall"], strict=True),
            color=color,
            linestyle=line,
            label=f"{label}, mean {curve['average_precision']:.3f}",
        )
        on_found.axhline(curve["share"], color=color, linewidth=1, linestyle=":")
    on_roc.set(xlabel="of the other rows: called so", ylabel="of its rows: called so", xlim=(0, 1), ylim=(0, 1.02))
    on_found.set(xlabel="recall: of its rows, those found", ylabel="precision: of those called so, right", xlim=(0, 1), ylim=(0, 1.02))
    for figure, axes in ((roc, on_roc), (found, on_found)):
        axes.grid(color=GRID)
        figure.legend(frameon=False, fontsize=SMALL, loc="outside lower center", ncols=2)
    how = (
        "Each point is a threshold of probability. The dashed line is what guessing would give; the more area below the curve, the better."
    )
    dots = "Each point is a threshold of probability. The dotted line is what calling every row so would give."
    return Plot("roc", "ROC curve", how, roc), Plot("precision-recall", "Precision by recall", dots, found)


def shorten(name: str) -> str:
    """Return a name that fits beside a plot: its ends tell most."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME // 2]}…{name[-LONGEST_NAME // 2 :]}"


def plot_weights(weights: Mapping[str, float], label: object) -> Plot:
    """Return what the strongest columns add to the log-odds of a class."""
    shown = sorted(sorted(weights, key=lambda name: -abs(weights[name]))[:WEIGHTS_SHOWN], key=lambda name: weights[name])
    title = "What the model weighs"
    figure, drawn = create_axes(title, (7.2, 1.0 + 0.28 * len(shown)))
    drawn.barh(range(len(shown)), [weights[name] for name in shown], color=ACCENT)
    drawn.set(yticks=range(len(shown)), yticklabels=[shorten(name) for name in shown])
    drawn.axvline(0, color=MUTED, linewidth=1)
    drawn.set(xlabel=f"added to the log-odds of {label}")
    drawn.xaxis.set_major_locator(MaxNLocator(4))  # long names leave little room
    drawn.grid(axis="x", color=GRID)
    drawn.set_axisbelow(True)
    how = f"To the right a value makes {label} likelier. A number's weight is for one standard deviation. Weights are no causes."
    return Plot("weights", title, how, figure)
