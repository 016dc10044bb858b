"""A whole evaluation, the robustness table's pictures made by processes of their own."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from recipes.dataset import Dataset
from recipes.recipe import load
from tests import tiny_model
from training.drawings.non_digits import HELD_OUT
from training.drawings.robustness import ROWS
from training.evaluate import evaluate, list_other_kinds
from training.metrics.robustness_table import measure_robustness
from training.reports.measured import TEST, VALIDATION
from training.reports.shown_pictures import find_certain


class NearestDigit:
    """A model that knows what it is shown: the digit whose own picture is nearest."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self._images, self._labels = images.astype(float), labels

    def predict(self, instances: np.ndarray) -> np.ndarray:
        nearest = [int(np.abs(self._images - instance).sum((1, 2)).argmin()) for instance in instances]
        return np.eye(10, dtype=np.float32)[self._labels[nearest]]


def test_the_table_has_each_row_and_reports_its_progress(few: Dataset) -> None:
    steps: list[tuple[int, int, str]] = []
    model = NearestDigit(few.test.inputs, few.test.targets)
    rows = ("clean", "inverted")
    with ThreadPoolExecutor(2) as pool:
        table = measure_robustness(pool, load("digits"), {"nearest": model}, few.test, rows=rows, progress=lambda *step: steps.append(step))
    assert table == {"nearest": {"clean": 1.0, "inverted": 1.0}}
    assert steps == [(1, 2, "clean 100.00%"), (2, 2, "inverted 100.00%")]


def test_an_evaluation_of_pictures_imports_nothing_that_fits_tables() -> None:
    program = "import sys, training.evaluate; print(sorted({'sklearn', 'scipy', 'torch', 'xgboost'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_what_decides_is_not_what_the_test_split_has() -> None:
    validation, test = (set(list_other_kinds(measured)) for measured in (VALIDATION, TEST))
    assert validation
    assert test == set(HELD_OUT)
    assert not validation & test


def test_shows_of_each_kind_the_picture_that_is_trusted_most() -> None:
    pictures = np.arange(9, dtype=np.uint8).repeat(784).reshape(9, 28, 28)
    others = {"key": pictures[:4], "cup": pictures[4:8], "none was read": pictures[:0], "hat": pictures[8:]}
    trusts = {"key": np.array([0.1, 0.9, 0.95, 0.2]), "cup": np.full(4, 0.89), "none was read": np.zeros(0), "hat": np.array([0.99])}
    found = find_certain(NearestDigit(pictures, np.arange(9)), 0.9, others, trusts)  # type: ignore[arg-type]
    assert [(each["image"][0, 0], each["predicted"], each["probability"]) for each in found] == [(8, 8, 0.99), (2, 2, 0.95)]


def test_evaluates_a_folder(few: Dataset, tmp_path: Path) -> None:
    folder, out_dir = tiny_model.write(tmp_path / "model", trust=True), tmp_path / "out"
    evaluation = evaluate(load("digits"), folder, few.test, out_dir)
    assert json.loads((out_dir / "evaluation.json").read_text()) == evaluation
    assert evaluation["images"] == 12
    assert evaluation["model"]["sha256"] == json.loads((folder / "manifest.json").read_text())["sha256"]
    assert np.sum(evaluation["confusion_matrix"]) == 12
    assert list(evaluation["robustness"]) == list(ROWS)
    assert 0 < evaluation["trust"]["others"] <= 12 * len(HELD_OUT)  # no more of a kind than there are digits
    assert (out_dir / "evaluation.html").stat().st_size > 10_000
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "model.onnx"]
