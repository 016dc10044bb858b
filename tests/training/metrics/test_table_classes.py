"""A table with categories and classes: each candidate's graph answers as its library, and the evaluation tells of classes and groups."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from recipes.dataset import Dataset, Split
from recipes.recipe import Candidate, Recipe, load
from recipes.stop_search.generate import generate, write_csv
from training.artifact import OnnxModel
from training.comparison.candidates import Limits, write_comparison
from training.comparison.gate import compare_answers
from training.metrics.fairness import measure_share
from training.metrics.regression import score_values
from training.metrics.table_classes import score_table, shorten
from training.reports import class_looks
from training.steps.evaluate import judge, summarize
from training.train import check_export, train
from training.trainers import fit

STOPS, SALARY = load("stop_search"), load("salary")
FEWER: dict[str, Any] = {"n_estimators": 5}


@pytest.fixture(scope="module")
def stops(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    from recipes.stop_search.dataset import load as load_stops

    folder = tmp_path_factory.mktemp("stops")
    write_csv(folder / "2026-01-any-stop-and-search.csv", generate(400, seed=1))
    return load_stops(folder)


@pytest.fixture(scope="module")
def trained(stops: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the first candidate's model and its evaluation."""
    folder = tmp_path_factory.mktemp("trained")
    train(STOPS, STOPS.candidates[0], stops, folder)
    return folder


def shrink(candidate: Candidate) -> Candidate:
    return candidate._replace(hyperparameters={name: FEWER.get(name, value) for name, value in candidate.hyperparameters.items()})


def test_generates_the_rows_that_ship(tmp_path: Path) -> None:
    write_csv(tmp_path / "data.csv", generate())
    assert (tmp_path / "data.csv").read_bytes() == (Path(__file__).resolve().parents[3] / "recipes/stop_search/data.csv").read_bytes()


def test_divides_seventy_to_thirty_and_leaves_out_rows_without_a_place(stops: Dataset) -> None:
    count = len(stops.train) + len(stops.validation) + len(stops.test)
    assert 370 < count < 400
    assert len(stops.test) == pytest.approx(0.3 * count, abs=1)
    shares = [float(split.targets.mean()) for split in (stops.train, stops.validation, stops.test)]
    assert max(shares) - min(shares) < 0.02


@pytest.mark.parametrize("candidate", STOPS.candidates, ids=lambda candidate: candidate.name)
def test_every_candidate_s_graph_answers_as_its_library(stops: Dataset, candidate: Candidate) -> None:
    fitted = fit(STOPS, shrink(candidate), stops.train, stops.validation, seed=0, progress=lambda *_: None)
    model = OnnxModel(fitted.to_onnx())
    assert check_export(model, fitted, stops.test.inputs)["label_agreement"] == 1
    strange = stops.test.inputs[:3].copy()
    strange[:, [0, 4]] = -1, 99
    assert np.allclose(model.predict(strange), fitted.predict(strange), atol=1e-5)
    assert model.predict(strange[:0]).shape == (0, 2)
    assert model.predict(stops.test.inputs)[:, 1].mean() > 0.3  # the seldom class weighs alike


@pytest.mark.parametrize("candidate", STOPS.candidates, ids=lambda candidate: candidate.name)
def test_the_same_rows_and_seed_make_the_same_bytes_in_every_process(stops: Dataset, candidate: Candidate) -> None:
    """Of two processes the order of a set of texts and that of threads' sums differ."""
    from training.trainers.table_trainer import ESTIMATORS

    few = stops.head(100)
    first, second = (fit(STOPS, shrink(candidate), few.train, few.validation, seed=0, progress=lambda *_: None) for _ in range(2))
    assert first.to_onnx() == second.to_onnx()
    assert [each.domain for each in onnx.load_from_string(first.to_onnx()).opset_import] == ["", "ai.onnx.ml"]
    assert ESTIMATORS["boosted_trees"].classify(random_state=0).get_params()["nthread"] == 1
    assert ESTIMATORS["boosted_trees"].regress(random_state=0).get_params()["nthread"] == 1


@pytest.mark.parametrize("model", ["linear", "random_forest", "support_vectors", "boosted_trees"])
def test_each_is_a_regression_too(model: str) -> None:
    rows = Split(np.linspace(0, 1, 40, dtype=np.float32)[:, None], np.linspace(0, 2, 40, dtype=np.float32))
    fitted = fit(SALARY, Candidate(model, "table", {"model": model}), rows, rows, seed=0, progress=lambda *_: None)
    graph = OnnxModel(fitted.to_onnx())
    check_export(graph, fitted, rows.inputs)
    assert score_values(graph.predict(rows.inputs), rows.targets)["r2"] > 0.9


def test_the_report_tells_of_classes_groups_and_weights(stops: Dataset, trained: Path) -> None:
    manifest, evaluation = (json.loads((trained / f"{name}.json").read_text()) for name in ("manifest", "evaluation"))
    assert manifest["metrics"]["balanced_accuracy"] == evaluation["balanced_accuracy"]
    assert manifest["weights"].keys() >= {"Gender: empty", "Latitude"}
    assert set(evaluation["groups"]) == set(STOPS.groups)
    assert set(evaluation["curves"]) == {"Arrest"}
    assert sum(evaluation["class_shares"].values()) == pytest.approx(1, abs=1e-4)
    page = (trained / "evaluation.html").read_text()
    assert f"Of {len(stops.test):,} test rows, which it was not fitted on, it answers" in page
    for text in ("First rows it was fitted on", "The rows it was fitted on", "The categories", "How the classes differ"):
        assert text in page
    for text in ("By Officer-defined ethnicity", "of Arrest: called so", "ROC AUC of Arrest", "must not say who is stopped"):
        assert text in page
    assert {path.name for path in trained.glob("*.png")} == {
        f"evaluation-{name}.png"
        for name in ("confusion", "roc", "precision-recall", "probabilities", "weights", "classes", "by-class", "associations")
    }


def test_the_first_look_tells_values_by_name_and_what_is_missing() -> None:
    rows = Split(
        np.array([[0, 2, 51.5, -0.1, 0, 2, 14, 0, 4, 9], [1, 0, 52, 0.1, -1, 3, 0, 5, 0, 0]], np.float32), np.array([1, 0], np.uint8)
    )
    first, numbers, categories = class_looks.describe_look(STOPS, rows)
    assert first.rows[0][:7] == ["1", "Person search", "(empty)", "51.5", "-0.1", "Male", "18-24"]
    assert (first.rows[1][5], first.rows[0][-1]) == ("(unknown)", "Arrest")
    assert [row[0] for row in numbers.rows] == ["Latitude", "Longitude"]
    assert ("Gender", "2", "0", "1", "Male", "50.0%") in categories.rows


def test_columns_that_go_together_are_told_from_those_that_do_not() -> None:
    one = np.arange(400) % 4
    assert class_looks.measure_association(one, 3 - one) == pytest.approx(1)
    assert class_looks.measure_association(one, np.arange(400) // 4 % 5) == pytest.approx(0)
    assert class_looks.measure_association(one, np.zeros(400, int)) == 0


def test_candidates_are_compared_by_balanced_accuracy(stops: Dataset, trained: Path, tmp_path: Path) -> None:
    evaluations = dict.fromkeys(("a", "champion"), json.loads((trained / "evaluation.json").read_text()))
    summary = summarize(STOPS, evaluations)
    found = judge(STOPS, stops.validation, [trained, trained], list(evaluations.values()), summary["improvement"])
    assert (summary["metric"], found["row_margin"], found["most_improvement"]) == ("balanced_accuracy", 0.0, 0.0)
    summary["best"]["test_score"] = 0.5
    write_comparison(tmp_path / "index.html", STOPS, summary | found, evaluations, limits=Limits(0.5), command="")
    assert "Balanced accuracy on the validation split" in (tmp_path / "index.html").read_text()


def test_chance_explains_more_where_a_class_is_seldom() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    first, second = np.eye(2, dtype=np.float32)[labels], np.eye(2, dtype=np.float32)[labels]
    second[-1] = second[-1, ::-1]
    assert compare_answers(STOPS, first, second, labels)["noise"] == pytest.approx(1.96 / 10 / 2, abs=1e-4)
    assert compare_answers(load("digits"), first, second, labels)["noise"] == pytest.approx(1.96 / 100, abs=1e-4)


def test_several_classes_each_have_their_curves() -> None:
    recipe: Recipe = SALARY._replace(target=None, classes=("a", "b", "c"))
    test = Split(np.zeros((6, 1), np.float32), np.array([0, 1, 2, 0, 0, 0], np.uint8))
    found = score_table(recipe, np.eye(3, dtype=np.float32)[[0, 1, 0, 0, 0, 0]], test)
    assert (found["balanced_accuracy"], set(found["curves"])) == (round(2 / 3, 5), {"a", "b", "c"})
    assert found["curves"]["b"]["roc_auc"] == 1


def test_an_interval_is_wide_where_rows_are_few() -> None:
    from training.trainers.table_trainer import weigh

    assert measure_share(np.zeros(0, bool)) is None
    assert measure_share(np.array([True] * 5 + [False] * 5)) == [0.5, 0.2366, 0.7634]
    assert weigh(np.array([0, 0, 0, 1])).tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])
    assert len(shorten("x" * 100)) < 65
