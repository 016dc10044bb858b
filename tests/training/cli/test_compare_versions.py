"""`inferstack models compare`: the models of two versions, fetched and measured here."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tiny_model
from tests.moto_aws import empty_account
from tests.unit.cli.models_world import ModelsWorld


@pytest.fixture
def world() -> Iterator[ModelsWorld]:
    with empty_account():
        yield ModelsWorld()


def add_model(tmp_path: Path, world: ModelsWorld, version: int) -> None:
    """Register a version that has a model."""
    folder, packed, key = tiny_model.write(tmp_path / str(version)), io.BytesIO(), f"models/{version}/model.tar.gz"
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for file in ("model.onnx", "manifest.json"):
            tar.add(folder / file, file)
    world.dump.put(key, packed.getvalue())
    types = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["application/json"]}
    world.group.add(version, InferenceSpecification={"Containers": [{"Image": "any", "ModelDataUrl": f"s3://dump/{key}"}], **types})


def test_compares_two_versions_as_they_would_serve(world: ModelsWorld, tmp_path: Path) -> None:
    for version in (1, 2):
        add_model(tmp_path, world, version)
    page = tmp_path / "1-2.html"
    comparison = world.read("compare", "1", "2", "--limit", "100", "--out", str(page))
    assert list(comparison["models"]) == ["version 1", "version 2"]
    assert (comparison["rows"], comparison["disagreement"]["differ"], comparison["report"]) == (100, 0, str(page))
    assert "Which class is taken for which: version 2" in page.read_text()
    assert "disagree on 0" in world.run("compare", "1", "2", "--limit", "100", "--out", str(page)).stdout


def test_compares_a_version_with_the_shipped_model(world: ModelsWorld, tmp_path: Path) -> None:
    add_model(tmp_path, world, 1)
    page = tmp_path / "1.html"
    comparison = world.read("compare", "shipped", "1", "--limit", "100", "--out", str(page))
    assert list(comparison["models"]) == ["shipped", "version 1"]
    assert comparison["models"]["shipped"]["accuracy"] > 0.9


def test_says_which_version_has_no_archive(world: ModelsWorld, tmp_path: Path) -> None:
    add_model(tmp_path, world, 1)
    world.group.add(2)
    assert "version 2 names no model.tar.gz" in world.run("compare", "1", "2").stderr
