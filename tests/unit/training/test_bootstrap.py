"""The zip that every job runs: what is in it, and what it installs first."""

import os
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from deployment import jobs_zip
from training.bootstrap import LOCK, list_missing, main

NUMPY = version("numpy")


@pytest.fixture(scope="module")
def members() -> dict[str, bytes]:
    with zipfile.ZipFile(jobs_zip.build()) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def test_is_the_same_file_for_the_same_sources(tmp_path: Path) -> None:
    first, again = (jobs_zip.build(tmp_path / folder) for folder in "ab")
    assert again.read_bytes() == first.read_bytes()
    assert again.name == first.name


def test_holds_what_every_step_needs(members: dict[str, bytes]) -> None:
    root = jobs_zip.ROOT
    assert members["__main__.py"] == (root / "training/bootstrap.py").read_bytes()
    assert members[LOCK] == (root / LOCK).read_bytes()
    for path in (
        "recipes/digits/dataset.py",
        "recipes/digits/pretrained/model.onnx",
        "training/steps/train.py",
        "training/trainers/__init__.py",
    ):
        assert members[path] == (root / path).read_bytes()
    templates = {str(path.relative_to(root)) for path in (root / "training/reports/templates").iterdir()}
    assert {name for name in members if name.endswith(".html.j2")} == templates


def test_holds_nothing_else(members: dict[str, bytes]) -> None:
    assert {name.split("/")[0] for name in members} == {"__main__.py", "recipes", "training", "requirements"}
    assert [name for name in members if "golden" in name or "__pycache__" in name or name.endswith(".pyc")] == []
    assert [name for name in members if name.startswith("requirements/")] == [LOCK]


@pytest.mark.parametrize("where", ["golden", ".hidden"])
def test_packs_nothing_that_hides_wherever_the_checkout_is(tmp_path: Path, where: str) -> None:
    root = tmp_path / where / "checkout"
    left_out = ("recipes/any/golden/case.json", "recipes/.secret", "recipes/.cache/b", "training/__pycache__/c.pyc")
    for name in ("training/bootstrap.py", "recipes/any/recipe.py", LOCK, *left_out):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    with zipfile.ZipFile(jobs_zip.build(tmp_path, root)) as packed:
        assert packed.namelist() == ["__main__.py", "recipes/any/recipe.py", LOCK, "training/bootstrap.py"]


@pytest.mark.parametrize(
    ("lock", "names"),
    [
        (f"numpy=={NUMPY} \\\n    --hash=sha256:00\n", []),
        ("numpy==0.0.1 \\\n    --hash=sha256:00\nno-such-package==1.0\n", ["numpy", "no-such-package"]),
        ("# numpy==0.0.1\n    # via numpy==0.0.1\n", []),
        ("colorama==0.0.1 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n", []),  # another platform's
        (f"NumPy=={NUMPY}\n", []),
        ("", []),
    ],
    ids=["there", "not there", "comments", "another platform's", "spelled otherwise", "empty"],
)
def test_says_which_packages_of_a_lock_are_missing(lock: str, names: list[str]) -> None:
    assert list_missing(lock) == names


def test_lacks_nothing_where_the_lock_is_installed() -> None:
    assert list_missing((jobs_zip.ROOT / LOCK).read_text()) == []


def test_finds_every_package_of_our_lock() -> None:
    pins = list_missing((jobs_zip.ROOT / LOCK).read_text().replace("==", "==0.0.0."))
    assert {"numpy", "onnx", "onnxruntime", "xgboost-cpu", "pillow", "jinja2", "protobuf"} <= set(pins)


def test_installs_wheels_that_are_locked_by_hash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as packed:
        packed.writestr(LOCK, "there-is-none==1.0\n")
    called: list[list[str]] = []
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "code.zip"), "train"])
    monkeypatch.setattr(subprocess, "run", lambda command, **_: called.append(command))
    monkeypatch.setattr(os, "execv", lambda _, command: called.append(command))
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.chdir(tmp_path)
    main()
    installed, began = called
    assert installed[installed.index("--only-binary") :][:3] == ["--only-binary", ":all:", "--require-hashes"]
    assert began[1:] == ["-m", "training.steps", "train"]
