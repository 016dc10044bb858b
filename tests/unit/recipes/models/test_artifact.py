import gzip
import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest

from recipes.errors import InvalidArtifact
from recipes.models import archive, artifact
from recipes.models.archive import pack
from recipes.models.model_files import MEMBERS
from recipes.recipe import load
from tests import tiny_model


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small model that keeps the contract."""
    return tiny_model.write(tmp_path_factory.mktemp("model"))


def test_loads_a_model_whose_digest_matches(model_dir: Path) -> None:
    loaded = artifact.load(model_dir)
    assert loaded.model == (model_dir / "model.onnx").read_bytes()
    assert loaded.manifest.name == "tiny"
    assert loaded.manifest.labels == tuple(range(10))
    assert loaded.manifest.input_shape == (28, 28)
    assert loaded.manifest.instance_size == 784
    assert loaded.manifest.text == (model_dir / "manifest.json").read_bytes()


def test_refuses_a_model_that_was_changed(tmp_path: Path) -> None:
    tiny_model.write(tmp_path)
    model = bytearray((tmp_path / "model.onnx").read_bytes())
    model[len(model) // 2] ^= 1
    (tmp_path / "model.onnx").write_bytes(model)
    with pytest.raises(InvalidArtifact, match="sha256"):
        artifact.load(tmp_path)


@pytest.mark.parametrize("name", ["model.onnx", "manifest.json"])
def test_names_the_file_that_is_missing(tmp_path: Path, name: str) -> None:
    tiny_model.write(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(InvalidArtifact, match=name):
        artifact.load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema": 2}, "schema"),
        ({"labels": []}, "labels"),
        ({"labels": [True]}, "labels"),
        ({"labels": "0123456789"}, "labels"),
        ({"name": None}, "name"),
        ({"sha256": "abc"}, "sha256"),
        ({"sha256": "AB" * 32}, "in small letters"),
        ({"input": {"name": "pixels", "dtype": "float64", "shape": [28, 28]}}, "feeds uint8 or float32"),
        ({"input": {"name": "pixels", "dtype": "uint8", "shape": [28, 0]}}, "shape"),
        ({"input": {"name": "pixels", "dtype": "uint8", "shape": []}}, "shape"),
        ({"input": {"dtype": "uint8", "shape": [28, 28]}}, "input.name"),
        ({"output": {"name": "probabilities", "kind": "ranking"}}, "answers classification or regression"),
        ({"output": {"name": "values", "kind": "regression"}}, "a regression has none"),
        ({"output": {"name": "values", "kind": "regression", "trust": {"certain": 0.9, "digit": 0.1}}, "labels": []}, "a classification's"),
        ({"output": {"name": "probabilities", "kind": "classification", "trust": {"certain": 0.9}}}, "certain and digit"),
        ({"output": {"name": "probabilities", "kind": "classification", "trust": {"certain": 0.1, "digit": 0.9}}}, "at least digit"),
        ({"output": {"name": "probabilities", "kind": "classification", "trust": {"certain": True, "digit": 2}}}, "from 0 to 1"),
    ],
)
def test_names_the_field_that_is_wrong(changes: dict[str, object], said: str) -> None:
    text = json.dumps(tiny_model.manifest(b"any model", **changes)).encode()
    with pytest.raises(InvalidArtifact, match=said):
        artifact.parse_manifest(text)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"recipe": "salary"}, "recipe is 'salary'; the recipe digits has 'digits'"),
        ({"labels": [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]}, r"labels is \[1, 2, 3, 4, 5, 6, 7, 8, 9, 0\]; the recipe digits has \[0, 1,"),
        ({"labels": [str(label) for label in range(10)]}, "labels is"),
        ({"input": {"name": "pixels", "dtype": "float32", "shape": [28, 28]}}, "input.dtype is 'float32'"),
        ({"input": {"name": "pixels", "dtype": "uint8", "shape": [784]}}, r"input.shape is \[784\]"),
        ({"output": {"name": "values", "kind": "regression"}, "labels": []}, "output.kind is 'regression'"),
    ],
)
def test_says_what_is_not_the_recipes(changes: dict[str, object], said: str) -> None:
    digits = load("digits")
    artifact.check_recipe(artifact.parse_manifest(json.dumps(tiny_model.manifest(b"any model")).encode()), digits)
    manifest = artifact.parse_manifest(json.dumps(tiny_model.manifest(b"any model", **changes)).encode())
    with pytest.raises(InvalidArtifact, match=said):
        artifact.check_recipe(manifest, digits)


def test_says_whose_a_model_of_another_recipe_is() -> None:
    manifest = artifact.parse_manifest(json.dumps(tiny_model.manifest(b"any model", recipe="salary")).encode())
    with pytest.raises(InvalidArtifact) as refused:
        artifact.check_recipe(manifest, load("digits"))
    assert refused.value.advice.startswith("Name the model's recipe (`-c recipe=NAME` with up, synth and cdk deploy), or the folder")


def test_says_how_labels_are_written_as_the_recipe_has_them() -> None:
    as_texts = [str(label) for label in range(10)]
    manifest = artifact.parse_manifest(json.dumps(tiny_model.manifest(b"any model", labels=as_texts)).encode())
    with pytest.raises(InvalidArtifact) as refused:
        artifact.check_recipe(manifest, load("digits"))
    assert "numbers without quotes" in refused.value.advice


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"\xff\xfe"])
def test_refuses_a_manifest_that_is_no_object(text: bytes) -> None:
    with pytest.raises(InvalidArtifact, match=r"manifest\.json"):
        artifact.parse_manifest(text)


def test_serves_only_the_model_that_was_registered(model_dir: Path, tmp_path: Path) -> None:
    """Whoever can replace an archive can replace the manifest in it too, but not what the registry says of it."""
    registered = hashlib.sha256((model_dir / "manifest.json").read_bytes()).hexdigest()
    assert artifact.load(model_dir, registered) == artifact.load(model_dir)
    shutil.copytree(model_dir, tmp_path / "replaced")
    manifest = json.loads((model_dir / "manifest.json").read_text())
    (tmp_path / "replaced/manifest.json").write_text(json.dumps({**manifest, "labels": manifest["labels"][::-1]}))
    assert artifact.load(tmp_path / "replaced").manifest.labels != artifact.load(model_dir).manifest.labels
    with pytest.raises(InvalidArtifact, match=f"registered with {registered}"):
        artifact.load(tmp_path / "replaced", registered)


def test_unpacks_what_the_stacks_pack(model_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_bytes(packed(model_dir))
    unpacked = archive.unpack(tmp_path / "model.tar.gz", tmp_path / "model")
    assert artifact.load(unpacked) == artifact.load(model_dir)


def packed(model_dir: Path) -> bytes:
    return pack({name: (model_dir / name).read_bytes() for name in MEMBERS})


def member(name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, len(content) if kind == tarfile.REGTYPE else 0
    return info, content


def archive_of(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content) if info.isreg() else None)
    return path


def test_writes_nothing_but_the_two_files(tmp_path: Path) -> None:
    hostile = archive_of(
        tmp_path / "a.tar.gz",
        member("../escaped"),
        member("/tmp/escaped-by-root"),
        member("code/inference.py"),
        member("./model.onnx"),
        member("manifest.json"),
    )
    archive.unpack(hostile, tmp_path / "model")
    assert sorted(path.name for path in (tmp_path / "model").rglob("*")) == ["manifest.json", "model.onnx"]
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([member("model.onnx", kind=tarfile.SYMTYPE, target="/etc/passwd"), member("manifest.json")], "regular file"),
        ([member("model.onnx", kind=tarfile.LNKTYPE, target="manifest.json"), member("manifest.json")], "regular file"),
        ([member("model.onnx"), member("model.onnx"), member("manifest.json")], "twice"),
        ([member("model.onnx")], r"manifest\.json"),
        ([member("deep/model.onnx"), member("deep/manifest.json")], r"manifest\.json and no model\.onnx"),
    ],
)
def test_refuses_an_archive_that_is_not_a_model(tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]], said: str) -> None:
    with pytest.raises(InvalidArtifact, match=said):
        archive.unpack(archive_of(tmp_path / "a.tar.gz", *members), tmp_path / "model")


@pytest.mark.parametrize("content", [b"", b"not gzip", gzip.compress(b"not tar" * 100)], ids=["empty", "not gzip", "not tar"])
def test_refuses_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(InvalidArtifact, match=r"a\.tar\.gz"):
        archive.unpack(tmp_path / "a.tar.gz", tmp_path / "model")


def test_refuses_a_truncated_archive(model_dir: Path, tmp_path: Path) -> None:
    whole = packed(model_dir)
    (tmp_path / "half.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InvalidArtifact, match=r"half\.tar\.gz"):
        archive.unpack(tmp_path / "half.tar.gz", tmp_path / "model")


def test_refuses_a_manifest_of_lists_in_lists() -> None:
    with pytest.raises(InvalidArtifact, match="is not JSON"):
        artifact.parse_manifest(b"[" * 100_000)
