"""The page that shows a pipeline's candidates beside the model that serves."""

import re
from pathlib import Path
from typing import Any

import pytest

from recipes.recipe import load
from training.comparison.candidates import Limits, check_limits, write_comparison

DIGITS = load("digits")


def evaluation(accuracy: float) -> dict[str, Any]:
    return {"accuracy": accuracy, "model": {"version": f"1.0.0+{accuracy}"}, "latency_ms": {"1": 0.5, "32": 3.0}}


SUMMARY: dict[str, Any] = {
    "best": {"name": "<cnn>", "score": 0.996},
    "champion": {"version": "1.0.0+0.99"},
    "candidates": {"<cnn>": {}, "xgboost": {}},
    "improvement": 0.006,
    "most_improvement": 0.0065,
    "disagreement": {"only_first_right": 70, "only_second_right": 10, "chance": 0.001},
    "lowest_row": {"row": "photo", "best": 0.994, "champion": 0.995, "noise": 0.002, "margin": 0.001},
    "no_digit": {"kinds": 99, "best": 0.03, "champion": 0.025, "noise": 0.007, "margin": 0.002},
    "row_margin": 0.001,
}
EVALUATIONS = {"xgboost": evaluation(0.9), "<cnn>": evaluation(0.996), "champion": evaluation(0.99)}
COMMAND = "inferstack pipeline run digits -s Threshold=0.99"


def write(folder: Path, **limits: float) -> str:
    path = folder / "index.html"
    write_comparison(path, DIGITS, SUMMARY, EVALUATIONS, limits=Limits(**{"threshold": 0.99, **limits}), command=COMMAND)
    return path.read_text()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("comparison"))


def test_lists_the_best_first_and_links_each_report(page: str) -> None:
    assert re.findall(r'<a href="([^"]+)">', page) == [f"{name}/evaluation.html" for name in ("test", "&lt;cnn&gt;", "champion", "xgboost")]


def test_tells_the_best_from_one_that_may_replace_what_serves(page: str, tmp_path: Path) -> None:
    assert re.findall(r'<p class="answer">(.+)</p>', page) == ["&lt;cnn&gt;", "Yes"]
    assert "accuracy 0.9960 on the validation split, the highest of 2 candidates." in page
    refused = write(tmp_path, threshold=0.999, minimum_row_improvement=0.01)
    assert re.findall(r'<p class="answer">(.+)</p>', refused) == ["&lt;cnn&gt;", "No: Threshold and MinimumRowImprovement"]
    assert "It is not registered, and what serves stays." in refused


def test_says_by_how_much_and_what_chance_explains(page: str) -> None:
    assert "Its score differs by +0.0060 from that of the model that serves, 1.0.0+0.99." in page
    assert (
        "It alone is right on 70 instances, the model that serves alone on 10: equal models differ as much in 0.1% of such comparisons."
        in page
    )
    assert "Furthest behind it is on “photo”: 99.40% against 99.50%, where chance explains 0.20%." in page
    others = "Of what is no digit it calls 3.00% certain, the model that serves 2.50%: over 99 kinds that neither was fitted on, chance"
    assert f"{others} explains 0.70%." in page
    assert "fewer of what is no digit called certain than by the model that serves, with what chance explains" in page  # its condition


@pytest.mark.parametrize(
    ("limits", "passed"),
    [
        (Limits(0.996, 0.0065, 0.001), True),
        (Limits(0.9961), False),
        (Limits(0.9, 0.0066), False),
        (Limits(0.9, 0, 0.0011), False),
    ],
)
def test_decides_as_the_pipelines_conditions_do(limits: Limits, passed: bool) -> None:
    table, found = check_limits(DIGITS, SUMMARY, limits)
    assert found is passed
    assert [row[3] for row in table.rows] == ["Threshold", "MinimumImprovement", "MinimumRowImprovement", "MinimumRowImprovement"]
    assert all(row[-1] == "yes" for row in table.rows) is passed


def test_without_a_champion_there_is_but_the_threshold() -> None:
    table, passed = check_limits(DIGITS, {"best": SUMMARY["best"], "champion": None}, Limits(0.99))
    assert ([row[3] for row in table.rows], passed) == (["Threshold"], True)


def test_shows_every_figure_as_text(page: str) -> None:
    assert re.findall(r'<th scope="col">(\d+, ms)</th>', page) == ["1, ms", "32, ms"]
    for text in ("0.9000", "1.0.0+0.9", "0.5", "3"):
        assert f"<td>{text}</td>" in page
    assert f"<code>{COMMAND}</code>" in page


def test_has_no_plot_of_robustness_unless_every_candidate_was_measured_so(page: str) -> None:
    assert re.findall(r'<img alt="([^"]+)"', page) == ["Accuracy on the validation split"]
