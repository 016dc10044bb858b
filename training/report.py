"""evaluation.html: the figures and plots of one model's evaluation, how the model was made, and how to get the page again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recipes.recipe import Recipe
from training.classifier_plots import plot_confusion, plot_mistakes, plot_rejection, plot_reliability, plot_robustness
from training.page import write_page
from training.plots import Plot, Scales


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A large figure at the top of a page, with its name and what it means in words."""

    value: str
    name: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page: its heading, the names of its columns, and its rows."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Report:
    """What the page of a model shows.

    Args:    summary: how good it is, in a sentence.
    """

    summary: str
    figures: Sequence[KeyFigure]
    plots: Sequence[Plot]
    tables: Sequence[Table] = field(default_factory=list)


def describe_classifier(evaluation: Mapping[str, Any], worst: Sequence[Mapping[str, Any]], scales: Scales | None = None) -> Report:
    """Return a classifier's report.

    Args:    evaluation: what evaluation.json holds.
             worst: the mistakes with the highest probability: image uint8 [28, 28], label, predicted, probability.
             scales: of the models that it is compared with.
    """
    table, count = evaluation["robustness"], evaluation["images"]
    lowest = min(table, key=lambda kind: table[kind])
    confusion = plot_confusion(evaluation["confusion_matrix"], scales=scales)
    plots = [confusion, plot_robustness(table, scales), plot_reliability(evaluation["calibration"])]
    figures = [
        KeyFigure(f"{evaluation['accuracy']:.2%}", "accuracy", "of the test images are read right"),
        KeyFigure(f"{table[lowest]:.2%}", f"accuracy on “{lowest}”", "the kind of picture on which it is right least often"),
        KeyFigure(
            f"{evaluation['expected_calibration_error']:.3f}",
            "calibration error",
            "how far its probabilities are from how often it is right",
        ),
    ]
    tables = [Table("Accuracy by kind of picture", ("kind of picture", "right"), [(kind, f"{share:.2%}") for kind, share in table.items()])]
    if trust := evaluation.get("trust"):
        plots.append(plot_rejection(trust["curve"]))
        figures += [
            KeyFigure(f"{trust['digits_kept']:.2%}", "digits kept", "of the test digits are not called “not a digit”"),
            KeyFigure(
                f"{trust['others_rejected']:.1%}", "others rejected", "of letters, signs, doodles and photos are called “not a digit”"
            ),
        ]
        rows = [(kind, f"{share:.1%}") for kind, share in trust["rejected_by_kind"].items()]
        tables.append(Table("Pictures of no digit", ("kind of picture", "called “not a digit”"), rows))
    if worst:
        plots.append(plot_mistakes(worst))
    right = round(evaluation["accuracy"] * count)
    return Report(f"Of {count:,} test images, which it was not trained on, it reads {right:,} right.", figures, plots, tables)


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
