"""The functions' bundles, built by a process of its own."""

from pathlib import Path

import pytest

from local import bundles
from local.bundles import BundlesFailed, build_bundles
from recipes.errors import InvalidSettings


@pytest.fixture
def interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is run in place of Python."""
    path = tmp_path / "python"
    monkeypatch.setattr(bundles, "PYTHON", path)
    return path


def write_script(path: Path, *lines: str) -> None:
    path.write_text("\n".join(["#!/bin/sh", *lines]))
    path.chmod(0o755)


def test_says_why_bundles_could_not_be_built(interpreter: Path) -> None:
    write_script(interpreter, "echo 'no index of packages' >&2", "exit 1")
    with pytest.raises(BundlesFailed, match=r"^the functions' bundles could not be built\. no index of packages$"):
        build_bundles("dev", {})


def test_builds_for_the_settings_and_returns_the_zips(interpreter: Path) -> None:
    write_script(interpreter, 'echo "$8-$6  1.0 MB, with bytecode"', 'echo "other  1.0 MB, with bytecode"')
    built = build_bundles("dev", {"function_python": "3.12", "function_architecture": "x86_64"})
    assert [path.name for path in built] == ["x86_64-3.12.zip", "other.zip"]


def test_builds_nothing_for_settings_that_there_are_not(interpreter: Path) -> None:
    with pytest.raises(InvalidSettings, match="stage is 'nope'"):
        build_bundles("nope", {})
