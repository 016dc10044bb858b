"""The notebooks of the tutorials work: each is executed for real, with small data, and shows what its tutorial shows."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbformat import NotebookNode

from tests.notebooks.running import execute, said


@dataclass(frozen=True)
class Tutorial:
    """What a run is given, and what it must show: the titles of its plots, as often as they occur, and figures that make sense."""

    parameters: str
    plots: list[str]
    check: Callable[[NotebookNode], None]


def check_salary(executed: NotebookNode) -> None:
    (r2,) = re.findall(r"had not seen: ([\d.]+) and", said(executed, "text"))
    assert float(r2) > 0.9
    (answer,) = re.findall(r"^([\d,]+) US\$ a year$", said(executed, "text"), re.MULTILINE)
    assert 65_000 < int(answer.replace(",", "")) < 80_000  # for five years


def check_house_price(executed: NotebookNode) -> None:
    prices = dict(re.findall(r'<th scope="row">(\w+)</th><td>([\d,]+)</td></tr>', said(executed, "text/html")))
    assert 549_000 < int(prices["line"].replace(",", "")) < 551_000
    assert int(prices["random_forest"].replace(",", "")) <= 400_000  # no more than the dearest house it knows


def check_stop_search(executed: NotebookNode) -> None:
    found = re.findall(r'<th scope="row">(\w+)</th><td>([\d.]+)%</td><td>([\d.]+)%</td></tr>', said(executed, "text/html"))
    assert [name for name, _, _ in found] == ["logistic_regression", "random_forest", "support_vectors", "boosted_trees"]
    assert float(found[0][1]) > 55
    assert "Decisions about people" in said(executed, "text")
    assert "By Officer-defined ethnicity" in said(executed, "text/html")


def check_natural_images(executed: NotebookNode) -> None:
    printed = said(executed, "text")
    assert re.search(r"^trains on the processor", printed, re.MULTILINE)
    steps = re.findall(r"^step (\d+)/(\d+) (?:loss|resumes)", printed, re.MULTILINE)
    assert steps[-1] == (steps[-1][1], steps[-1][1])
    assert f"step {steps[-1][0]}/{steps[-1][1]} resumes on cpu" in printed
    assert len(re.findall(r"^\w+ +[\d.]+%$", printed, re.MULTILINE)) == 3  # the likeliest


EXPLORED = ["Each number by each other", "Correlations"]
CLASSES = "How many there are of each class"
BARS, FITTED_BARS = "Actual and predicted, test rows", "Actual and predicted, fitted rows"  # the second: none are kept to test on
CLASSIFIED = ["Which class is taken for which", "ROC curve", "Precision by recall", "What the model weighs"]
TUTORIALS = {
    "salary": Tutorial("TEST_SHARE = 0.3", [*EXPLORED, "The fitted line", BARS, "Predicted against actual, test rows"], check_salary),
    "house_price": Tutorial("AREAS = [5000]", [EXPLORED[0], *[FITTED_BARS] * 4], check_house_price),
    "natural_images": Tutorial(
        'DATA, EACH, CANDIDATE, EPOCHS, GPU, CHECKPOINTS = None, 8, "densenet_small", 2, False, "~/checkpoints"',
        [
            CLASSES,
            "Pictures of each class, and its answers",
            CLASSIFIED[0],
            "The mistakes that it is surest of",
            "Accuracy by kind of picture",
        ],
        check_natural_images,
    ),
    "stop_search": Tutorial("SOURCE, LIMIT = None, 600", [CLASSES, *CLASSIFIED], check_stop_search),
}


@pytest.mark.parametrize("name", TUTORIALS)
def test_shows_what_its_tutorial_shows(name: str, tmp_path: Path) -> None:
    tutorial = TUTORIALS[name]
    executed = execute(name, tmp_path, tutorial.parameters)
    assert re.findall(r'<img alt="([^"]+)"', said(executed, "text/html")) == tutorial.plots
    tutorial.check(executed)
    assert list(tmp_path.glob("inferstack-notebook-*")) == []
