"""evaluation.html: the figures and plots of one model's evaluation, how the model was made, and how to get the page again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recipes.recipe import Recipe
from training.reports.classifier_plots import (
    plot_certain_others,
    plot_confusion,
    plot_mistakes,
    plot_predictions,
    plot_rejection,
    plot_reliability,
    plot_robustness,
)
from training.reports.measured import TEST, Measured
from training.reports.page import Table, write_page
from training.reports.plots import Plot, Scales

MOST_KINDS = 20  # of what is no digit


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A large figure at the top of a page, with its name and what it means in words."""

    value: str
    name: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What the page of a model shows.

    Args:    summary: how good it is, in a sentence.
    """

    summary: str
    figures: Sequence[KeyFigure]
    plots: Sequence[Plot]
    tables: Sequence[Table] = field(default_factory=list)


def describe_classifier(
    evaluation: Mapping[str, Any],
    worst: Sequence[Mapping[str, Any]],
    scales: Scales | None = None,
    *,
    labels: Sequence[str] = (),
    shown: Sequence[Mapping[str, Any]] = (),
    certain: Sequence[Mapping[str, Any]] = (),
    measured: Measured = TEST,
) -> Report:
    """Return the report of a classifier of pictures.

    Args:    evaluation: what evaluation.json holds.
             worst: the mistakes with the highest probability: image, label, predicted, probability.
             scales: of the models that it is compared with.
             labels: what the classes are called; left out, they are numbers from 0.
             shown: pictures of each class in the same form, right or wrong.
             certain: pictures of no digit that it is certain of, in the same form, with its trust as the probability.
             measured: the split that it is of.
    """
    count = evaluation["images"]
    labels = labels or list(map(str, range(len(evaluation["confusion_matrix"]))))
    plots = [plot_confusion(evaluation["confusion_matrix"], scales=scales, labels=labels)]
    figures = [KeyFigure(f"{evaluation['accuracy']:.2%}", "accuracy", f"of the {measured.name} images are read right")]
    tables = [_describe_classes(evaluation, labels, measured)]
    if table := evaluation.get("robustness"):
        lowest = min(table, key=lambda kind: table[kind])
        plots.append(plot_robustness(table, scales))
        name = f"accuracy on “{lowest}”"
        figures.append(KeyFigure(f"{table[lowest]:.2%}", name, "the kind of picture on which it is right least often"))
        rows = [(kind, f"{share:.2%}") for kind, share in table.items()]
        tables.append(Table("Accuracy by kind of picture", ("kind of picture", "right"), rows))
    plots.append(plot_reliability(evaluation["calibration"]))
    for top, share in list(evaluation.get("top_accuracy", {}).items())[-1:]:
        figures.append(KeyFigure(f"{share:.2%}", f"top {top}", f"of the {measured.name} images are among its {top} likeliest answers"))
    error = f"{evaluation['expected_calibration_error']:.3f}"
    figures.append(KeyFigure(error, "calibration error", "how far its probabilities are from how often it is right"))
    if trust := evaluation.get("trust"):
        plots.append(plot_rejection(trust["curve"]))
        others = f"pictures of no digit, of {len(trust['rejected_by_kind'])} kinds that it was not fitted on,"
        figures += [
            KeyFigure(f"{trust['digits_kept']:.2%}", "digits kept", f"of the {measured.name} digits are not called “not a digit”"),
            KeyFigure(f"{trust['others_rejected']:.1%}", "others rejected", f"of {trust['others']:,} {others} are called “not a digit”"),
            KeyFigure(f"{trust['others_certain']:.2%}", "others certain", "of these are called certain"),
        ]
        tables.append(_describe_others(trust))
    plots += [plot_predictions(shown, labels)] if shown else []
    plots += [plot_mistakes(worst, labels)] if worst else []
    plots += [plot_certain_others(certain, labels)] if certain else []
    right = round(evaluation["accuracy"] * count)
    summary = f"Of {count:,} {measured.name} images{measured.claim} it reads {right:,} right.{measured.warning}"
    return Report(summary, figures, plots, tables)


def _describe_others(trust: Mapping[str, Any]) -> Table:
    """Return the kinds of what is no digit that it tells from digits least often."""
    rejected, certain = trust["rejected_by_kind"], trust["certain_by_kind"]
    kinds = sorted(rejected, key=lambda kind: (rejected[kind], -certain[kind]))[:MOST_KINDS]
    worst = f": the {MOST_KINDS} of {len(rejected)} kinds least often called “not a digit”" if len(rejected) > MOST_KINDS else ""
    rows = [(kind, f"{rejected[kind]:.1%}", f"{certain[kind]:.1%}") for kind in kinds]
    return Table(f"Pictures of no digit{worst}", ("kind of picture", "called “not a digit”", "called certain"), rows)


def _describe_classes(evaluation: Mapping[str, Any], labels: Sequence[str], measured: Measured) -> Table:
    """Return how many images each class has, and how many of them are read right."""
    matrix = evaluation["confusion_matrix"]
    total = max(1, sum(map(sum, matrix)))
    rows = [
        (label, f"{count:,}", f"{count / total:.1%}", f"{matrix[at][at] / count:.2%}" if count else "none to read")
        for at, label in enumerate(labels)
        for count in [sum(matrix[at])]
    ]
    return Table("The classes", ("class", f"{measured.name} images", "share", "read right"), rows)


def write_report(
    path: Path, recipe: Recipe, evaluation: Mapping[str, Any], manifest: Mapping[str, Any], report: Report, *, command: str
) -> None:
    """Write the page.

    Args:    evaluation: what evaluation.json holds.
             manifest: the model's.
             command: what makes this page again; empty where nobody knows.
    """
    model = evaluation["model"]
    provenance = {**manifest.get("provenance", {}), "sha256": model["sha256"]}
    write_page(path, "evaluation", recipe=recipe, model=model, report=report, provenance=provenance, command=command)
