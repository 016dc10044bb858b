"""The whole pipeline on a few photos without a stack: from a zip with broken files to a version that can be approved."""

import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from pipeline.runner.offline import build_execution
from recipes.natural_images.generate import draw_files


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in draw_files(8):
            archive.writestr(f"data/{name}", content)
        archive.writestr("data/natural_images/cat/torn.jpg", b"\xff\xd8\xff\xe0 no picture")
    return path


def test_a_zip_of_photos_becomes_a_version(photos: Path, tmp_path: Path) -> None:
    parameters = {"Candidates": "densenet_small", "Threshold": "0", "MinimumImprovement": "-1", "MinimumRowImprovement": "-1"}
    folder = tmp_path / "s3"
    execution = build_execution("natural_images", folder, data=photos, parameters=parameters, cached=False)
    assert execution.run() == "Succeeded", execution.reason
    (dataset,) = folder.rglob("dataset.json")
    about = json.loads(dataset.read_text())
    assert sum(about["instances"].values()) == 8 * 8
    assert all(count >= 7 for count in about["instances"].values())
    assert list(about["left_out"]) == ["data/natural_images/cat/torn.jpg"]
    (package,) = folder.glob("model-packages/*/1.json")
    url = json.loads(package.read_text())["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    with tarfile.open(folder / url.removeprefix("s3://")) as archive:
        file = archive.extractfile("manifest.json")
        assert file is not None
        manifest = json.load(file)
    assert manifest["input"]["shape"] == [224, 224, 3]
    assert set(manifest["metrics"]["robustness"]) >= {"clean", "grey", "turned"}
    assert (next(folder.rglob("densenet_small/evaluation-predictions.png"))).stat().st_size > 10_000
