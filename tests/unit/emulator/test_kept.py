"""The file that outlives a run of the emulator: whole or not there, bounded, and never read by another version."""

import errno
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emulator import kept
from emulator.kept import KeptBucket, KeptObject, KeptState, KeptSummary, NotKept, read_kept, read_summary, write_kept
from emulator.sagemaker.models.packages import ModelPackages
from functions.shared.jobs import Job

MINISTACK = "1.2.3"
GROUP = "inferstack-local-digits"


def build_object(key: str, body: bytes = b"any", *, modified: str = "2026-11-29T10:00:00Z", version: str | None = None) -> KeptObject:
    return KeptObject(key, {"last_modified": modified, "version_id": version, "etag": '"any"'}, body)


def build_package(version: int, status: str = "Approved", group: str = GROUP) -> dict[str, Any]:
    arn = f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{group}/{version}"
    names = {"ModelPackageName": group, "ModelPackageGroupName": group, "ModelPackageVersion": version, "ModelPackageArn": arn}
    return {**names, "ModelApprovalStatus": status, "CreationTime": 0}


def build_state(*objects: KeptObject, results: tuple[KeptObject, ...] = (), packages: tuple[dict[str, Any], ...] = ()) -> KeptState:
    buckets = {"Web/Uploads": KeptBucket("uploads", list(objects)), "Storage/Results": KeptBucket("results", list(results))}
    return KeptState(buckets, list(packages))


def test_reads_what_was_written(tmp_path: Path) -> None:
    state = replace(
        build_state(build_object("uploads/a", bytes(range(256)), version="v1"), packages=(build_package(2),)), secrets={"Web/Key1": "any"}
    )
    path = tmp_path / "kept/digits.zip"
    summary = write_kept(path, state, MINISTACK)
    assert read_kept(path, MINISTACK) == state
    assert read_summary(path, MINISTACK) == summary
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["digits.zip"]


def test_reads_what_a_version_without_secrets_wrote(tmp_path: Path) -> None:
    index = {"format": kept.FORMAT, "ministack": MINISTACK, "summary": {}, "buckets": {}, "packages": []}
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zip_:
        zip_.writestr("kept.json", json.dumps(index))
    assert read_kept(tmp_path / "a.zip", MINISTACK) == KeptState()


def test_leaves_the_run_before_and_no_half_file_where_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "digits.zip"
    before = build_state(build_object("uploads/a"))
    write_kept(path, before, MINISTACK)
    write, written = zipfile.ZipFile.writestr, list[str]()

    def fill(zip_: zipfile.ZipFile, name: str, content: Any) -> None:
        written.append(name)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(zip_, name, content)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", fill)
    with pytest.raises(OSError, match="No space"):
        write_kept(path, build_state(build_object("uploads/b")), MINISTACK)
    assert list(tmp_path.iterdir()) == [path]
    assert read_kept(path, MINISTACK) == before


def test_begins_empty_without_a_file(tmp_path: Path) -> None:
    assert (read_kept(tmp_path / "a.zip", MINISTACK), read_summary(tmp_path / "a.zip", MINISTACK)) == (KeptState(), KeptSummary())


def test_tells_finished_jobs_from_those_that_are_processed_anew(tmp_path: Path) -> None:
    done, lost = Job.of_upload("inbox/a.csv", "v1"), Job.of_upload("inbox/b.csv", "v1")
    assert done
    assert lost
    uploads = (build_object("inbox/a.csv", version="v1"), build_object("inbox/b.csv", version="v1"), build_object("inbox/_SUCCESS"))
    state = build_state(*uploads, results=(build_object(done.key("summary.json")), build_object(lost.key("started.json"))))
    summary = write_kept(tmp_path / "a.zip", state, MINISTACK)
    assert (summary.jobs, summary.unfinished) == (1, 1)
    assert [each.key for each in state.list_unfinished(state.buckets["Web/Uploads"])] == ["inbox/b.csv"]


def test_keeps_models_and_then_what_is_newest_where_there_is_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 20)
    model = build_object("models/a/model.tar.gz", bytes(10), modified="2026-01-01T00:00:00Z")
    old, new = (build_object(key, bytes(10), modified=f"2026-11-{day}T00:00:00Z") for key, day in (("uploads/a", 28), ("uploads/b", 29)))
    summary = write_kept(tmp_path / "a.zip", build_state(old, new, model), MINISTACK)
    assert (summary.left_out, summary.size_bytes) == (1, 20)
    left = read_kept(tmp_path / "a.zip", MINISTACK).buckets["Web/Uploads"].objects
    assert [each.key for each in left] == ["uploads/b", "models/a/model.tar.gz"]


@pytest.mark.parametrize(
    ("packages", "serves"),
    [
        ((), ""),
        ((build_package(1, "Rejected"),), ""),
        ((build_package(9), build_package(10), build_package(11, "PendingManualApproval")), build_package(10)["ModelPackageArn"]),
    ],
)
def test_names_the_version_that_serves_from_the_beginning(tmp_path: Path, packages: tuple[dict[str, Any], ...], serves: str) -> None:
    assert write_kept(tmp_path / "a.zip", build_state(packages=packages), MINISTACK).serves == serves


@pytest.mark.parametrize("read", [read_kept, read_summary])
def test_does_not_read_what_another_version_wrote(tmp_path: Path, read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write_kept(tmp_path / "a.zip", build_state(), MINISTACK)
    with pytest.raises(
        NotKept, match=r"another version of the project wrote it: its format is 1 of ministack 1.2.3, expected 1 of ministack 2"
    ):
        read(tmp_path / "a.zip", "2")
    monkeypatch.setattr(kept, "FORMAT", 2)
    with pytest.raises(NotKept, match="expected 2"):
        read(tmp_path / "a.zip", MINISTACK)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut"])
def test_does_not_read_what_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(NotKept, match="it is damaged"):
        read_summary(tmp_path / "a.zip", MINISTACK)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as zip_:
        zip_.writestr("kept.json", json.dumps({"format": kept.FORMAT, "ministack": MINISTACK}))
    with pytest.raises(NotKept, match="it is damaged: KeyError"):
        read_kept(tmp_path / "b.zip", MINISTACK)


def test_gives_a_group_its_versions_again_and_loses_none_of_one_that_was_not_created() -> None:
    other = build_package(1, group="other")
    packages = ModelPackages(lambda *_: None, lambda _: None, [build_package(1), build_package(2, "Rejected"), other])
    packages.operations["CreateModelPackageGroup"]({"ModelPackageGroupName": GROUP})
    listed = packages.operations["ListModelPackages"]({"ModelPackageGroupName": GROUP})["ModelPackageSummaryList"]
    assert sorted(each["ModelPackageVersion"] for each in listed) == [1, 2]
    assert other in packages.list_all()
    assert len(packages.list_all()) == 3
    arn = packages.operations["CreateModelPackage"]({"ModelPackageGroupName": GROUP})["ModelPackageArn"]
    assert arn.endswith("/3")
