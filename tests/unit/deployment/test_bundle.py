import subprocess
import tarfile
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from deployment import model_archive
from deployment.bundle import Bundle, find_bundle, list_functions, locate
from deployment.bundle.build import _install
from deployment.bundle.contents import list_members, list_requirements
from deployment.paths import ROOT
from deployment.stages import settings_for
from recipes.errors import InvalidArtifact, NotBuilt
from recipes.models.archive import pack
from tests import tiny_model


def test_names_a_bundle_after_what_goes_into_it() -> None:
    here = Bundle("predict", "3.13", "arm64")
    assert here.path == Bundle("predict", "3.13", "arm64").path
    others = {Bundle(*each).path for each in (("predict", "3.12", "arm64"), ("predict", "3.13", "x86_64"), ("feedback", "3.13", "arm64"))}
    assert len(others | {here.path}) == 4


def test_finds_the_functions_by_their_folders() -> None:
    folders = {path.name for path in (ROOT / "lambda/functions").iterdir() if path.is_dir()} - {"shared", "__pycache__"}
    assert set(list_functions()) == folders
    bundle = find_bundle(settings_for("dev"), "predict")
    assert (bundle.python, bundle.architecture, bundle.handler) == ("3.13", "arm64", "functions.predict.function.handler")


@pytest.mark.parametrize("function", list_functions())
def test_holds_its_own_folder_and_no_other_functions(function: str) -> None:
    names = set(list_members(function))
    assert f"functions/{function}/function.py" in names
    assert {name.split("/")[1] for name in names if name.startswith("functions/")} <= {"__init__.py", "shared", function}
    assert {name.split("/")[0] for name in names} == {"functions", "recipes"}


def test_holds_every_recipe_where_a_setting_names_one_and_only_what_is_imported_elsewhere() -> None:
    assert {"recipes/digits/transform.py", "recipes/salary/recipe.py"} <= set(list_members("predict"))
    assert {name for name in list_members("rollout") if name.startswith("recipes/")} == {"recipes/__init__.py", "recipes/errors.py"}


@pytest.mark.parametrize("function", list_functions())
def test_leaves_out_what_a_function_never_runs(function: str) -> None:
    names = list_members(function)
    assert not [name for name in names if not name.endswith(".py") or "dataset" in name or "golden" in name]


def test_reads_a_functions_packages_from_its_own_folder() -> None:
    assert list_requirements("predict") == [ROOT / "lambda/functions/predict/requirements.txt", ROOT / "requirements/predict.txt"]
    assert list_requirements("rollout") == []


def test_says_which_function_is_missing() -> None:
    with pytest.raises(ImportError, match="nothing"):
        list_members("nothing")


def test_names_the_command_that_builds_a_missing_bundle() -> None:
    with pytest.raises(NotBuilt, match=r"python -m deployment\.bundle --python 3\.19 --architecture arm64"):
        locate(Bundle("predict", "3.19", "arm64"))


@pytest.mark.parametrize(("stored", "set_by_user", "expected"), [(True, None, "true"), (True, "false", "false"), (False, None, None)])
def test_trusts_the_machines_certificates(
    stored: bool, set_by_user: str | None, expected: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stored:
        (tmp_path / "company.pem").touch()
    monkeypatch.setattr("ssl.get_default_verify_paths", lambda: SimpleNamespace(cafile=None, capath=str(tmp_path)))
    monkeypatch.delenv("UV_SYSTEM_CERTS", raising=False)
    if set_by_user:
        monkeypatch.setenv("UV_SYSTEM_CERTS", set_by_user)
    environments: list[dict[str, str]] = []

    def run(command: list[str], *, env: dict[str, str], **_: object) -> subprocess.CompletedProcess[str]:
        environments.append(env)
        return subprocess.CompletedProcess(command, 1, "", "no index")

    monkeypatch.setattr("deployment.bundle.build.subprocess.run", run)
    with pytest.raises(NotBuilt, match="no index"):
        _install(Bundle("predict", "3.13", "arm64"), tmp_path)
    assert environments[0].get("UV_SYSTEM_CERTS") == expected


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


def test_refuses_a_model_that_the_endpoint_could_not_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_archive, "BUILD", tmp_path / "build")
    tiny_model.write(tmp_path)
    assert model_archive.build("digits", str(tmp_path)).is_file()
    with pytest.raises(InvalidArtifact, match="the recipe salary has 'salary'"):
        model_archive.build("salary", str(tmp_path))
    (tmp_path / "model.onnx").write_bytes(b"another model")
    with pytest.raises(InvalidArtifact, match=rf"^{tmp_path}: model\.onnx has sha256"):  # of several recipes' models, this one
        model_archive.build("digits", str(tmp_path))
