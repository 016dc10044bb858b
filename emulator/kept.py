"""What outlives a run of the emulator, in one file: the objects of the buckets that stacks name in their outputs, the model registry, and
the secrets that stacks generate.

Stacks, functions, queues and endpoints are not kept: the next run deploys them anew, from the templates as they are then.
"""

import json
import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from functions.shared.jobs import SUMMARY, Job

# Of this file, which holds ministack's own records: another number, or another ministack, and it is not read.
FORMAT = 1
KEPT_FILE = "INFERSTACK_KEPT"  # the environment's variable that names it
MOST_BYTES = 512_000_000  # written within a second or two; what is newest is kept
MODELS = "models/"  # kept before all else: an approved version without its archive could not serve
INDEX = "kept.json"
APPROVED = "Approved"


class NotKept(Exception):
    """A file that cannot be read: of another version of the project, or damaged."""


@dataclass(frozen=True, slots=True)
class KeptObject:
    """An object: ministack's record of it, less its body."""

    key: str
    record: dict[str, Any]
    body: bytes


@dataclass(frozen=True, slots=True)
class KeptBucket:
    """A bucket: its name and its objects as they are now, without earlier versions."""

    name: str
    objects: list[KeptObject]


@dataclass(frozen=True, slots=True)
class KeptSummary:
    """What a file holds, for people.

    Args:    jobs: how many have ended.
             unfinished: how many are processed anew.
             models: versions in the registry.
             serves: the ARN of the newest approved version, of each group that has one, with commas; empty where none is.
             left_out: objects for which there was no room.
    """

    jobs: int = 0
    unfinished: int = 0
    models: int = 0
    serves: str = ""
    size_bytes: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class KeptState:
    """What is kept.

    Args:    buckets: by stack and logical id, like Inferstack-local-Web/Bucket1: a new run finds its bucket by them.
             packages: the registry's model packages, as SageMaker describes them.
             secrets: the values that stacks generated, by stack and logical id.
    """

    buckets: dict[str, KeptBucket] = field(default_factory=dict)
    packages: list[dict[str, Any]] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)

    def list_unfinished(self, bucket: KeptBucket) -> list[KeptObject]:
        """Return the uploads in a bucket whose jobs have no summary: their messages are gone with the queue.

        Only the buckets of uploads and of training data have versions; results have keys like those of uploads, and none.
        """
        written = {each.key for other in self.buckets.values() for each in other.objects}
        uploads = [(each, str(each.record["version_id"])) for each in bucket.objects if each.record.get("version_id")]
        jobs = [(each, Job.of_upload(each.key, version)) for each, version in uploads]
        return [each for each, job in jobs if job and job.key(SUMMARY) not in written]


def write_kept(path: Path, state: KeptState, ministack: str) -> KeptSummary:
    """Write what is kept, whole or not at all, for nobody but this user."""
    chosen, left_out = _choose(state)
    finished = sum(each.key.endswith(f"/{SUMMARY}") for bucket in chosen.buckets.values() for each in bucket.objects)
    unfinished = sum(len(chosen.list_unfinished(bucket)) for bucket in chosen.buckets.values())
    size_bytes = sum(len(each.body) for bucket in chosen.buckets.values() for each in bucket.objects)
    summary = KeptSummary(finished, unfinished, len(state.packages), ",".join(find_newest_approved(state.packages)), size_bytes, left_out)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished_file = path.with_suffix(".part")
    bodies: list[bytes] = []

    def add(each: KeptObject) -> dict[str, Any]:
        bodies.append(each.body)
        return {"key": each.key, "record": each.record, "body": f"objects/{len(bodies)}"}

    buckets = {id_: {"name": bucket.name, "objects": list(map(add, bucket.objects))} for id_, bucket in chosen.buckets.items()}
    index = {
        "format": FORMAT,
        "ministack": ministack,
        "summary": asdict(summary),
        "buckets": buckets,
        "packages": state.packages,
        "secrets": state.secrets,
    }
    try:
        with (
            os.fdopen(os.open(unfinished_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
            zipfile.ZipFile(file, "w") as zip_,
        ):
            zip_.writestr(INDEX, json.dumps(index))
            for number, body in enumerate(bodies, 1):
                zip_.writestr(f"objects/{number}", body)
        unfinished_file.replace(path)
    finally:
        unfinished_file.unlink(missing_ok=True)  # where it failed: what fills a disk has to go first
    return summary


def read_kept(path: Path, ministack: str) -> KeptState:
    """Return what a file keeps; nothing where there is no file.

    Raises:  NotKept: it is of another version of the project, or damaged.
    """
    if not path.exists():
        return KeptState()
    try:
        with zipfile.ZipFile(path) as zip_:
            index = _read_index(zip_, ministack)
            buckets = {id_: _read_bucket(zip_, bucket) for id_, bucket in index["buckets"].items()}
            return KeptState(buckets, list(index["packages"]), dict(index.get("secrets", {})))  # an earlier version kept none
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise NotKept(f"it is damaged: {type(error).__name__}") from error


def read_summary(path: Path, ministack: str) -> KeptSummary:
    """Return what a file keeps, without reading it all; raises like `read_kept`."""
    if not path.exists():
        return KeptSummary()
    try:
        with zipfile.ZipFile(path) as zip_:
            return KeptSummary(**_read_index(zip_, ministack)["summary"])
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise NotKept(f"it is damaged: {type(error).__name__}") from error


def find_newest_approved(packages: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ARN of the approved package of the highest version, of each group that has one."""
    approved = [each for each in packages if each.get("ModelApprovalStatus") == APPROVED]
    in_order = sorted(approved, key=lambda each: int(each["ModelPackageVersion"]))
    return list({each["ModelPackageGroupName"]: str(each["ModelPackageArn"]) for each in in_order}.values())


def _choose(state: KeptState) -> tuple[KeptState, int]:
    """Return the state with no more than MOST_BYTES of objects, models and then what is newest, and how many are left out."""
    listed = [(id_, each) for id_, bucket in state.buckets.items() for each in bucket.objects]
    listed.sort(key=lambda pair: (pair[1].key.startswith(MODELS), str(pair[1].record.get("last_modified", ""))), reverse=True)
    size_bytes, kept = 0, set[tuple[str, str]]()
    for id_, each in listed:
        size_bytes += len(each.body)
        if size_bytes > MOST_BYTES:
            break
        kept.add((id_, each.key))
    buckets = {
        id_: KeptBucket(bucket.name, [each for each in bucket.objects if (id_, each.key) in kept]) for id_, bucket in state.buckets.items()
    }
    return replace(state, buckets=buckets), len(listed) - len(kept)


def _read_index(zip_: zipfile.ZipFile, ministack: str) -> dict[str, Any]:
    index: dict[str, Any] = json.loads(zip_.read(INDEX))
    if (got := (index.get("format"), index.get("ministack"))) != (FORMAT, ministack):
        expected = f"{FORMAT} of ministack {ministack}"
        raise NotKept(f"another version of the project wrote it: its format is {got[0]} of ministack {got[1]}, expected {expected}")
    return index


def _read_bucket(zip_: zipfile.ZipFile, bucket: Mapping[str, Any]) -> KeptBucket:
    objects: Sequence[Mapping[str, Any]] = bucket["objects"]
    return KeptBucket(str(bucket["name"]), [KeptObject(each["key"], dict(each["record"]), zip_.read(each["body"])) for each in objects])
