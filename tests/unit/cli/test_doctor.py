"""`inferstack doctor` and the models that the recipes ship."""

import hashlib
import json
from pathlib import Path

import pytest

from cli.doctor.machine_checks import check_model
from recipes.recipe import list_names


@pytest.mark.parametrize("name", list_names())
def test_finds_the_shipped_model_of_every_recipe_intact(name: str) -> None:
    finding = check_model(name)
    assert (finding.ok, finding.name) == (True, f"model of {name}"), finding.found


@pytest.mark.parametrize(
    ("manifest", "found"),
    [
        ({"name": "cnn", "version": "1", "sha256": "0" * 64}, "does not have the digest"),
        ({"name": "cnn", "version": "1"}, "sha256"),
        ([], "list indices"),
        (None, "No such file"),
    ],
)
def test_says_how_to_get_a_broken_model_back(tmp_path: Path, manifest: object, found: str) -> None:
    folder = tmp_path / "letters/pretrained"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"model")
    if manifest is not None:
        (folder / "manifest.json").write_text(json.dumps(manifest))
    finding = check_model("letters", tmp_path)
    assert (finding.ok, finding.fix) == (False, "git checkout -- recipes/letters/pretrained")
    assert found in finding.found


def test_says_how_a_recipe_that_was_never_trained_gets_its_model(tmp_path: Path) -> None:
    finding = check_model("letters", tmp_path)
    assert (finding.ok, finding.found) == (False, "not trained yet")
    assert finding.fix == "inferstack train letters --out recipes/letters/pretrained"  # git knows nothing of it


def test_names_the_version_of_an_intact_model(tmp_path: Path) -> None:
    folder = tmp_path / "letters/pretrained"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"model")
    digest = hashlib.sha256(b"model").hexdigest()
    (folder / "manifest.json").write_text(json.dumps({"name": "cnn", "version": "1.2.3", "sha256": digest}))
    assert check_model("letters", tmp_path).found == "cnn 1.2.3"
