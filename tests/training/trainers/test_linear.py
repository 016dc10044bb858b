"""Linear models: the best of many, the same in ONNX, and a report of its errors."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from recipes.dataset import Dataset, Split, load
from recipes.recipe import Candidate, Recipe
from recipes.recipe import load as load_recipe
from training.artifact import OnnxModel
from training.metrics import leave_one_out
from training.metrics.regression import score_values
from training.train import train
from training.trainers import fit

SALARY = load_recipe("salary")
LINEAR = SALARY.candidates[0]
SHORT = LINEAR._replace(hyperparameters={**LINEAR.hyperparameters, "epochs": 300})  # for what does not depend on how good it is


def plane(rows: int, random: np.random.Generator) -> Split:
    """Two features of very different sizes, and a target that is a plane over them."""
    inputs = (random.normal(0, 1, (rows, 2)) * [2, 3000] + [5, 10_000]).astype(np.float32)
    return Split(inputs, 7 * inputs[:, 0] - 0.02 * inputs[:, 1] + 40)


def test_finds_a_plane_over_features_of_any_size(random: np.random.Generator) -> None:
    fitted = fit(SALARY, LINEAR, plane(60, random), plane(20, random), seed=0, progress=lambda *_: None)
    unseen = plane(50, random)
    assert np.abs(fitted.predict(unseen.inputs) - unseen.targets).max() < 0.01 * unseen.targets.std()


def test_one_wild_row_does_not_move_the_line(random: np.random.Generator) -> None:
    """That is what the absolute loss is for."""
    split = plane(60, random)
    split.targets[0] = 1e5
    fitted = fit(SALARY, LINEAR, split, plane(20, random), seed=0, progress=lambda *_: None)
    unseen = plane(50, random)
    assert np.abs(fitted.predict(unseen.inputs) - unseen.targets).max() < 0.1 * unseen.targets.std()


def test_takes_a_feature_that_never_changes() -> None:
    split = Split(np.array([[1, 5], [2, 5], [3, 5]], np.float32), np.array([1, 2, 3], np.float32))
    fitted = fit(SALARY, LINEAR, split, split, seed=0, progress=lambda *_: None)
    np.testing.assert_allclose(fitted.predict(split.inputs), split.targets, atol=0.01)


def test_many_models_are_no_worse_than_the_first_of_them() -> None:
    data = load("salary")

    def error(models: int) -> float:
        few = LINEAR._replace(hyperparameters={**LINEAR.hyperparameters, "num_models": models, "epochs": 200})
        fitted = fit(SALARY, few, data.train, data.validation, seed=0, progress=lambda *_: None)
        return float(np.abs(fitted.predict(data.validation.inputs) - data.validation.targets).mean())

    assert error(32) < error(1)


def test_refuses_a_loss_it_does_not_know() -> None:
    data = load("salary")
    other = LINEAR._replace(hyperparameters={**LINEAR.hyperparameters, "loss": "squared_loss"})
    with pytest.raises(ValueError, match="loss is 'squared_loss'; expected 'absolute_loss'"):
        fit(SALARY, other, data.train, data.validation, seed=0, progress=lambda *_: None)


@pytest.mark.parametrize("features", [1, 2])
def test_the_graph_answers_as_the_model_for_any_number_of_rows(features: int, random: np.random.Generator) -> None:
    split = plane(20, random)
    split = Split(split.inputs[:, :features], split.targets)
    fitted = fit(SALARY, SHORT, split, split, seed=0, progress=lambda *_: None)
    model = OnnxModel(fitted.to_onnx())
    for count in (0, 1, 7):
        answers = model.predict(split.inputs[:count])
        assert (answers.shape, answers.dtype) == ((count,), np.float32)
        np.testing.assert_allclose(answers, fitted.predict(split.inputs[:count]), rtol=1e-5)
    graph = onnx.load_from_string(fitted.to_onnx()).graph
    assert (graph.input[0].name, graph.output[0].name) == ("features", "values")


def test_scores_by_hand() -> None:
    found = score_values(np.array([1, 2, 6], np.float32), np.array([1, 3, 5], np.float32))
    # Residuals 0, -1, 1; the targets' squared deviations are 4, 0, 4.
    assert found == {"r2": 0.75, "mae": 0.67, "rmse": 0.82, "residuals": [0, -1, 1]}


def test_targets_that_are_all_alike_have_no_r2() -> None:
    assert score_values(np.array([1, 2], np.float32), np.array([1, 1], np.float32))["r2"] is None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out_dir = tmp_path_factory.mktemp("salary")
    train(SALARY, SHORT, load("salary"), out_dir, seed=3)
    return out_dir


def test_the_manifest_says_what_goes_in_and_comes_out(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["input"] == {
        "name": "features",
        "dtype": "float32",
        "shape": [1],
        "features": [{"name": "experience", "unit": "years", "least": 0, "range": [1.5, 10.5]}],
    }
    assert manifest["output"] == {"name": "values", "kind": "regression", "target": "salary", "unit": "US$ a year"}
    assert manifest["labels"] == []
    assert set(manifest["metrics"]) == {"r2", "mae", "rmse", "onnx_against_native", "leave_one_out"}
    assert manifest["metrics"]["onnx_against_native"]["rows"] == 6
    assert manifest["provenance"]["rows"] == {"train": 18, "validation": 6}


def test_few_rows_are_each_predicted_by_a_model_that_has_not_seen_them(folder: Path) -> None:
    """Six test rows carry no figure: R² of other sixes goes from less than the mean's to .96."""
    found = json.loads((folder / "manifest.json").read_text())["metrics"]["leave_one_out"]
    assert (found["rows"], found["r2_interval"][0] < found["r2"] < found["r2_interval"][1]) == (30, True)
    assert found == json.loads((folder / "evaluation.json").read_text())["leave_one_out"]
    page = (folder / "evaluation.html").read_text()
    assert "R², leave one out" in page
    assert f"95 % interval {found['r2_interval'][0]:g} to {found['r2_interval'][1]:g}" in page


def test_a_row_that_is_left_out_has_no_part_in_its_own_prediction() -> None:
    data = load("salary")
    wild = Split(data.test.inputs, data.test.targets.copy())
    wild.targets[0] = 1e6
    mean = Candidate("trees", "table", {"model": "random_forest", "n_estimators": 1, "min_samples_leaf": 1, "bootstrap": False})
    assert leave_one_out.measure(SALARY, mean, replace(data, test=wild), seed=0)["mae"] > (1e6 - 2e5) / 30
    assert not leave_one_out.is_needed(SALARY, load("house_price"))
    assert not leave_one_out.is_needed(load_recipe("stop_search"), data)


def test_the_report_shows_the_line_and_every_test_row(folder: Path) -> None:
    page = (folder / "evaluation.html").read_text()
    assert re.findall('<img alt="([^"]+)"', page) == [
        *("Predicted against actual, test rows", "The fitted line", "Actual and predicted, test rows"),
        *("Each number by each other", "Correlations"),
    ]
    assert all(heading in page for heading in ("First rows it was fitted on", "The rows it was fitted on", "missing", "75 %"))
    for target in load("salary").test.targets:
        assert f"<td>{target:,.0f}</td>" in page
    assert not re.search(r"https?://|<script|<link|@import|url\(", page)


def test_a_report_of_rows_that_it_was_fitted_on_says_so(tmp_path: Path) -> None:
    train(load_recipe("house_price"), SHORT, load("house_price"), tmp_path)
    page = (tmp_path / "evaluation.html").read_text()
    assert "On the 5 rows that it was fitted on its predictions are off by" in page
    assert "None are kept to measure on" in page
    assert ("not fitted on" in page, "test row" in page.lower()) == (False, False)


def test_the_command_that_makes_it_again_says_how_few_rows_it_had(tmp_path: Path) -> None:
    command = train(SALARY, SHORT, load("salary").head(5).head(None), tmp_path, seed=3)["provenance"]["command"]
    assert command == "inferstack train salary --candidate linear --seed 3 --limit 5"
    assert f"<code>{command}</code>" in (tmp_path / "evaluation.html").read_text()


def test_a_model_of_two_features_has_no_line_to_draw(tmp_path: Path, random: np.random.Generator) -> None:
    recipe: Recipe = SALARY._replace(features=SALARY.features * 2, instance_shape=(2,))
    data = Dataset(plane(20, random), plane(5, random), plane(5, random), {})
    manifest = train(recipe, SHORT, data, tmp_path)
    assert manifest["metrics"]["r2"] > 0.99
    assert "The fitted line" not in (tmp_path / "evaluation.html").read_text()
