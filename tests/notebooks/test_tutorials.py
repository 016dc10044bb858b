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


EXPLORED = ["Each number by each other", "Correlations"]
BARS = "Actual and predicted, test rows"
CLASSIFIED = ["Which class is taken for which", "ROC curve", "Precision by recall", "What the model weighs"]
TUTORIALS = {
    "salary": Tutorial("TEST_SHARE = 0.3", [*EXPLORED, "The fitted line", BARS, "Predicted against actual, test rows"], check_salary),
    "house_price": Tutorial("AREAS = [5000]", [EXPLORED[0], *[BARS] * 4], check_house_price),
    "stop_search": Tutorial("SOURCE, LIMIT = None, 600", ["How many there are of each class", *CLASSIFIED], check_stop_search),
}


@pytest.mark.parametrize("name", TUTORIALS)
def test_shows_what_its_tutorial_shows(name: str, tmp_path: Path) -> None:
    tutorial = TUTORIALS[name]
    executed = execute(name, tmp_path, tutorial.parameters)
    assert re.findall(r'<img alt="([^"]+)"', said(executed, "text/html")) == tutorial.plots
    tutorial.check(executed)
    assert list(tmp_path.glob("inferstack-notebook-*")) == []
