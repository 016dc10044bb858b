"""Two models on the same digits."""

import json
from pathlib import Path

import numpy as np
import pytest

from recipes.dataset import Dataset, Split
from recipes.errors import InvalidArtifact
from recipes.recipe import load
from tests import tiny_model
from training.comparison.versions import SHOWN, choose_disagreements, compare_versions, compute_chance, count_disagreements, summarize
from training.trainers import Float32

SHIPPED = Path(__file__).resolve().parents[3] / "recipes/digits/pretrained"


def answering(*labels: int) -> Float32:
    return np.eye(10, dtype=np.float32)[list(labels)]


def test_counts_where_one_alone_is_right() -> None:
    labels = np.array([1, 2, 3, 4, 5, 6], np.uint8)
    summary = count_disagreements(answering(1, 2, 3, 0, 0, 7), answering(0, 0, 0, 4, 0, 8), labels)
    assert summary == {"differ": 5, "only_first_right": 3, "only_second_right": 1, "chance": 0.625}


@pytest.mark.parametrize(
    ("one", "other", "expected"), [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 0.0625), (5, 0, 0.0625), (2, 8, 0.10937), (3000, 3000, 1.0)]
)
def test_knows_how_a_fair_coin_splits(one: int, other: int, expected: float) -> None:
    assert compute_chance(one, other) == pytest.approx(expected, abs=1e-4)


def test_shows_where_one_alone_is_right_before_where_neither_is() -> None:
    labels = np.array([1, 2, 3, 4], np.uint8)
    assert choose_disagreements(answering(0, 2, 0, 4), answering(9, 2, 3, 0), labels).tolist() == [3, 2, 0]


def test_shows_both_sides_and_no_more_than_fit_a_page() -> None:
    labels = np.zeros(600, np.uint8)
    which = choose_disagreements(answering(*[0] * 500, *[1] * 100), answering(*[1] * 500, *[0] * 100), labels)
    assert (len(which), sum(which >= 500)) == (SHOWN, SHOWN // 2)


def test_writes_one_page_that_needs_nothing_else(few: Dataset, tmp_path: Path) -> None:
    page = tmp_path / "there/not/yet/compare.html"
    folders = {"version 1": tiny_model.write(tmp_path / "tiny"), "version 2": SHIPPED}
    summary = compare_versions(load("digits"), folders, few.test, page)
    assert summary["rows"] == len(few.test)
    assert summary["models"]["version 2"]["accuracy"] > summary["models"]["version 1"]["accuracy"]
    assert summary["models"]["version 2"]["version"] == json.loads((SHIPPED / "manifest.json").read_text())["version"]
    text = page.read_text()
    assert text.count("<img") == 3
    assert text.count('src="data:image/png;base64,') == 3
    assert "Where they disagree" in text
    assert summarize(load("digits"), summary).removeprefix("of ") in text


def test_finds_no_difference_between_a_model_and_itself() -> None:
    labels, same = np.array([1, 2, 3], np.uint8), answering(1, 2, 0)
    assert count_disagreements(same, same, labels) == {"differ": 0, "only_first_right": 0, "only_second_right": 0, "chance": 1.0}
    assert choose_disagreements(same, same, labels).size == 0


def test_compares_regressions_by_their_errors(tmp_path: Path) -> None:
    folder = SHIPPED.parents[1] / "salary/pretrained"
    test = Split(np.array([[1.0], [5.0], [10.0]], np.float32), np.array([40_000, 70_000, 120_000], np.float32))
    summary = compare_versions(load("salary"), {"version 1": folder, "version 2": folder}, test, tmp_path / "salary.html")
    assert {"r2", "mae", "rmse"} <= set(summary["models"]["version 1"])
    assert "disagreement" not in summary
    page = (tmp_path / "salary.html").read_text()
    assert "root mean squared error" in page
    assert "Where they disagree" not in page


def test_calls_rows_that_a_model_was_fitted_on_no_test_rows(tmp_path: Path) -> None:
    folder, recipe = SHIPPED.parents[1] / "house_price/pretrained", load("house_price")
    rows = Split(np.array([[1500.0], [3500.0]], np.float32), np.array([200_000, 400_000], np.float32))
    summary = compare_versions(recipe, {"version 1": folder, "version 2": folder}, rows, tmp_path / "houses.html")
    assert summarize(recipe, summary) == "on the 2 rows that this recipe's models are fitted on: none are kept to measure on"
    page = (tmp_path / "houses.html").read_text()
    assert "On the 2 rows that this recipe" in page
    assert "test rows" not in page


def test_refuses_a_model_of_another_recipe(few: Dataset, tmp_path: Path) -> None:
    folder = tiny_model.write(tmp_path / "tiny")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "recipe": "salary"}))
    with pytest.raises(InvalidArtifact, match="recipe is 'salary'; the recipe digits has 'digits'"):
        compare_versions(load("digits"), {"version 1": SHIPPED, "version 2": folder}, few.test, tmp_path / "never.html")


def test_says_no_chance_is_nothing() -> None:
    split = {"differ": 780, "only_first_right": 22, "only_second_right": 758, "chance": 0.0}
    summary = {"rows": 10_000, "models": {"version 1": {}, "version 2": {}}, "disagreement": split}
    assert summarize(load("digits"), summary).endswith("(equal models differ as much in 0.1% of such comparisons or fewer)")
