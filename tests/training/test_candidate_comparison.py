"""The page that shows a pipeline's candidates beside the model that serves."""

import re
from typing import Any

import pytest

from recipes.recipe import load
from training.candidate_comparison import write_comparison

DIGITS = load("digits")


def evaluation(accuracy: float) -> dict[str, Any]:
    return {"accuracy": accuracy, "model": {"version": f"1.0.0+{accuracy}"}, "latency_ms": {"1": 0.5, "32": 3.0}}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("comparison") / "index.html"
    summary = {
        "best": {"name": "<cnn>", "score": 0.996},
        "champion": {"version": "1.0.0+0.99"},
        "improvement": 0.006,
        "disagreement": {"only_first_right": 70, "only_second_right": 10, "chance": 0.001},
        "lowest_row": {"row": "photo", "best": 0.994, "champion": 0.995, "noise": 0.002},
    }
    write_comparison(path, DIGITS, summary, {"xgboost": evaluation(0.9), "<cnn>": evaluation(0.996), "champion": evaluation(0.99)})
    return path.read_text()


def test_lists_the_best_first_and_links_each_report(page: str) -> None:
    assert re.findall(r'<a href="([^"]+)">', page) == [f"{name}/evaluation.html" for name in ("test", "&lt;cnn&gt;", "champion", "xgboost")]


def test_says_which_is_best_and_by_how_much(page: str) -> None:
    assert "&lt;cnn&gt; is best: accuracy 0.9960 on the validation split, +0.0060 against the model that serves (1.0.0+0.99)" in page
    assert "&lt;cnn&gt; alone is right on 70, the other alone on 10: equal models differ as much in 0.1% of such comparisons" in page
    assert "furthest behind on photo: 99.40% beside 99.50%, where chance explains 0.20%" in page


def test_shows_every_figure_as_text(page: str) -> None:
    assert re.findall(r"<th>(ms for \d+)</th>", page) == ["ms for 1", "ms for 32"]
    for text in ("0.9000", "1.0.0+0.9", "0.5", "3"):
        assert f"<td>{text}</td>" in page


def test_has_no_plot_of_robustness_unless_every_candidate_was_measured_so(page: str) -> None:
    assert re.findall(r'<img alt="([^"]+)"', page) == ["accuracy on the validation split"]
