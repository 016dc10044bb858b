"""Photos beside uploads that stop the function, and one owner's many uploads beside another's few, on the local stack.

python -m benchmarks.uploads.neighbours [PHOTOS] [KILLERS] [--record FILE]. Each part is measured in the same run, one after another:

batches of five   the photos alone, as the queue's messages came to the function before
photos alone      one message at a time
beside killers    the same, with files among them that stop the function by a signal or by its memory
other owner       while one owner's photos wait, another owner uploads one photo after another through the API
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from benchmarks.harness import describe_machine, write_record
from benchmarks.uploads.stack import upload
from functions.shared.object_store import parse_time
from local.run_state import RunState
from local.stack import down, up
from tests.killers import MEMORY, SIGNAL, let_files_stop_the_function

PHOTO = (Path(__file__).resolve().parents[2] / "docs/seven.png").read_bytes()  # small: the queue is measured, not the reading
STOPS = (SIGNAL, MEMORY)  # a file that runs until its time is over takes a function that long, and readers have bounds of their own
SENDERS, SINGLES, LIMIT_S = 8, 10, 1_500
UPLOAD_TIMEOUT_S = 60  # the least: what stops the function is received again after it


class Run:
    """Uploads of one folder of the inbox, and when each of them ended."""

    def __init__(self, state: RunState, name: str) -> None:
        options: Any = state.client_options()
        self._s3 = boto3.client("s3", config=Config(max_pool_connections=SENDERS), **options)
        self._state, self._folder, self._sent_at = state, f"{name}-{time.time():.0f}", dict[str, float]()

    def send(self, names: list[str]) -> None:
        """Upload a photo under each name."""

        def put(name: str) -> None:
            self._sent_at[name] = time.time()
            self._s3.put_object(Bucket=self._state.uploads_bucket, Key=f"inbox/{self._folder}/{name}", Body=PHOTO)

        with ThreadPoolExecutor(SENDERS) as pool:
            list(pool.map(put, names))

    def wait(self) -> dict[str, dict[str, Any]]:
        """Return the summaries by name, when every upload has one."""
        deadline, summaries = time.monotonic() + LIMIT_S, dict[str, dict[str, Any]]()
        while len(summaries) < len(self._sent_at):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(summaries)} of {len(self._sent_at)} ended")
            time.sleep(1)
            for key in self._list_keys():
                if key.endswith("/summary.json") and (name := key.split("/")[-3]) not in summaries:
                    summaries[name] = json.load(self._s3.get_object(Bucket=self._state.results_bucket, Key=key)["Body"])
        return summaries

    def measure(self, summaries: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """Return how long uploads took from being sent to their end, in seconds, and how many ended in one."""
        ends = {name: parse_time(summary["finished_at"]) for name, summary in summaries.items()}
        waits = sorted(end - self._sent_at[name] for name, end in ends.items())
        whole_s = max(ends.values()) - min(self._sent_at[name] for name in ends)
        return {"uploads": len(waits), "per_s": round(len(waits) / whole_s, 2), **describe(waits)}

    def _list_keys(self) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._state.results_bucket, Prefix=f"inbox/{self._folder}/")
        return [each["Key"] for page in pages for each in page.get("Contents", [])]


def describe(waits: list[float]) -> dict[str, float]:
    """Return median, 95th percentile and greatest of sorted seconds."""
    return {
        "p50_s": round(statistics.median(waits), 2),
        "p95_s": round(waits[int(0.95 * (len(waits) - 1))], 2),
        "max_s": round(waits[-1], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", type=int, nargs="?", default=1_000)
    parser.add_argument("killers", type=int, nargs="?", default=20)
    parser.add_argument("--record", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INFERSTACK_STATE_DIR"] = folder
        state = up(port=6200, context={"upload_timeout_s": str(UPLOAD_TIMEOUT_S)})
        try:
            options: Any = state.client_options()
            with let_files_stop_the_function(boto3.client("lambda", **options)):
                measured = measure(state, given.photos, given.killers)
        finally:
            down()
    print(json.dumps(measured, indent=1))
    if given.record:
        write_record(given.record, {**describe_machine(), **measured})


def measure(state: RunState, photos: int, killers: int) -> dict[str, Any]:
    options: Any = state.client_options()
    functions = boto3.client("lambda", **options)
    names = [f"{number:04}.png" for number in range(photos)]
    upload(state, "warm.png", PHOTO)
    set_batch_size(functions, 5)
    batches = measure_photos(Run(state, "batches"), names[: photos // 4])
    set_batch_size(functions, 1)
    alone = measure_photos(Run(state, "alone"), names)
    beside, ended = measure_beside_killers(Run(state, "beside"), names, killers)
    return {
        "batches_of_five": batches,
        "photos_alone": alone,
        "beside_killers": beside,
        "p95_beside_to_alone": round(beside["p95_s"] / alone["p95_s"], 2),
        "killers": ended,
        "other_owner": measure_other_owner(state, Run(state, "many"), names[: photos // 2]),
    }


def measure_photos(run: Run, names: list[str]) -> dict[str, Any]:
    run.send(names)
    return run.measure(run.wait())


def measure_beside_killers(run: Run, names: list[str], killers: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the photos' figures, and how the killers ended."""
    mixed, step = list(names), max(1, len(names) // max(1, killers))
    for number in range(killers):
        mixed.insert(number * (step + 1), f"{number:04}-{STOPS[number % len(STOPS)]}.png")
    run.send(mixed)
    summaries = run.wait()
    stopped = {name: summary for name, summary in summaries.items() if any(kind in name for kind in STOPS)}
    answered = {name: summary for name, summary in summaries.items() if name not in stopped}
    assert all(summary["state"] == "succeeded" for summary in answered.values())
    assert all(summary["error"]["code"] == "function-stopped" for summary in stopped.values())
    return run.measure(answered), run.measure(stopped) if stopped else {}


def measure_other_owner(state: RunState, run: Run, names: list[str]) -> dict[str, Any]:
    """Return how long another owner's photos take alone, and while many of one owner's wait."""

    def take_time() -> float:
        started = time.perf_counter()
        assert upload(state, "single.png", PHOTO)["state"] == "succeeded"
        return time.perf_counter() - started

    alone = sorted(take_time() for _ in range(SINGLES))
    run.send(names)
    beside = sorted(take_time() for _ in range(SINGLES))
    many = run.measure(run.wait())
    return {"single_alone": describe(alone), "single_beside_many": describe(beside), "the_many": many}


def set_batch_size(functions: Any, size: int) -> None:
    """Change how many messages of the upload queue the function gets at once."""
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    (uploads,) = [each for each in mappings if "UploadsProcess" in each["FunctionArn"]]
    functions.update_event_source_mapping(UUID=uploads["UUID"], BatchSize=size)


if __name__ == "__main__":
    main()
