"""The models of tables that ship are what their files say, and as good, on the rows they say."""

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from recipes.dataset import load as load_data
from recipes.recipe import Recipe, list_names, load
from training.artifact import OnnxModel, read_model
from training.metrics.regression import score_values
from training.metrics.table_classes import score_table
from training.train import describe_signature

ROOT = Path(__file__).resolve().parents[3]
TABLES = [recipe for recipe in map(load, list_names()) if recipe.features]
EACH = pytest.mark.parametrize("recipe", TABLES, ids=[recipe.name for recipe in TABLES])


def shipped(recipe: Recipe) -> tuple[Path, OnnxModel, dict[str, Any]]:
    folder = ROOT / "recipes" / recipe.name / "pretrained"
    return folder, *read_model(folder)


@EACH
def test_the_manifest_describes_this_file(recipe: Recipe) -> None:
    folder, model, manifest = shipped(recipe)
    assert manifest["sha256"] == hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    assert manifest["version"] == f"1.0.0+{model.sha256[:8]}"
    assert (manifest["recipe"], manifest["labels"]) == (recipe.name, list(recipe.labels))
    assert {name: manifest[name] for name in ("input", "output")} == describe_signature(recipe, load_data(recipe.name).train.inputs)
    assert manifest["provenance"]["data_sha256"] == load_data(recipe.name).sha256
    assert manifest["provenance"]["hyperparameters"] == recipe.find_candidate(manifest["name"]).hyperparameters


@EACH
def test_was_made_from_a_commit_that_is_there(recipe: Recipe) -> None:
    commit = shipped(recipe)[2]["provenance"]["commit"]
    assert re.fullmatch("[0-9a-f]{40}", commit)
    shallow = subprocess.run(["git", "rev-parse", "--is-shallow-repository"], cwd=ROOT, capture_output=True, text=True, check=False)
    if shallow.stdout.strip() != "false":
        pytest.skip("a shallow clone has no history to compare with")
    assert subprocess.run(["git", "merge-base", "--is-ancestor", commit, "HEAD"], cwd=ROOT, check=False).returncode == 0


@EACH
def test_is_as_good_as_it_says_on_the_test_rows(recipe: Recipe) -> None:
    folder, model, manifest = shipped(recipe)
    test = load_data(recipe.name).test
    answers, evaluation = model.predict(test.inputs), json.loads((folder / "evaluation.json").read_text())
    found = score_table(recipe, answers, test) if recipe.labels else score_values(answers, test.targets)
    assert found[recipe.metric] >= recipe.threshold
    assert found[recipe.metric] == evaluation[recipe.metric] == manifest["metrics"][recipe.metric]
    if "mae" in found:
        assert found["mae"] == pytest.approx(evaluation["mae"], rel=1e-4, abs=0.1)
    assert evaluation["rows"] == len(test)


@EACH
def test_the_graph_is_plain_and_takes_any_number_of_rows(recipe: Recipe) -> None:
    folder, model, _ = shipped(recipe)
    graph = onnx.load(folder / "model.onnx", load_external_data=False)
    onnx.checker.check_model(graph, full_check=True)
    assert {node.domain for node in graph.graph.node} <= {"", "ai.onnx.ml"}  # ONNX's own, which every runtime has
    answer = (len(recipe.labels),) if recipe.labels else ()
    for count in (0, 1, 3):
        assert model.predict(np.ones((count, *recipe.instance_shape), np.float32)).shape == (count, *answer)


@EACH
def test_the_card_names_the_version_and_the_figures(recipe: Recipe) -> None:
    card = (ROOT / "recipes" / recipe.name / "README.md").read_text()
    _, _, manifest = shipped(recipe)
    assert manifest["version"] in card
    if recipe.labels:
        assert f"| balanced accuracy | {manifest['metrics']['balanced_accuracy']:.1%} |" in card
    if recipe.name == "salary":
        six, all_ = manifest["metrics"], manifest["metrics"]["leave_one_out"]
        assert f"| R² | {all_['r2']:.3f} | {six['r2']:.3f} |" in card
        assert f"| mean absolute error | US$ {all_['mae']:,.0f} | US$ {six['mae']:,.0f} |" in card
        assert f"| root mean squared error | US$ {all_['rmse']:,.0f} | US$ {six['rmse']:,.0f} |" in card
        assert "between {:.3f} and {:.3f}".format(*all_["r2_interval"]) in card


@pytest.mark.parametrize("square_feet", [1500, 3100, 3500])
def test_the_house_price_is_on_its_line(square_feet: float) -> None:
    """100 US$ a square foot and 50,000, which is what all five rows say."""
    (value,) = shipped(load("house_price"))[1].predict(np.array([[square_feet]], np.float32))
    assert value == pytest.approx(100 * square_feet + 50_000, rel=0.005)
