"""The model of photos that ships is what its files say: small, of drawn pictures, and as good on them as they say."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

import numpy as np

from recipes.dataset import load as load_data
from recipes.natural_images.recipe import RECIPE
from training.artifact import read_model
from training.metrics.scores import score_labels
from training.train import describe_signature

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "recipes/natural_images/pretrained"
MOST_BYTES = 1_000_000  # in git


def test_the_manifest_describes_this_file_and_this_data() -> None:
    (model, manifest), data = read_model(FOLDER), load_data("natural_images")
    content = (FOLDER / "model.onnx").read_bytes()
    assert manifest["sha256"] == hashlib.sha256(content).hexdigest() == model.sha256
    assert manifest["size_bytes"] == len(content) < MOST_BYTES
    assert {name: manifest[name] for name in ("input", "output")} == describe_signature(RECIPE, data.train.inputs)
    provenance = manifest["provenance"]
    assert provenance["data_sha256"] == data.sha256
    assert provenance["hyperparameters"] == RECIPE.find_candidate(manifest["name"]).hyperparameters
    assert provenance["first_weights"] == "random"
    card = (FOLDER.parent / "README.md").read_text()
    assert manifest["version"] in card
    assert f"{manifest['size_bytes']:,} bytes" in card


def test_was_made_from_a_commit_that_is_there() -> None:
    commit = read_model(FOLDER)[1]["provenance"]["commit"]
    assert re.fullmatch("[0-9a-f]{40}", commit)
    shallow = subprocess.run(["git", "rev-parse", "--is-shallow-repository"], cwd=ROOT, capture_output=True, text=True, check=False)
    if shallow.stdout.strip() == "false":
        assert subprocess.run(["git", "merge-base", "--is-ancestor", commit, "HEAD"], cwd=ROOT, check=False).returncode == 0


def test_is_as_good_as_it_says_on_pictures_that_it_was_not_fitted_on() -> None:
    (model, manifest), test = read_model(FOLDER), load_data("natural_images").test
    evaluation = json.loads((FOLDER / "evaluation.json").read_text())
    found = score_labels(model.predict(test.inputs), test.targets)
    assert found["accuracy"] >= RECIPE.threshold
    assert found["accuracy"] == evaluation["accuracy"] == manifest["metrics"]["accuracy"]
    assert found["confusion_matrix"] == evaluation["confusion_matrix"]
    assert f"| accuracy | {found['accuracy']:.1%} |" in (FOLDER.parent / "README.md").read_text()


def test_knows_the_golden_pictures() -> None:
    model, _ = read_model(FOLDER)
    for case in json.loads((FOLDER.parent / "golden/cases.json").read_text()):
        seen = np.frombuffer(RECIPE.from_image((FOLDER.parent / "golden" / case["file"]).read_bytes()), np.uint8)
        assert RECIPE.labels[model.predict(seen.reshape(1, *RECIPE.instance_shape)).argmax()] == case["label"], case["file"]
