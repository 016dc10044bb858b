"""The pipeline's jobs, called as their container's command would, in a folder that stands for /opt/ml."""

import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recipes.archive import pack, pack_folder
from recipes.dataset import Dataset, load, read_split
from recipes.recipe import load as load_recipe
from stacks import training_source
from stacks.paths import ROOT
from training import bootstrap, statistics
from training.steps import __main__ as steps
from training.steps import evaluate, prepare
from training.steps import train as train_step

SALARY = load_recipe("salary")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path / "ml"))
    return tmp_path / "ml"


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["training.steps", *words])
    return steps.main()


def mounted(base: Path, **hyperparameters: str) -> None:
    """Put a training job's inputs where SageMaker would."""
    for name in ("train", "validation"):
        folder = base / "input/data" / name
        folder.mkdir(parents=True)
        for file in (base / "processing/output" / name).iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
    (base / "input/config").mkdir(parents=True)
    given = {"recipe": "salary", "candidate": "linear", "trainer": "linear", "candidates": "linear", "seed": "0", **hyperparameters}
    (base / "input/config/hyperparameters.json").write_text(json.dumps(given))


def test_a_table_goes_from_raw_to_the_best_candidate(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = base / "processing/input/raw"
    raw.mkdir(parents=True)
    (raw / "data.csv").write_bytes((ROOT / "recipes/salary/data.csv").read_bytes())
    assert run(monkeypatch, "prepare", "--recipe", "salary", "--candidates", "linear") == 0
    about = json.loads((base / "processing/output/about/dataset.json").read_text())
    assert about["instances"] == {"train": 18, "validation": 6, "test": 6}
    assert len(about["sha256"]) == 64

    mounted(base, num_models="32", loss='"absolute_loss"', epochs="30")
    assert run(monkeypatch, "train") == 0
    manifest = json.loads((base / "model/manifest.json").read_text())
    assert manifest["provenance"]["hyperparameters"] == {"num_models": 32, "loss": "absolute_loss", "epochs": 30}
    assert set(manifest["provenance"]["data_sha256"]) == {"train/data.rec", "validation/data.rec"}

    candidates = base / "processing/input/candidates"
    for name, content in {"linear": pack_folder(base / "model"), "other": pack({"skipped.json": b"{}"})}.items():
        (candidates / name).mkdir(parents=True)
        (candidates / name / "model.tar.gz").write_bytes(content)
    (base / "processing/input/test").mkdir()
    for file in (base / "processing/output/test").iterdir():
        (base / "processing/input/test" / file.name).write_bytes(file.read_bytes())
    assert run(monkeypatch, "evaluate", "--recipe", "salary") == 0
    out = base / "processing/output"
    summary = json.loads((out / "evaluation/evaluation.json").read_text())
    assert (summary["best"]["name"], summary["metric"], list(summary["candidates"])) == ("linear", "r2", ["linear"])
    assert summary["improvement"] == pytest.approx(summary["best"]["score"] - summary["champion"]["score"])
    assert {"index.html", "statistics.json", "linear", "champion"} <= {path.name for path in (out / "evaluation").iterdir()}
    with tarfile.open(out / "model/model.tar.gz") as packed:
        told = json.load(packed.extractfile("manifest.json") or io.BytesIO())
    assert told["metrics"]["r2"] == summary["best"]["score"]


def test_a_candidate_nobody_asked_for_leaves_word_instead_of_a_model(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (base / "input/config").mkdir(parents=True)
    given = {"recipe": "salary", "candidate": "linear", "trainer": "linear", "candidates": "a, b", "seed": "0"}
    (base / "input/config/hyperparameters.json").write_text(json.dumps(given))
    assert run(monkeypatch, "train") == 0
    assert [path.name for path in (base / "model").iterdir()] == ["skipped.json"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("prepare", "--recipe", "salary", "--candidates", "lineer"), "salary has no candidate 'lineer'; it has linear"),
        (("prepare", "--recipe", "salary"), "data.csv"),
        (("evaluate", "--recipe", "salary"), "no candidate made a model"),
    ],
)
def test_leaves_the_reason_where_sagemaker_looks(base: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], reason: str) -> None:
    (base / "processing/input/raw").mkdir(parents=True)
    assert run(monkeypatch, *words) == 1
    for name in ("failure", "message"):
        assert reason in (base / "output" / name).read_text()


def test_knows_its_steps(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "tune") == 2
    assert "expected one of prepare, train, evaluate" in capsys.readouterr().err


def test_the_digest_is_of_the_data_and_of_nothing_else() -> None:
    data = load("salary")
    again = Dataset(data.train, data.validation, data.test, {"another": "file"})
    moved = Dataset(data.train, data.test, data.validation, data.sha256)
    digests = [prepare.describe("salary", each)["sha256"] for each in (data, again, moved)]
    assert digests[0] == digests[1] != digests[2]


def test_pictures_are_kept_as_npy(base: Path, few: Dataset) -> None:
    from training.steps import layout

    layout.write_split(load_recipe("digits"), few.test, base / "test")
    np.testing.assert_array_equal(read_split(base / "test").inputs, few.test.inputs)


def evaluation(score: float) -> dict[str, Any]:
    return {"r2": score, "model": {"version": f"v{score}"}, "latency_ms": {"1": 0.1}}


@pytest.mark.parametrize(("best", "champion", "improvement"), [(0.996, 0.996, 0.0), (0.9, 0.95, -0.05), (0.3, 0.1, 0.2)])
def test_improvement_is_exact_where_scores_are_rounded(best: float, champion: float, improvement: float) -> None:
    found = evaluate.summarize(SALARY, {"a": evaluation(best), "b": evaluation(best - 0.1), "champion": evaluation(champion)})
    assert (found["best"]["name"], found["improvement"]) == ("a", improvement)


def test_the_first_model_of_all_improves_on_nothing() -> None:
    found = evaluate.summarize(SALARY, {"a": evaluation(0.7)})
    assert (found["champion"], found["improvement"]) == (None, 0.7)


def test_says_quality_as_the_registry_draws_it() -> None:
    digits = {"accuracy": 0.9, "confusion_matrix": np.eye(10, dtype=int).tolist()}
    found = statistics.model_quality(load_recipe("digits"), digits)["multiclass_classification_metrics"]
    assert found["accuracy"] == {"value": 0.9, "standard_deviation": "NaN"}
    assert found["confusion_matrix"]["3"]["3"] == 1
    assert set(statistics.model_quality(SALARY, {"r2": 0.9, "mae": 1.0, "rmse": 2.0})["regression_metrics"]) == {"r2", "mae", "rmse"}


def test_tells_progress_at_most_once_a_second_and_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    log = train_step.Log("any")
    for done in range(1, 101):
        log(done, 100, "loss 0.5")
    assert capsys.readouterr().out.splitlines() == ["any 1/100 loss 0.5", "any 100/100 loss 0.5"]


def test_installs_only_what_is_missing() -> None:
    pins = ("numpy==0.0.1", "no-such-package==1.0", "windows-only==1 ; sys_platform == 'win32'")
    lock = "".join(f"{pin} \\\n    --hash=sha256:00\n" for pin in pins)
    assert bootstrap.missing(lock) == ["numpy", "no-such-package"]
    assert bootstrap.missing((ROOT / "requirements/training.txt").read_text()) == []


def test_packs_the_same_bytes_each_time_with_all_that_jobs_run() -> None:
    path = training_source.build()
    assert training_source.build() == path
    with zipfile.ZipFile(path) as packed:
        names = set(packed.namelist())
    assert {"__main__.py", "training/steps/train.py", "recipes/salary/data.csv", "requirements/training.txt"} <= names
    assert "recipes/digits/pretrained/model.onnx" in names
    assert not [name for name in names if "golden" in name or name.startswith(("tests", "stacks", ".")) or name.endswith(".pyc")]


def test_packs_nothing_that_hides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "recipes/a.py",
        "recipes/.secret",
        "recipes/.cache/b",
        "training/bootstrap.py",
        "training/__pycache__/c.pyc",
        "requirements/training.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("any")
    monkeypatch.setattr(training_source, "ROOT", tmp_path)
    monkeypatch.setattr(training_source, "BUILD", tmp_path / "build")
    with zipfile.ZipFile(training_source.build()) as packed:
        assert sorted(packed.namelist()) == ["__main__.py", "recipes/a.py", "requirements/training.txt", "training/bootstrap.py"]
