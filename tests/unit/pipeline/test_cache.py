"""What of an earlier execution is taken for a step's result, and what is forgotten."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pipeline.runner.cache import MAX_RESULTS, Cache
from pipeline.runner.parse import parse_definition
from pipeline.runner.store import FolderStore
from tests.unit.pipeline.small_pipelines import processing, text, training

ID = "0a1b2c"
Key = Callable[..., str]


@pytest.fixture
def key(tmp_path: Path) -> Key:
    """Return what gives a step's key in a store that holds these inputs, by address."""

    def key(step: dict[str, Any], id_: str = ID, **content: bytes) -> str:
        store, cache = FolderStore(tmp_path / "buckets"), Cache(tmp_path / "cache")
        for name, each in {"code.zip": b"code", "data/a": b"data", **content}.items():
            (tmp_path / "file").write_bytes(each)
            store.put(tmp_path / "file", f"s3://assets/{name}")
        (parsed,) = parse_definition(text(step)).steps
        return cache.compute_key(parsed, parsed.arguments, id_, store)

    return key


def train(**changed: Any) -> dict[str, Any]:
    """Return a training step, parts of its arguments exchanged."""
    step = training("Train", "code", channels={"data": "s3://assets/data"}, hyperparameters={"rate": "0.5"})
    step["Arguments"]["OutputDataConfig"] = {"S3OutputPath": f"s3://dump/models/{ID}"}
    step["Arguments"] |= changed
    return step


def test_the_same_work_has_one_key(key: Key) -> None:
    assert key(train()) == key(json.loads(json.dumps(train())))


@pytest.mark.parametrize(
    "changed",
    [
        {"ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 99}},
        {"RoleArn": "another"},
        {"StoppingCondition": {"MaxRuntimeInSeconds": 1}},
        {"CheckpointConfig": {"S3Uri": "s3://dump/checkpoints"}},
        {"EnableManagedSpotTraining": True},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_where_and_for_whom_a_job_runs_decides_nothing(key: Key, changed: dict[str, Any]) -> None:
    assert key(train(**changed)) == key(train())


def test_which_execution_it_is_of_decides_nothing(key: Key) -> None:
    assert key(train(OutputDataConfig={"S3OutputPath": "s3://dump/models/ffffff"}), "ffffff") == key(train())


@pytest.mark.parametrize(
    "changed",
    [
        {"HyperParameters": {"rate": "0.6"}},
        {"HyperParameters": {"rate": "0.5", "more": "1"}},
        {"Environment": {"ANY": "1"}},
        {"OutputDataConfig": {"S3OutputPath": "s3://elsewhere/models"}},
    ],
    ids=str,
)
def test_an_argument_decides(key: Key, changed: dict[str, Any]) -> None:
    assert key(train(**changed)) != key(train())


@pytest.mark.parametrize("content", [{"code.zip": b"code!"}, {"data/a": b"data!"}, {"data/b": b""}], ids=str)
@pytest.mark.parametrize(
    "step", [train(), processing("Prepare", "code", inputs={"data": "s3://assets/data"})], ids=["training", "processing"]
)
def test_the_content_of_an_input_decides(key: Key, step: dict[str, Any], content: dict[str, bytes]) -> None:
    before = key(step)
    assert key(step, **content) != before


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def write_outputs(folder: Path, **content: str) -> dict[str, Path]:
    """Return outputs by name, each a folder with one file."""
    for name, each in content.items():
        (folder / name / "deep").mkdir(parents=True, exist_ok=True)
        (folder / name / "deep/file").write_text(each)
    return {name: folder / name for name in content}


def read_outputs(found: dict[str, Path] | None) -> dict[str, str] | None:
    return None if found is None else {name: (folder / "deep/file").read_text() for name, folder in found.items()}


def test_gives_back_every_output_whatever_became_of_the_job(cache: Cache, tmp_path: Path) -> None:
    outputs = write_outputs(tmp_path / "job", train="a", test="b")
    cache.keep("key", outputs)
    for folder in outputs.values():
        (folder / "deep/file").write_text("changed")
    assert read_outputs(cache.find("key")) == {"train": "a", "test": "b"}
    assert cache.find("another") is None


def test_a_job_that_makes_nothing_has_a_result_too(cache: Cache) -> None:
    cache.keep("key", {})
    assert cache.find("key") == {}


def test_takes_nothing_half_written_for_a_result_and_writes_it_anew(cache: Cache, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        cache.keep("key", {**write_outputs(tmp_path / "job", train="a"), "test": tmp_path / "missing"})
    assert cache.find("key") is None
    write_outputs(tmp_path / "cache/key", train="half", stale="half")
    assert cache.find("key") is None
    cache.keep("key", write_outputs(tmp_path / "job", train="whole"))
    assert read_outputs(cache.find("key")) == {"train": "whole"}


def test_forgets_what_was_not_used_for_the_longest(cache: Cache, tmp_path: Path) -> None:
    outputs = write_outputs(tmp_path / "job", model="m")
    for number in range(MAX_RESULTS):
        cache.keep(f"key-{number}", outputs)
        os.utime(tmp_path / f"cache/key-{number}/complete", (number, number))
    assert cache.find("key-0") is not None  # and so it is used
    cache.keep("one-more", outputs)
    assert {path.name for path in (tmp_path / "cache").iterdir()} == {"one-more", "key-0", *(f"key-{n}" for n in range(2, MAX_RESULTS))}


def test_two_executions_may_keep_the_same_result_at_once(cache: Cache, tmp_path: Path) -> None:
    outputs = write_outputs(tmp_path / "job", **{f"output{number}": "m" for number in range(10)})
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(cache.keep, "key", outputs) for _ in range(12)]:
            done.result()
            assert read_outputs(cache.find("key")) == dict.fromkeys(outputs, "m")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["key"]
