import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text

from recipes.recipe import load
from training.reports.evaluation import describe_classifier, write_report
from training.reports.measured import VALIDATION

EVALUATION: dict[str, Any] = {
    "recipe": "digits",
    "model": {"name": "<tiny>", "version": "1.0.0+abcdef01", "sha256": "abcdef01" * 8},
    "images": 10_000,
    "accuracy": 0.9876,
    "confusion_matrix": (np.eye(10, dtype=int) * 900 + 7).tolist(),
    "calibration": [{"confidence": 0.5, "accuracy": 0.4, "count": 3}, {"confidence": 0.99, "accuracy": 0.98, "count": 9997}],
    "expected_calibration_error": 0.0123,
    "robustness": {"clean": 0.99, "photo": 0.91},
}
MISTAKE = {"image": np.full((28, 28), 9, np.uint8), "label": 4, "predicted": 9, "probability": 0.97}


COMMAND = "inferstack evaluate digits --model 'a <b>' --limit 500"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    path = folder / "evaluation.html"
    manifest = {"provenance": {"command": "inferstack train <digits>", "seed": 0, "images": {"train": 7}}}
    write_report(path, load("digits"), EVALUATION, manifest, describe_classifier(EVALUATION, [MISTAKE]), command=COMMAND)
    return path.read_text()


def test_shows_the_figures_and_how_the_model_was_made(page: str) -> None:
    for shown in (
        "98.76%",
        "91.00%",
        "0.012",
        "10,000",
        "&lt;tiny&gt;",
        "1.0.0+abcdef01",
        "inferstack train &lt;digits&gt;",
        "abcdef01" * 8,
    ):
        assert shown in page
    assert "<td>train: 7</td>" in page
    assert page.count('<img alt="') == 4


def test_needs_nothing_but_itself(page: str) -> None:
    assert not re.search(r"https?://|<script|<link|@import|url\(", page)
    assert set(re.findall(r'src="([^,]{0,30})', page)) == {"data:image/png;base64"}


@pytest.mark.parametrize("row", EVALUATION["robustness"])
def test_has_each_row_as_text(page: str, row: str) -> None:
    """A plot is no text: who cannot see it reads the table."""
    assert re.search(f'<th scope="row">{row}</th><td>{EVALUATION["robustness"][row]:.2%}</td>', page)


def test_a_model_without_mistakes_has_no_plot_of_them() -> None:
    assert len(describe_classifier(EVALUATION, []).plots) == 3


@pytest.mark.parametrize(("kinds", "rows", "more"), [(3, 3, False), (30, 20, True)])
def test_names_the_kinds_that_are_told_from_digits_least_often(kinds: int, rows: int, more: bool) -> None:
    rejected = {f"kind {at}": at / 100 for at in reversed(range(kinds))}
    trust = {
        "digits_kept": 0.99,
        "others_rejected": 0.9,
        "others_certain": 0.0235,
        "others": 2000,
        "curve": [],
        "rejected_by_kind": rejected,
    }
    report = describe_classifier(
        {**EVALUATION, "trust": {**trust, "certain_by_kind": dict.fromkeys(rejected, 0.25)}}, [], certain=[MISTAKE]
    )
    table = report.tables[-1]
    assert table.rows[1] == ("kind 1", "1.0%", "25.0%")
    assert (len(table.rows), f"20 of {kinds} kinds" in table.heading) == (rows, more)
    assert ("2.35%", "others certain") in [(figure.value, figure.name) for figure in report.figures]
    assert report.plots[-1].name == "certain-others"


def test_draws_the_names_of_classes_as_they_are(tmp_path: Path) -> None:
    """Between two dollars matplotlib would set a formula, and fail where it is none: after hours of training."""
    labels = [r"$\frac$", "$0 to $9", "<img src=x onerror=alert(1)>", "line\nfeed", *"456789"]
    path = tmp_path / "evaluation.html"
    report = describe_classifier(EVALUATION, [MISTAKE], labels=labels, shown=[MISTAKE])
    write_report(path, load("digits"), EVALUATION, {}, report, command="")
    drawn = {text.get_text() for plot in report.plots for text in plot.figure.findobj(Text)}
    assert {label for label in labels if label in drawn} == set(labels)
    assert not [text for plot in report.plots for text in plot.figure.findobj(Text) if text.get_parse_math()]
    assert "<img src=x" not in path.read_text()


def test_a_report_of_the_validation_split_does_not_call_it_the_test_split() -> None:
    report = describe_classifier(EVALUATION, [], measured=VALIDATION)
    assert "validation images, which candidates are chosen on, it reads" in report.summary
    assert not [figure.meaning for figure in report.figures if "of the test" in figure.meaning]


def test_every_plot_has_a_caption_in_words(page: str) -> None:
    captions = re.findall(r"<figcaption>(.+?)</figcaption>", page)
    assert len(captions) == page.count("<img ") == len(set(captions))


def test_lays_a_png_of_each_plot_beside_the_page_for_slides(page: str, folder: Path) -> None:
    pictures = sorted(path.name for path in folder.glob("*.png"))
    assert pictures == [f"evaluation-{name}.png" for name in ("confusion", "kinds-of-pictures", "mistakes", "probabilities")]
    for name in pictures:
        width, _ = struct.unpack(">II", (folder / name).read_bytes()[16:24])
        assert width >= 400


def test_shows_no_plot_larger_than_it_is_drawn(page: str, folder: Path) -> None:
    """The correlations of two columns were blown up to the width of the page's column, with letters larger than its own."""
    drawn = {path.read_bytes()[16:20] for path in folder.glob("*.png")}
    assert {int(width) for width in re.findall(r'<img alt="[^"]+" width="(\d+)"', page)} == {
        int.from_bytes(dots, "big") // 2 for dots in drawn
    }
    assert not re.search(r"img \{[^}]*(?<!-)width: ", page)


def test_shows_the_command_that_makes_it_again(page: str) -> None:
    assert "<code>inferstack evaluate digits --model &#39;a &lt;b&gt;&#39; --limit 500</code>" in page


def test_a_report_of_photos_names_their_classes_and_shows_them_in_colour(tmp_path: Path) -> None:
    labels = ["car", "dog", "motorbike"]
    shown = [
        {"image": np.full((8, 8, 3), (200, 30, 30), np.uint8), "label": at, "predicted": at // 2, "probability": 0.8} for at in range(3)
    ]
    evaluation = {
        **{name: figure for name, figure in EVALUATION.items() if name != "robustness"},
        "confusion_matrix": [[5, 0, 0], [1, 3, 0], [0, 0, 0]],
        "top_accuracy": {"2": 0.9991},
    }
    report = describe_classifier(evaluation, shown[1:], labels=labels, shown=shown)
    assert [plot.name for plot in report.plots] == ["confusion", "probabilities", "predictions", "mistakes"]
    (table,) = report.tables
    assert table.rows == [("car", "5", "55.6%", "100.00%"), ("dog", "4", "44.4%", "75.00%"), ("motorbike", "0", "0.0%", "none to read")]
    assert "99.91%" in [figure.value for figure in report.figures]
    above = [text.get_text() for plot in report.plots[2:] for axes in plot.figure.axes for text in axes.texts]
    assert above == ["car 80%", "dog\n→ car 80%", "motorbike\n→ dog 80%", "dog\n→ car 80%", "motorbike\n→ dog 80%"]
    assert "dog taken for car (1)" in report.plots[0].caption
