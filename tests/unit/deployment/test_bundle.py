import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from deployment import bundle, model_archive
from deployment.bundle import Bundle
from deployment.paths import ROOT
from recipes.archive import pack
from recipes.errors import InvalidArtifact, NotBuilt


def test_names_a_bundle_after_what_goes_into_it() -> None:
    here = Bundle("predict", ("recipes",), "3.13", "arm64", "predict")
    assert here.path == Bundle("predict", ("recipes",), "3.13", "arm64", "predict").path
    others = {
        Bundle("predict", *rest).path
        for rest in (
            (("recipes",), "3.12", "arm64", "predict"),
            (("recipes",), "3.13", "x86_64", "predict"),
            ((), "3.13", "arm64", "predict"),
            (("recipes",), "3.13", "arm64", ""),
        )
    }
    assert len(others | {here.path}) == 5


def test_leaves_out_what_a_function_never_runs() -> None:
    names = {str(path.relative_to(ROOT)) for path in bundle.sources(ROOT / "recipes")}
    assert "recipes/digits/transform.py" in names
    assert not [name for name in names if name.endswith((".onnx", ".md", ".pyc", ".png")) or "dataset" in name or "golden" in name]


def test_names_the_command_that_builds_a_missing_bundle() -> None:
    with pytest.raises(NotBuilt, match=r"python -m deployment\.bundle --python 3\.12 --architecture arm64"):
        bundle.built(Bundle("predict", (), "3.12", "arm64", "predict"))


def test_packs_a_model_into_the_same_bytes_each_time() -> None:
    members = {"model.onnx": b"any model", "manifest.json": b"{}"}
    archive = pack(members)
    assert archive == pack(dict(reversed(members.items())))
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        assert {entry.name: (tar.extractfile(entry) or BytesIO()).read() for entry in tar} == members
        assert {(entry.mtime, entry.uid, entry.uname) for entry in tar} == {(0, 0, "")}


def test_says_how_to_get_a_missing_model(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"any model")
    with pytest.raises(InvalidArtifact, match=r"has no manifest\.json"):
        model_archive.build("digits", str(tmp_path))
