"""A short training run of each candidate gives a folder that keeps the artefact's contract."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from recipes.dataset import Dataset
from recipes.errors import InvalidSettings
from recipes.models import artifact
from recipes.recipe import load
from serving.inference.engine import Engine
from training import train as training
from training.artifact import OnnxModel
from training.drawings.robustness import ROWS
from training.trainers import cnn_trainer, fit

RECIPE = load("digits")
SHORT = {
    "cnn": {
        "epochs": 1,
        "width": 4,
        "batch_size": 64,
        "tune_steps": 2,
        "drawn_in_batch": 4,
        "judge_steps": 2,
        "sent_digits": 40,
        "drawn_digits": 30,
        "drawn_looks": 20,
        "drawn_others": 40,
        "drawn_arrays": 10,
    },
    "xgboost": {"rounds": 2, "max_depth": 3},
    "xgboost_tuned": {"rounds": 2, "max_depth": 3},
}


def short(name: str) -> Any:
    candidate = RECIPE.find_candidate(name)
    return candidate._replace(hyperparameters={**candidate.hyperparameters, **SHORT[name]})


@pytest.fixture(scope="session", params=[candidate.name for candidate in RECIPE.candidates])
def trained(request: pytest.FixtureRequest, few: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, dict[str, Any]]:
    """A candidate's name, its folder and the manifest that training returned."""
    out_dir = tmp_path_factory.mktemp("artifacts") / "new" / request.param
    return request.param, out_dir, training.train(RECIPE, short(request.param), few, out_dir, seed=3)


def test_the_manifest_keeps_the_contract(trained: tuple[str, Path, dict[str, Any]], few: Dataset) -> None:
    name, folder, manifest = trained
    assert json.loads((folder / "manifest.json").read_text()) == manifest
    sha256 = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    assert {key: value for key, value in manifest.items() if key not in {"metrics", "provenance"}} == {
        "schema": 1,
        "recipe": "digits",
        "name": name,
        "version": f"1.0.0+{sha256[:8]}",
        "labels": list(range(10)),
        "input": {"name": "pixels", "dtype": "uint8", "shape": [28, 28]},
        "output": {"name": "probabilities", "kind": "classification", **({"trust": manifest["output"]["trust"]} if name == "cnn" else {})},
        "sha256": sha256,
        "size_bytes": (folder / "model.onnx").stat().st_size,
    }
    assert set(manifest["metrics"]) == {"accuracy", "robustness", "calibration", "onnx_against_native"} | (
        {"trust"} if name == "cnn" else set()
    )
    assert set(manifest["metrics"]["robustness"]) == set(ROWS)
    assert manifest["metrics"]["onnx_against_native"]["label_agreement"] == 1
    provenance = manifest["provenance"]
    assert provenance["seed"] == 3
    assert provenance["command"] == f"inferstack train digits --candidate {name} --seed 3"
    assert provenance["hyperparameters"] == short(name).hyperparameters
    assert provenance["data_sha256"] == few.sha256
    assert provenance["images"] == {"train": 150, "validation": 50}
    assert 0 <= provenance["duration_s"] < 60  # in tenths: so few images may take none
    assert {"commit", "trained_at", "machine", "packages"} <= set(provenance)


def test_the_graph_keeps_the_contract(trained: tuple[str, Path, dict[str, Any]]) -> None:
    name, folder, _ = trained
    model = onnx.load(folder / "model.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert all(13 <= opset.version <= 21 for opset in model.opset_import if opset.domain == "")
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    (given,), (answered, *others) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.type, given.shape[1:]) == ("pixels", "tensor(uint8)", [28, 28])
    assert (answered.name, answered.type, answered.shape[1:]) == ("probabilities", "tensor(float)", [10])
    assert [other.name for other in others] == (["trust"] if name == "cnn" else [])
    for count in (1, 3):
        probabilities, *trust = session.run(None, {"pixels": np.full((count, 28, 28), 255, np.uint8)})
        assert probabilities.shape == (count, 10)
        np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
        assert all(each.shape == (count,) and (each <= probabilities.max(1)).all() for each in trust)
    served = Engine(artifact.load(folder), "cpu")
    served.warm_up()
    assert served.predict(np.zeros((2, 28, 28), np.uint8)).shape == (2, 10 + len(others))


def test_goes_on_from_a_models_weights(trained: tuple[str, Path, dict[str, Any]], few: Dataset, tmp_path: Path) -> None:
    name, folder, manifest = trained
    if name != "cnn":
        with pytest.raises(InvalidSettings, match=f"{name} cannot go on from a model"):
            training.train(RECIPE, short(name), few, tmp_path, start=folder)
        return
    unchanged = short(name)._replace(hyperparameters={**short(name).hyperparameters, "tune_steps": 0})
    again = training.train(RECIPE, unchanged, few, tmp_path, start=folder)
    assert again["provenance"]["start"] == {"version": manifest["version"], "sha256": manifest["sha256"]}
    labels = [OnnxModel((each / "model.onnx").read_bytes()).predict(few.test.inputs).argmax(1).tolist() for each in (folder, tmp_path)]
    assert labels[0] == labels[1]


def test_refits_on_both_splits_with_what_was_chosen_on_one(
    trained: tuple[str, Path, dict[str, Any]], few: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _, manifest = trained
    calibrate, calibrated = cnn_trainer.calibrate, []
    monkeypatch.setattr(cnn_trainer, "calibrate", lambda network, *rest: calibrated.append(network) or calibrate(network, *rest))
    again = training.train(RECIPE, short(name), few, tmp_path, seed=3, refit_on_all=True)
    assert again["provenance"]["command"] == f"{manifest['provenance']['command']} --refit"
    assert again["output"] == manifest["output"]
    assert again["sha256"] != manifest["sha256"]
    # The first network alone: the second has seen the split it would be calibrated on.
    assert len(calibrated) == (1 if name == "cnn" else 0)
    both = fit(RECIPE, short(name), few.train + few.validation, few.validation, seed=3, progress=lambda *_: None)
    answers = OnnxModel((tmp_path / "model.onnx").read_bytes()).predict(few.test.inputs)
    assert answers.argmax(1).tolist() == both.predict(few.test.inputs).argmax(1).tolist()


def test_the_evaluation_is_this_models(trained: tuple[str, Path, dict[str, Any]]) -> None:
    name, folder, manifest = trained
    evaluation = json.loads((folder / "evaluation.json").read_text())
    assert evaluation["model"] == {"name": name, "version": manifest["version"], "sha256": manifest["sha256"]}
    assert evaluation["robustness"] == manifest["metrics"]["robustness"]
    assert evaluation["accuracy"] == manifest["metrics"]["accuracy"]
    assert (folder / "evaluation.html").is_file()


@pytest.mark.parametrize("name", [candidate.name for candidate in RECIPE.candidates])
def test_the_same_seed_gives_the_same_answers_and_progress_is_told(few: Dataset, name: str) -> None:
    told: list[tuple[int, int, str]] = []
    one = fit(RECIPE, short(name), few.train, few.validation, seed=1, progress=lambda *step: told.append(step))
    other = fit(RECIPE, short(name), few.train, few.validation, seed=1, progress=lambda *_: None)
    np.testing.assert_allclose(one.predict(few.test.inputs), other.predict(few.test.inputs), atol=1e-5)
    assert told[-1][0] == told[-1][1]
    assert all(words for _, _, words in told)


def test_trees_learn(mnist: Dataset) -> None:
    """Far from good on so few images, and far from guessing, which is right one time in ten."""
    fitted, test = (
        fit(RECIPE, short("xgboost"), mnist.train.head(400), mnist.validation.head(200), seed=0, progress=lambda *_: None),
        mnist.test.head(300),
    )
    assert (fitted.predict(test.inputs).argmax(1) == test.targets).mean() > 0.4
