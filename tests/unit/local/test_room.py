"""A run begins only where its disk has room."""

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from cli.doctor.machine_checks import check_room
from local import stack
from local.errors import LocalStackError
from local.room import RUN_BYTES, find_free_bytes

Usage = namedtuple("Usage", ("total", "used", "free"))


def leave(free: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk have so many free bytes; like the system, know nothing of a folder that is not there."""

    def measure(folder: Path) -> Usage:
        folder.stat()
        return Usage(10 * RUN_BYTES, 10 * RUN_BYTES - free, free)

    monkeypatch.setattr(shutil, "disk_usage", measure)


def test_starts_nothing_on_a_full_disk_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written first failed: cdk said that there were no credentials."""
    monkeypatch.setenv("INFERSTACK_STATE_DIR", str(tmp_path / "state"))
    leave(3_000_000, monkeypatch)
    with pytest.raises(
        LocalStackError, match=r"state is full: 3 MB are free, and a run needs 200 MB; make room, or name .* INFERSTACK_STATE"
    ):
        stack.up()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("free", "is_ok"), [(RUN_BYTES, True), (RUN_BYTES - 1, False)])
def test_doctor_looks_at_the_disk_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, is_ok: bool) -> None:
    leave(free, monkeypatch)
    assert find_free_bytes(tmp_path / "not/there/yet") == free
    finding = check_room(tmp_path / "not/there/yet")
    assert (finding.ok, finding.found, bool(finding.fix)) == (is_ok, "0.2 GB free", True)
