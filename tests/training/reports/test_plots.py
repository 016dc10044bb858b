"""Plots that people can read: no word on another, colours that everyone tells apart, a caption in words."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from recipes import dataset
from recipes.dataset import Split
from recipes.recipe import load
from training.comparison import candidates
from training.metrics import regression
from training.metrics.table_classes import plot_curves, plot_weights
from training.reports import class_looks, exploration, plots
from training.reports.classifier_plots import (
    measure_contrast,
    measure_scales,
    plot_confusion,
    plot_mistakes,
    plot_rejection,
    plot_reliability,
    plot_robustness,
)
from training.reports.plots import Plot

KINDS = ("clean", "shifted", "scaled", "rotated", "inverted", "canvas", "thin pen", "photo", "flagged one", "print")


class Doubles:
    """A model that says twice what is put in, or another number of times."""

    def __init__(self, times: int = 2) -> None:
        self._times = times

    def predict(self, inputs: Any) -> Any:
        return self._times * inputs[:, 0]


def table(*shares: float) -> dict[str, float]:
    return dict(zip(KINDS, (*shares, *[shares[-1]] * len(KINDS)), strict=False))


def bins(*pairs: tuple[float, float]) -> list[dict[str, float]]:
    return [{"confidence": confidence, "accuracy": accuracy, "count": 10**place} for place, (confidence, accuracy) in enumerate(pairs)]


def scores(best: float, other: float, champion: float) -> Plot:
    evaluations = {name: {"accuracy": score} for name, score in {"xgboost_tuned": best, "champion": champion, "a": other}.items()}
    names = {"xgboost_tuned": "xgboost_tuned", "champion": "serves now", "a": "a"}
    return candidates.plot_scores(load("digits"), evaluations, names, "xgboost_tuned", 0.995)


def curves(classes: int) -> Sequence[Plot]:
    points = [[0.0, 0.0], [0.5, 0.7], [1.0, 1.0]]
    curve = {"roc": points, "roc_auc": 0.7, "precision_recall": points, "average_precision": 0.3, "share": 0.1}
    return plot_curves({f"Any class {at}": curve for at in range(classes)})


def against(low: float, high: float) -> Plot:
    values = np.linspace(low, high, 9, dtype=np.float32)
    target = load("salary").target
    assert target
    return regression.plot_against_actual(Doubles(), Split(values[:, None], 2 * values), target)  # type: ignore[arg-type]


PLOTS: dict[str, Callable[[], Plot]] = {
    "confusion": lambda: plot_confusion(np.full((10, 10), 9_999).tolist()),
    "kinds, all right": lambda: plot_robustness(table(1.0)),
    "kinds, near each other": lambda: plot_robustness(table(0.9951, 0.996, 0.9955)),
    "kinds, hardly any right": lambda: plot_robustness(table(0.1, 0.998, 0.0938)),
    "kinds, of four models": lambda: plot_robustness({name: table(0.9, 1.0, 0.2) for name in ("serves now", "xgboost_tuned", "cnn", "d")}),
    "probabilities": lambda: plot_reliability(bins((0.35, 0.0), (0.45, 0.5), (0.55, 0.4), (0.94, 0.99), (0.99, 1.0))),
    "probabilities, one": lambda: plot_reliability(bins((1.0, 1.0))),
    "trust": lambda: plot_rejection([{"trust": at / 10, "digits_kept": 1 - at / 10, "others_rejected": at / 10} for at in range(11)]),
    "mistakes": lambda: plot_mistakes([{"image": np.zeros((28, 28)), "label": 4, "predicted": 9, "probability": 1.0}] * 24),
    "scores": lambda: scores(0.9961, 0.2, 0.996),
    "scores, equal": lambda: scores(0.996, 0.996, 0.996),
    "confusion of two names": lambda: plot_confusion([[683, 280], [65, 1_119]], labels=("No arrest", "Arrest")),
    "confusion of ten long names": lambda: plot_confusion(
        np.full((10, 10), 99).tolist(), labels=[f"Any long name {at}" for at in range(10)]
    ),
    "weights": lambda: plot_weights(
        {f"{at} any long name of a feature: any long name of its value": at / 14 - 0.95 for at in range(26)}, "Arrest"
    ),
    "weights, large": lambda: plot_weights({"a": -1234.5, "b": 1.0}, "Arrest"),
    "weights, small": lambda: plot_weights({"a": -0.00012, "b": 0.00011}, "Arrest"),
    "curves": lambda: curves(2)[0],
    "curves of ten": lambda: curves(10)[1],
    "actual, large": lambda: against(40_000, 12_000_000),
    "actual, small": lambda: against(0.0001, 0.0009),
    "by class": lambda: class_looks.plot_look(load("stop_search"), dataset.load("stop_search").train.head(300))[1],
    "associations": lambda: class_looks.plot_look(load("stop_search"), dataset.load("stop_search").train.head(300))[2],
    "classes": lambda: exploration.plot_classes(load("digits"), Split(np.zeros((55, 1)), np.repeat(np.arange(10), np.arange(1, 11)))),
}


def list_texts(figure: Figure) -> Iterator[tuple[str, Bbox]]:
    """Yield what is written in a figure and where, as it is drawn."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    texts = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    for axes in figure.axes:
        texts += [*axes.texts, axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label]  # type: ignore[attr-defined]
        if axes.axison:
            # Beyond the ends of an axis matplotlib keeps labels of ticks that it does not draw.
            texts += [tick.label1 for axis in (axes.xaxis, axes.yaxis) for tick in axis._update_ticks()]  # type: ignore[attr-defined]
    for text in {id(text): text for text in texts}.values():
        if text.get_visible() and text.get_text().strip():
            yield text.get_text().strip(), text.get_window_extent(renderer)


@pytest.mark.parametrize("name", PLOTS)
def test_no_word_lies_on_another(name: str) -> None:
    texts = list(list_texts(PLOTS[name]().figure))
    assert len(texts) > 5
    assert [text for text, _ in texts if "\\" in text] == []  # a formula of matplotlib's own, which is drawn as it is written
    assert [(one, other) for (one, a), (other, b) in combinations(texts, 2) if Bbox.intersection(a.padded(-1), b.padded(5, -1))] == []


@pytest.mark.parametrize("name", PLOTS)
def test_says_in_words_what_is_to_be_seen(name: str) -> None:
    plot = PLOTS[name]()
    assert plot.title[0].isupper()
    assert plot.caption.endswith(".")
    assert plot.name.replace("-", "").isalnum()


def test_tells_of_the_commonest_mistakes_and_of_none() -> None:
    assert plot_confusion([[5, 3], [1, 1]]).caption.startswith("4 of 10 are wrong, most often 0 taken for 1 (3), 1 taken for 0 (1).")
    assert plot_confusion([[5, 0], [0, 1]]).caption.startswith("None of 6 is wrong.")


def test_matrices_that_are_compared_have_one_scale_of_colours() -> None:
    matrices = [[[5, most], [1, 1]] for most in (2, 40)]
    (one,), (other,) = (plot_confusion(matrix, "version 1", measure_scales(matrices)).figure.axes for matrix in matrices)
    assert one.images[0].get_clim() == other.images[0].get_clim() == (0, 40)


def test_kinds_of_pictures_that_are_compared_have_one_axis() -> None:
    tables = [table(0.9951, 0.996, 0.9955), table(0.1, 0.998, 0.0938)]
    scales = measure_scales([[[1]]], tables)
    drawn = [plot_robustness(each, scales) for each in tables]
    assert drawn[0].figure.axes[0].get_xlim() == drawn[1].figure.axes[0].get_xlim()
    assert all("is the same for each model that is compared" in plot.caption for plot in drawn)


def test_regressions_that_are_compared_have_the_same_axes() -> None:
    salary = load("salary")
    values = np.linspace(1, 9, 9, dtype=np.float32)
    test, models = Split(values[:, None], 3 * values), [Doubles(), Doubles(7)]
    scales = regression.measure_scales(models, test, None)  # type: ignore[arg-type]
    score = {"r2": 0.5, "mae": 1.0, "rmse": 1.0, "rows": 9, "residuals": [0.0] * 9}
    reports = [regression.describe_regression(salary, score, model, test, None, scales=scales) for model in models]  # type: ignore[arg-type]
    for one, other in zip(*(report.plots for report in reports), strict=True):
        assert one.figure.axes[0].get_ylim() == other.figure.axes[0].get_ylim(), one.name
        assert one.figure.axes[0].get_xlim() == other.figure.axes[0].get_xlim(), one.name


def test_words_and_marks_stand_out_from_white() -> None:
    for color in (plots.INK, plots.MUTED, plots.ACCENT, plots.BAD, *(color for color, _, _ in plots.SERIES)):
        assert measure_contrast(color, "white") >= 4.5, color


def test_numbers_in_a_matrix_stand_out_from_their_cells() -> None:
    (drawn,) = plot_confusion([[20 - row * column if row != column else 0 for column in range(4)] for row in range(4)]).figure.axes
    shade = drawn.images[0]
    for text in drawn.texts:
        x, y = text.get_position()
        assert measure_contrast(text.get_color(), shade.to_rgba(shade.get_array()[int(y), int(x)])) >= 4.5, text.get_text()


def test_models_beside_each_other_differ_in_marker_and_line_too() -> None:
    """Colour alone tells nothing to who cannot see it, or prints it."""
    assert [len(set(each)) for each in zip(*plots.SERIES, strict=True)] == [len(plots.SERIES)] * 3


def test_leaves_room_about_few_rows() -> None:
    (axes,) = plot_robustness({"clean": 0.95, "dim": 0.91}).figure.axes
    last, first = axes.get_ylim()
    assert min(0 - first, last - 1) >= 0.5
