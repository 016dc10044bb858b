"""evaluation.html: the figures and plots of one model's evaluation, and how the model was made."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.page import write_page
from training.plots import Plot, plot_confusion, plot_mistakes, plot_rejection, plot_reliability, plot_robustness


@dataclass(frozen=True, slots=True)
class Report:
    """What the page of a model shows.

    Args:    figures: the large figures at the top, by name.
             plots: with their titles.
             heading, rows: of the table under them.
    """

    figures: dict[str, str]
    plots: list[Plot]
    heading: str
    rows: dict[str, str]


def describe_classifier(evaluation: dict[str, Any], worst: list[dict[str, Any]]) -> Report:
    """Return a classifier's report.

    Args:    evaluation: what evaluation.json holds.
             worst: the mistakes with the highest probability: image uint8 [28, 28], label, predicted, probability.
    """
    plots = [
        plot_confusion(evaluation["confusion_matrix"]),
        plot_robustness(evaluation["robustness"]),
        plot_reliability(evaluation["calibration"]),
    ]
    figures = {
        "accuracy": f"{evaluation['accuracy']:.2%}",
        "worst row of the robustness table": f"{min(evaluation['robustness'].values()):.2%}",
        "expected calibration error": f"{evaluation['expected_calibration_error']:.3f}",
        "images": f"{evaluation['images']:,}",
    }
    rows = {name: f"{value:.2%}" for name, value in evaluation["robustness"].items()}
    if trust := evaluation.get("trust"):
        plots.append(plot_rejection(trust["curve"]))
        figures |= {"digits kept": f"{trust['digits_kept']:.2%}", "of what is no digit, rejected": f"{trust['others_rejected']:.1%}"}
        rows |= {f"{kind}: rejected": f"{share:.1%}" for kind, share in trust["rejected_by_kind"].items()}
    if worst:
        plots.append(plot_mistakes(worst))
    return Report(figures, plots, "Accuracy by kind of picture", rows)


def write_report(path: Path, evaluation: dict[str, Any], manifest: dict[str, Any], report: Report) -> None:
    """Write the page.

    Args:    evaluation: what evaluation.json holds.
             manifest: the model's.
    """
    model = evaluation["model"]
    provenance = {**manifest.get("provenance", {}), "sha256": model["sha256"]}
    write_page(path, "evaluation", recipe=evaluation["recipe"], model=model, report=report, provenance=provenance)
