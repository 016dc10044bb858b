"""The data that training begins with: what is missing, broken or left out is said before anything is trained."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli.training.inputs import is_trained_on, load_dataset, read_test_share
from recipes.dataset import Dataset, Split
from recipes.errors import InvalidSettings

NOTHING = Split(np.zeros((0, 1)), np.zeros(0))


def leave_out(monkeypatch: pytest.MonkeyPatch, left_out: dict[str, str]) -> None:
    monkeypatch.setattr("recipes.dataset.load", lambda *_, **__: Dataset(NOTHING, NOTHING, NOTHING, {}, left_out=left_out))


def test_names_the_first_files_that_are_left_out_and_counts_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leave_out(monkeypatch, {f"cat/[{at}].jpg": "the JPEG is damaged" for at in range(1200)})
    load_dataset("any", None)
    said = " ".join(capsys.readouterr().err.split())
    assert said.startswith("1,200 files are left out: cat/[0].jpg: the JPEG is damaged; cat/[1].jpg")
    assert said.endswith("and 1,195 more")
    assert "cat/[5]" not in said


def test_counts_one_file_as_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    leave_out(monkeypatch, {"cat/a.jpg": "the JPEG is damaged"})
    load_dataset("any", None)
    assert " ".join(capsys.readouterr().err.split()) == "1 file is left out: cat/a.jpg: the JPEG is damaged"


def test_says_nothing_where_nothing_is_left_out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    leave_out(monkeypatch, {})
    load_dataset("any", None)
    assert not capsys.readouterr().err.strip()


def test_a_model_is_measured_on_the_share_that_its_manifest_names(tmp_path: Path) -> None:
    assert read_test_share(tmp_path) is None
    for provenance, share in (({}, None), ({"test_share": 0.3}, 0.3)):
        (tmp_path / "manifest.json").write_text(json.dumps({"provenance": provenance}))
        assert read_test_share(tmp_path) == share


@pytest.mark.parametrize(
    ("provenance", "expected"),
    [
        ({"data_sha256": {"data.csv": "ab"}, "command": "inferstack train any --seed 0"}, True),
        ({"data_sha256": {"data.csv": "ab"}, "command": "inferstack train any --limit 100"}, False),
        ({"data_sha256": {"data.csv": "cd"}, "command": "inferstack train any"}, False),
        ({"data_sha256": {"data.csv": "ab"}}, False),
        ({}, False),
    ],
)
def test_knows_by_the_manifest_whether_a_model_learned_from_these_rows(provenance: dict[str, Any], expected: bool, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"provenance": provenance}))
    assert is_trained_on(tmp_path, Dataset(NOTHING, NOTHING, NOTHING, {"data.csv": "ab"})) is expected


@pytest.mark.parametrize("recipe", ["salary", "digits"])
def test_a_share_that_cannot_be_is_a_wrong_call(recipe: str) -> None:
    with pytest.raises(InvalidSettings, match=r"share|in one way"):
        load_dataset(recipe, None, test_share=1.5 if recipe == "salary" else 0.5)
