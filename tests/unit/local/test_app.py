"""What `npx cdk synth` and the like get of the assemblies that are kept."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local import app, assembly_key
from local.assembly_key import CLI_CONTEXT


class App:
    """In place of app.py: writes assemblies that tell their number, with assets."""

    def __init__(self) -> None:
        self.count, self.end = 0, lambda: None

    def __call__(self, folder: Path) -> None:
        self.count += 1
        for name in ("manifest.json", "asset.1/manifest.json", "asset.2.zip"):
            write(folder / name, f"{self.count}")
        self.end()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    app_py = App()
    monkeypatch.setattr(app, "STORE", tmp_path / "store")
    monkeypatch.setattr(app, "run_app", app_py)
    monkeypatch.setattr(app, "list_bundles", lambda _: [])  # to find them takes most of the time, and to read all sources
    monkeypatch.setattr(assembly_key, "SOURCES", ("app.py",))
    monkeypatch.delenv("STAGE", raising=False)
    return app_py


@pytest.fixture
def synth(run: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """What the CLI does: settings and its own flags by one variable, the folder that it has locked by another."""

    def synth(folder: str = "cdk.out", **context: object) -> Path:
        output = tmp_path / folder
        write(output / "synth.lock", "1")
        monkeypatch.setenv("CDK_OUTDIR", str(output))
        monkeypatch.setenv("CDK_CONTEXT_JSON", json.dumps({**CLI_CONTEXT, **context}))
        app.main()
        return output

    return synth


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def read(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_runs_the_app_once_and_copies_then(run: App, synth: Callable[..., Path]) -> None:
    expected = {"manifest.json": "1", "asset.1/manifest.json": "1", "asset.2.zip": "1", "synth.lock": "1"}
    assert [read(synth("one")), read(synth("two")), read(synth("one", stage="local"))] == [expected] * 3
    assert run.count == 1


def test_runs_it_for_other_settings_flags_and_another_environment(
    run: App, synth: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    synth()
    for number, context in enumerate(({"stage": "dev"}, {"recipe": "no such"}, {"aws:cdk:enable-path-metadata": None}), 2):
        assert read(synth(**context))["manifest.json"] == f"{number}"
    for number, name in enumerate(("STAGE", "CDK_DEFAULT_ACCOUNT"), 5):
        monkeypatch.setenv(name, "prod")
        assert read(synth())["manifest.json"] == f"{number}"


def test_looks_at_the_bundles_that_the_settings_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "list_functions", lambda: ["jobs", "status"])
    here, there = (app.list_bundles({"stage": "dev", "function_python": python, "aws:cdk:any": True}) for python in ("3.12", "3.13"))
    assert {path.name.split("-")[0] for path in here} == {"jobs", "status"}
    assert not {*here} & {*there}
    assert app.list_bundles({"stage": "dev", "no such": "setting"}) == []


def test_replaces_what_was_there_and_leaves_the_clis_own(synth: Callable[..., Path], tmp_path: Path) -> None:
    output = synth()
    write(tmp_path / "elsewhere", "before")
    (output / "asset.2.zip").unlink()
    (output / "asset.2.zip").symlink_to(tmp_path / "elsewhere")
    (output / "asset.1/manifest.json").chmod(0o400)
    write(output / "manifest.json", "of another stage")
    assert read(synth()) == {"manifest.json": "1", "asset.1/manifest.json": "1", "asset.2.zip": "1", "synth.lock": "1"}
    assert (tmp_path / "elsewhere").read_text() == "before"


@pytest.mark.parametrize("ends", ["copytree", "copyfile"])
def test_leaves_no_assembly_where_it_is_interrupted(synth: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, ends: str) -> None:
    output = synth()

    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, ends, interrupt)
    with pytest.raises(KeyboardInterrupt):
        synth()
    assert not (output / "manifest.json").exists()


def test_keeps_nothing_of_an_app_that_ends_with_an_error(run: App, synth: Callable[..., Path], tmp_path: Path) -> None:
    def end() -> None:
        raise SystemExit("Invalid settings")

    run.end = end
    for _ in range(2):
        with pytest.raises(SystemExit, match="Invalid settings"):
            synth()
    assert run.count == 2
    assert list((tmp_path / "store").iterdir()) == []
    assert not (tmp_path / "cdk.out/manifest.json").exists()
