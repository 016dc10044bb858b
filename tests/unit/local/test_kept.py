"""What a run begins with, and what it leaves."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from cli.console import out
from cli.status.kept_report import describe_kept, print_kept
from emulator import kept
from emulator.kept import KeptState, write_kept
from emulator.ministack.process import PINNED_VERSION
from local.kept import find_mark, forget, open_kept, read_what_is_kept
from tests.unit.cli.world import build_state
from tests.unit.emulator.test_kept import build_package

APPROVED = KeptState({}, [build_package(3)])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INFERSTACK_STATE_DIR", str(tmp_path))
    return tmp_path / "kept"


def test_keeps_a_set_for_each_recipe(folder: Path) -> None:
    assert open_kept({}, fresh=False).file == folder / "digits.zip"
    assert open_kept({"recipe": "salary"}, fresh=False).file == folder / "salary.zip"
    assert open_kept({"recipes": "digits,salary"}, fresh=False).file == folder / "digits+salary.zip"


def test_deploys_the_version_that_was_approved(folder: Path) -> None:
    assert open_kept({}, fresh=False).parameters == {}
    write_kept(folder / "digits.zip", APPROVED, PINNED_VERSION)
    assert open_kept({}, fresh=False).parameters == {"Inferstack-local-Inference:ModelPackageArn": build_package(3)["ModelPackageArn"]}


def test_deploys_each_recipe_s_version_that_was_approved(folder: Path) -> None:
    packages = [build_package(3), build_package(2, group="inferstack-local-stop-search"), build_package(9, group="another")]
    write_kept(folder / "digits+stop_search.zip", KeptState({}, packages), PINNED_VERSION)
    assert open_kept({"recipes": "digits,stop_search"}, fresh=False).parameters == {
        "Inferstack-local-Inference:ModelPackageArn": packages[0]["ModelPackageArn"],
        "Inferstack-local-stop-search-Inference:ModelPackageArn": packages[1]["ModelPackageArn"],
    }


def test_says_which_version_serves_in_place_of_a_model_that_was_asked_for(folder: Path) -> None:
    assert not open_kept({"model_dir": "mine"}, fresh=False).note
    write_kept(folder / "digits.zip", APPROVED, PINNED_VERSION)
    said = open_kept({"model_dir": "mine"}, fresh=False).note.splitlines()[1]
    assert said.startswith("version 3 is approved, so it serves, and not the model of mine: `inferstack models rollback --wait`")
    assert "is approved" not in open_kept({}, fresh=False).note
    write_kept(folder / "digits.zip", KeptState({}, [build_package(3, "Rejected")]), PINNED_VERSION)
    assert "is approved" not in open_kept({"model_dir": "mine"}, fresh=False).note


def test_begins_empty_where_told(folder: Path) -> None:
    write_kept(folder / "digits.zip", APPROVED, PINNED_VERSION)
    assert open_kept({}, fresh=True).summary.models == 0
    assert not (folder / "digits.zip").exists()


def test_sets_aside_what_another_version_wrote_and_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_kept(folder / "digits.zip", APPROVED, PINNED_VERSION)
    monkeypatch.setattr(kept, "FORMAT", kept.FORMAT + 1)
    begun = open_kept({}, fresh=False)
    assert begun.refusal.startswith("another version of the project wrote it")
    assert begun.refusal.endswith(f"it is in {folder / 'digits.zip.old'} now")
    assert [file.name for file in folder.iterdir()] == ["digits.zip.old"]
    assert not open_kept({}, fresh=False).refusal


def test_says_what_a_stack_left_and_forgets_it(folder: Path) -> None:
    write_kept(folder / "digits.zip", APPROVED, PINNED_VERSION)
    state = build_state(kept_file=str(folder / "digits.zip"))
    summary = read_what_is_kept(state)
    assert summary
    assert summary.models == 1
    assert read_what_is_kept(build_state()) is None
    assert forget(state) == [folder / "digits.zip"]
    assert forget() == []


def test_does_not_take_the_file_of_the_run_before_for_this_ones(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_kept(folder / "digits.zip", APPROVED, PINNED_VERSION)
    state = build_state(kept_file=str(folder / "digits.zip"))
    print_kept(state, out)
    assert "kept for the next `up`: 0 jobs, 1 version of the model" in capsys.readouterr().out
    state = replace(state, kept_mark=find_mark(folder / "digits.zip"))
    print_kept(state, out)
    assert "nothing of this run could be kept" in capsys.readouterr().out
    assert describe_kept(state) is None
    write_kept(folder / "digits.zip", APPROVED, PINNED_VERSION)
    os.utime(folder / "digits.zip", (-1, -1))  # the clock was set back, to before the stack's start
    assert describe_kept(state)
    print_kept(build_state(), out)
    assert "thrown away: all of its jobs" in capsys.readouterr().out
