"""The jobs one after the other, each on what the one before it left, as SageMaker mounts it."""

import hashlib
import io
import json
import shutil
import sys
import tarfile
from pathlib import Path

import pytest

from recipes.models.archive import pack, pack_folder
from training.steps.__main__ import main

DATA = Path(__file__).resolve().parents[3] / "recipes/salary/data.csv"
HYPERPARAMETERS = {"recipe": "salary", "candidate": "linear", "trainer": "linear", "candidates": "linear", "seed": "3"}


def test_one_step_takes_what_the_other_made_until_a_model_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tmp_path / "ml"
    inputs, outputs = base / "processing/input", base / "processing/output"
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(base))

    def run(*words: str) -> None:
        monkeypatch.setattr(sys, "argv", ["training.steps", *words])
        assert main() == 0

    (inputs / "raw").mkdir(parents=True)
    shutil.copy(DATA, inputs / "raw")
    run("prepare", "--recipe", "salary", "--candidates", "linear")

    for name in ("train", "validation"):
        shutil.copytree(outputs / name, base / "input/data" / name)
    hyperparameters = {**HYPERPARAMETERS, "num_models": "2", "loss": '"absolute_loss"', "epochs": "300"}
    (base / "input/config").mkdir(parents=True)
    (base / "input/config/hyperparameters.json").write_text(json.dumps(hyperparameters))
    run("train")

    for name, archive in {"linear": pack_folder(base / "model"), "other": pack({"skipped.json": b"{}"})}.items():
        (inputs / "candidates" / name).mkdir(parents=True)
        (inputs / "candidates" / name / "model.tar.gz").write_bytes(archive)
    for name in ("validation", "test"):
        shutil.copytree(outputs / name, inputs / name)
    monkeypatch.setenv("INFERSTACK_BUCKETS_DIR", str(tmp_path))
    call = "inferstack pipeline run salary --folder 'my models'"
    evaluate = ("evaluate", "--recipe", "salary", "--archive-url", "s3://dump/best/model.tar.gz", "--call", call, "--parameter", "Limit=0")
    run(*evaluate)
    archive = (tmp_path / "dump/best/model.tar.gz").read_bytes()
    run(*evaluate)  # as SageMaker repeats a job
    assert (tmp_path / "dump/best/model.tar.gz").read_bytes() == archive
    for page in ("linear", "champion"):
        assert "The axes are the same for each model" in (outputs / "evaluation" / page / "evaluation.html").read_text()
    for page in ("index.html", "linear/evaluation.html", "test/evaluation.html"):
        assert (
            "<code>inferstack pipeline run salary --folder &#39;my models&#39; -s Limit=0</code>"
            in (outputs / "evaluation" / page).read_text()
        )

    evaluation = outputs / "evaluation"
    summary = json.loads((evaluation / "evaluation.json").read_text())
    assert (summary["best"]["name"], summary["metric"], list(summary["candidates"])) == ("linear", "r2", ["linear"])
    assert summary["improvement"] == round(summary["best"]["score"] - summary["champion"]["score"], 5) == summary["most_improvement"]
    assert summary["row_margin"] == 0
    assert {each["parameter"]: float(each["measured"]) for each in summary["conditions"]} == {
        "Threshold": round(summary["best"]["score"], 4),
        "MinimumImprovement": round(summary["most_improvement"], 4),
    }
    assert set(json.loads((evaluation / "statistics.json").read_text())) == {"regression_metrics"}
    assert {"index.html", "linear/evaluation.html", "champion/evaluation.html", "test/evaluation.html"} <= {
        str(path.relative_to(evaluation)) for path in evaluation.rglob("*.html")
    }
    with tarfile.open(tmp_path / "dump/best/model.tar.gz") as packed:
        text = (packed.extractfile("manifest.json") or io.BytesIO()).read()
    assert summary["best"]["manifest_sha256"] == hashlib.sha256(text).hexdigest()  # what the registry will hold the server to
    manifest = json.loads(text)
    assert manifest["metrics"]["r2"] == summary["best"]["test_score"]  # the model travels with its figures of the test split
    assert summary["best"]["score"] == json.loads((evaluation / "linear/evaluation.json").read_text())["r2"]  # chosen on validation
    assert manifest["version"] == summary["best"]["version"]
