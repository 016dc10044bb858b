"""The model that ships is the one its files describe. That it is as good as they say is measured in tests/training."""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PIL import Image

from recipes.digits.dataset import SHA256
from recipes.recipe import load
from recipes.thresholds import Thresholds
from tests.digits import GOLDEN, any_digit
from training.artifact import OnnxModel, read_model
from training.drawings import fonts
from training.drawings.digits import print_text
from training.drawings.non_digits import draw_doodle, join_digits, scribble
from training.drawings.robustness import ROWS
from training.drawings.sheet import encode

RECIPE = load("digits")
FOLDER = GOLDEN.parent / "pretrained"
ROOT = Path(__file__).resolve().parents[2]
CARD = GOLDEN.parent / "README.md"


@pytest.fixture(scope="module")
def model() -> OnnxModel:
    return read_model(FOLDER)[0]


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return read_model(FOLDER)[1]


@pytest.fixture(scope="module")
def evaluation() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "evaluation.json").read_text())
    return found


def test_is_small() -> None:
    assert (FOLDER / "model.onnx").stat().st_size <= 600_000  # the archive has at most 1 MB


def test_the_manifest_describes_this_file(manifest: dict[str, Any]) -> None:
    sha256 = hashlib.sha256((FOLDER / "model.onnx").read_bytes()).hexdigest()
    assert manifest["sha256"] == sha256
    assert manifest["version"] == f"1.0.0+{sha256[:8]}"
    assert (manifest["schema"], manifest["recipe"], manifest["labels"]) == (1, "digits", list(RECIPE.labels))
    assert manifest["input"] == {"name": "pixels", "dtype": "uint8", "shape": list(RECIPE.instance_shape)}
    assert {**manifest["output"], "trust": None} == {"name": "probabilities", "kind": "classification", "trust": None}
    assert 0 < manifest["output"]["trust"]["digit"] < manifest["output"]["trust"]["certain"] < 1


def test_the_manifest_tells_how_it_was_made(manifest: dict[str, Any]) -> None:
    provenance = manifest["provenance"]
    assert provenance["hyperparameters"] == RECIPE.find_candidate(manifest["name"]).hyperparameters
    assert provenance["data_sha256"] == SHA256
    assert provenance["images"] == {"train": 50_000, "validation": 10_000}
    assert {"command", "commit", "seed", "trained_at", "duration_s", "machine", "packages"} <= set(provenance)


def test_the_graph_keeps_the_contract() -> None:
    graph = onnx.load(FOLDER / "model.onnx")
    onnx.checker.check_model(graph, full_check=True)
    assert [opset.version for opset in graph.opset_import if opset.domain == ""] == [17]
    (given,), (answered, trust) = graph.graph.input, graph.graph.output
    assert (given.name, given.type.tensor_type.elem_type) == ("pixels", onnx.TensorProto.UINT8)
    assert (answered.name, answered.type.tensor_type.elem_type) == ("probabilities", onnx.TensorProto.FLOAT)
    assert (trust.name, trust.type.tensor_type.elem_type, len(trust.type.tensor_type.shape.dim)) == ("trust", onnx.TensorProto.FLOAT, 1)
    (count, *sides), (_, classes) = given.type.tensor_type.shape.dim, answered.type.tensor_type.shape.dim
    assert not count.dim_value  # any number of instances
    assert [side.dim_value for side in sides] == [28, 28]
    assert classes.dim_value in {0, 10}


def test_the_graph_is_a_plain_one() -> None:
    """No code of its own, nothing outside the file: any runtime reads it."""
    graph = onnx.load(FOLDER / "model.onnx", load_external_data=False)
    assert {node.domain for node in graph.graph.node} == {""}
    assert not graph.functions
    assert all(not tensor.external_data for tensor in graph.graph.initializer)


def test_the_evaluation_is_this_models(manifest: dict[str, Any], evaluation: dict[str, Any]) -> None:
    assert evaluation["model"] == {key: manifest[key] for key in ("name", "version", "sha256")}
    assert evaluation["robustness"] == manifest["metrics"]["robustness"]
    assert evaluation["calibration"] == manifest["metrics"]["calibration"]
    assert evaluation["accuracy"] == manifest["metrics"]["accuracy"] >= RECIPE.thresholds["accuracy"] >= 0.995
    assert evaluation["images"] == 10_000
    assert manifest["size_bytes"] == (FOLDER / "model.onnx").stat().st_size
    assert evaluation["expected_calibration_error"] <= 0.01
    trust = evaluation["trust"]
    assert {name: figure for name, figure in trust.items() if name != "curve"} == manifest["metrics"]["trust"]
    assert trust["auroc"] >= 0.97
    assert trust["digits_kept"] >= 0.99
    assert trust["others_rejected"] >= 0.8


@pytest.mark.parametrize("row", ROWS)
def test_every_row_is_over_its_threshold(evaluation: dict[str, Any], row: str) -> None:
    assert evaluation["robustness"][row] >= RECIPE.thresholds[row] >= 0.93


@pytest.mark.parametrize("case", json.loads((GOLDEN / "cases.json").read_text()), ids=lambda case: case["file"])
def test_knows_the_golden_digits(model: OnnxModel, case: dict[str, Any]) -> None:
    instance = np.frombuffer(base64.b64decode(case["pixels_base64"]), np.uint8).reshape(1, 28, 28)
    probabilities = model.predict(instance)[0]
    assert probabilities.argmax() == case["label"]
    assert probabilities.max() > 0.8


def judge(manifest: dict[str, Any], model: OnnxModel, pictures: Sequence[Image.Image]) -> list[str]:
    seen = np.stack([np.frombuffer(RECIPE.from_image(encode(picture)), np.uint8).reshape(28, 28) for picture in pictures])
    thresholds = Thresholds(**manifest["output"]["trust"])
    return [thresholds.judge(float(trust)) for trust in model.judge(seen)]


@pytest.mark.parametrize("font", [*fonts.HELD_OUT, "DejaVuSans"])
def test_says_that_letters_are_no_digits(manifest: dict[str, Any], model: OnnxModel, font: str) -> None:
    pages = [print_text(letter, np.random.default_rng(7), (font,)) for letter in "ACEFHKLMNPRTVWXadefhkmnrt"]
    found = Counter(judge(manifest, model, pages))
    assert found["not a digit"] >= 0.9 * len(pages)
    assert not found["certain"]


def test_says_that_scribbles_and_several_digits_are_no_digit(manifest: dict[str, Any], model: OnnxModel) -> None:
    digits = np.stack([np.asarray(any_digit())] * 3)
    pages = [draw(digits, np.random.default_rng(seed)) for draw in (scribble, join_digits, draw_doodle) for seed in range(40)]
    assert Counter(judge(manifest, model, pages))["not a digit"] >= 0.8 * len(pages)


def test_trusts_the_golden_digits(manifest: dict[str, Any], model: OnnxModel) -> None:
    cases = json.loads((GOLDEN / "cases.json").read_text())
    seen = np.stack([np.frombuffer(base64.b64decode(case["pixels_base64"]), np.uint8).reshape(28, 28) for case in cases])
    thresholds = Thresholds(**manifest["output"]["trust"])
    assert {thresholds.judge(float(trust)) for trust in model.judge(seen)} <= {"certain", "unsure"}


def test_trusts_no_array_with_hardly_any_ink(model: OnnxModel) -> None:
    """Zeros are what one tries first, and both heads are certain that they are a 1."""
    blank = np.stack([np.full((28, 28), level, np.uint8) for level in range(256)])
    dots = np.zeros((28 * 28, 28 * 28), np.uint8)
    np.fill_diagonal(dots, 255)
    assert model.judge(blank).max() == 0
    assert model.judge(dots.reshape(-1, 28, 28)).max() == 0


def test_calls_arrays_without_strokes_no_digits(manifest: dict[str, Any], model: OnnxModel) -> None:
    """As code sends them that has not read a picture right; by another generator than that of training."""
    random, (y, x) = np.random.default_rng(7), np.mgrid[:28, :28] / 27 - 0.5
    light = [120 * np.exp(-((x - random.uniform(-0.3, 0.3)) ** 2 + y**2) / random.uniform(0.1, 0.4) ** 2) for _ in range(50)]
    slopes = [150 * (np.cos(towards) * x + np.sin(towards) * y) for towards in random.uniform(0, 6.3, 50)]
    noise = [random.normal(0, random.uniform(0.5, 20), x.shape) for _ in range(50)]
    levels = np.stack([random.uniform(20, 220) + each for each in (*light, *slopes, *noise)])
    is_digit = model.judge(levels.clip(0, 255).astype(np.uint8)) >= manifest["output"]["trust"]["digit"]
    assert is_digit.mean() <= 0.02


def test_knows_the_readmes_seven(model: OnnxModel) -> None:
    picture = (ROOT / "docs/seven.png").read_bytes()
    instance = np.frombuffer(RECIPE.from_image(picture), np.uint8).reshape(1, 28, 28)
    assert model.predict(instance).argmax() == 7


def test_the_cards_table_is_the_record() -> None:
    record = json.loads((ROOT / "benchmarks/records/2026-11-30-looks/record.json").read_text())
    measured = [
        {"test set": one["accuracy"], **one["robustness"]} for one in (record["models"][name] for name in ("shipped", "before", "1.0.0"))
    ]
    table = CARD.read_text().partition("## Is it a digit?")[0]
    rows = re.findall(r"^\| ([a-z ]+?) " + r"\| ([0-9.]+ %) " * 3 + r"\|", table, re.MULTILINE)
    assert rows == [(row, *(f"{100 * one[row]:.2f} %" for one in measured)) for row in measured[0]]
    assert len(rows) == 1 + len(ROWS)


def test_the_card_says_what_was_measured(manifest: dict[str, Any], evaluation: dict[str, Any]) -> None:
    card = CARD.read_text()
    for row, accuracy in {"test set": evaluation["accuracy"], **evaluation["robustness"]}.items():
        assert f"| {row} | {100 * accuracy:.2f} % |" in card
    assert manifest["version"] in card
    assert f"calibration error {evaluation['expected_calibration_error']:.4f}" in card
    trust = evaluation["trust"]
    for name, share in trust["rejected_by_kind"].items():
        assert f"| {name} | {100 * share:.1f} % |" in card
    for name in ("digits_kept", "digits_certain", "certain_right", "others_rejected", "others_certain"):
        assert f"{100 * trust[name]:.2f} %" in card
    assert f"AUROC {trust['auroc']:.4f}" in card
    assert "certain {certain:.3f}, digit {digit:.3f}".format(**manifest["output"]["trust"]) in card
    assert f"{(FOLDER / 'model.onnx').stat().st_size // 1000} kB" in card
    worst = min(range(10), key=evaluation["recall"].__getitem__)
    assert f"least often right on {worst} ({100 * evaluation['recall'][worst]:.1f} %)" in card
    assert f"{manifest['provenance']['hyperparameters']['tune_steps']:,} steps" in card
    assert manifest["provenance"]["command"] in card
    assert f"its {round(10_000 * (1 - evaluation['accuracy']))} mistakes" in card
    surest = evaluation["calibration"][-1]
    assert f"{surest['count']:,} answers it gave with 90 % or more it got {round(surest['count'] * (1 - surest['accuracy']))} wrong" in card


def test_the_readme_says_what_was_measured(manifest: dict[str, Any], evaluation: dict[str, Any]) -> None:
    readme = (ROOT / "README.md").read_text()
    rows, trust = evaluation["robustness"], evaluation["trust"]
    moved = [rows[row] for row in ("shifted", "scaled", "rotated", "inverted", "canvas", "thin pen")]
    assert f"right on {100 * evaluation['accuracy']:.1f} % of the test set" in readme
    assert f"{manifest['name']} {manifest['version']}" in readme
    assert f"| the test set | {100 * evaluation['accuracy']:.2f} % |" in readme
    assert f"with a thin pen | {100 * min(moved):.2f} to {100 * max(moved):.2f} % |" in readme
    told = {"a photo of it": "photo", "on one of twelve kinds of paper": "paper", "printed": "print", "a 1 with an upstroke": "flagged one"}
    for name, row in told.items():
        assert f"| {name} | {100 * rows[row]:.2f} % |" in readme
    assert f"{100 * trust['others_rejected']:.1f} % of letters" in readme
    assert f"{100 * trust['digits_kept']:.1f} % of the test digits" in readme


def test_what_the_changelog_says_of_the_next_version_was_measured(evaluation: dict[str, Any]) -> None:
    text = (ROOT / "CHANGELOG.md").read_text().partition("\n## [Unreleased]\n")[2].partition("\n## ")[0]
    rows, trust = evaluation["robustness"], evaluation["trust"]
    for figure, words in (
        (f"{100 * evaluation['accuracy']:.2f} %", " of MNIST's test set"),
        (f"{100 * rows['flagged one']:.1f} %", " of ones with an upstroke"),
        (f"{100 * rows['print']:.1f} %", " of print"),
        (f"{100 * trust['others_rejected']:.1f} %", " of what is no digit is rejected"),
        (f"{100 * trust['digits_kept']:.1f} %", " of digits are kept"),
    ):
        assert set(re.findall(rf"([\d.]+ %){words}", text)) <= {figure}, words
