"""The fault run: many uploads, every event delivered once to thrice in random order to several functions at once, a share of all AWS calls
failing before or after its effect, functions that die; and the checker that reconciles what came of it."""

import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

from functions.process_upload.batch import Predictor
from functions.process_upload.config import Config
from functions.process_upload.handler import Handler
from functions.process_upload.service import Service, Upload
from functions.process_upload.source import Source
from functions.shared.jobs import Job
from functions.shared.object_store import Store
from recipes import npy
from recipes.errors import EndpointBusy, EndpointFailed
from recipes.recipe import load
from tests.fake_s3 import FakeS3, refused
from tests.fakes import FakeContext, FakeEndpoint

UPLOADS, RESULTS = "uploads-bucket", "results-bucket"
MAX_RECEIVES = 5


class Death(BaseException):
    """The function's process ends: nothing after it runs, and no handler of ours may catch it."""


class Faulty:
    """A client or any collaborator, of whose calls a share fails: before its effect, after it, or with the process."""

    def __init__(self, behind: Any, ledger: "Ledger", rng: random.Random, *, rate: float, failures: Callable[[], Exception]) -> None:
        self._behind, self._ledger, self._rng, self._rate, self._failures = behind, ledger, rng, rate, failures

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._behind, name)

        def faulty(*args: Any, **kwargs: Any) -> Any:
            self._ledger.calls[name] += 1
            kind = self._rng.choice(("before", "after", "death")) if self._rng.random() < self._rate else ""
            if kind:
                self._ledger.faults[f"{name} {kind}"] += 1
            if kind == "before":
                raise self._failures()
            answer = call(*args, **kwargs)
            if kind == "after":
                raise self._failures()
            if kind == "death":
                raise Death
            return answer

        return faulty


@dataclass
class Ledger:
    """What was done, and what came of it."""

    calls: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    delivered: int = 0
    deaths: int = 0
    received: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    dead_letters: list[dict[str, Any]] = field(default_factory=list)
    redriven: int = 0


@dataclass
class Told:
    """Counts what is told."""

    ledger: Ledger

    def progress(self, job: Job, rows_done: int, rows_total: int | None) -> None:
        pass

    def finished(self, job: Job, summary: dict[str, Any]) -> None:
        self.ledger.told[job.id] += 1


class NoSqs:
    def change_message_visibility(self, **request: Any) -> None:
        pass


def s3_failure() -> Exception:
    return random.choice(
        (
            refused("SlowDown", "S3", 503),
            refused("InternalError", "S3", 500),
            ConnectionClosedError(endpoint_url="https://s3"),
            EndpointConnectionError(endpoint_url="https://s3"),
        )
    )


def endpoint_failure() -> Exception:
    return random.choice((EndpointBusy("busy"), EndpointFailed("gone")))


def run(uploads: int, *, rate: float, seed: int, workers: int = 4) -> tuple[FakeS3, dict[str, dict[str, int]], Ledger]:
    """Return the bucket, what was expected of each upload by its key, and the ledger."""
    rng, s3, ledger = random.Random(seed), FakeS3(), Ledger()
    lock = threading.Lock()
    queue: list[dict[str, Any]] = []
    expected: dict[str, dict[str, int]] = {}
    for number in range(uploads):
        key, content, wanted = make_upload(number, rng)
        kept = s3.put(UPLOADS, key, content)
        expected[key] = wanted
        copies = rng.randint(1, 3)
        ledger.delivered += copies
        queue += [message(f"m{number}-{copy}", key, kept.version, kept.etag, len(content)) for copy in range(copies)]
    rng.shuffle(queue)

    def handler(own: random.Random) -> Handler:
        client = Faulty(s3, ledger, own, rate=rate, failures=s3_failure)
        store = Store(client, RESULTS, sleep=lambda _: None)
        predictor = Predictor(
            Faulty(FakeEndpoint(), ledger, own, rate=rate, failures=endpoint_failure), load("digits"), chunk_bytes=3 * 784, in_flight=2
        )

        def open_source(upload: Upload) -> Source:
            return Source(client, UPLOADS, upload.key, upload.version, upload.etag, upload.size_bytes, sleep=lambda _: None)

        told = Faulty(Told(ledger), ledger, own, rate=rate, failures=lambda: EndpointFailed("not told"))
        service = Service(store, open_source, load("digits"), predictor, told, transform_over_bytes=10**9)
        return Handler(CONFIG, service, None, NoSqs())  # type: ignore[arg-type]

    def work(own_seed: int) -> None:
        own = random.Random(own_seed)
        while True:
            with lock:
                if not queue:
                    return
                batch = [queue.pop(own.randrange(len(queue))) for _ in range(min(len(queue), own.randint(1, 5)))]
            for each in batch:
                ledger.received[each["messageId"]] += 1
                each["attributes"]["ApproximateReceiveCount"] = str(ledger.received[each["messageId"]])
            try:
                answer = handler(own)({"Records": batch}, FakeContext(120_000))
                failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
            except Death:
                ledger.deaths += 1
                failed = {each["messageId"] for each in batch}
            with lock:
                for each in batch:
                    if each["messageId"] in failed:
                        (ledger.dead_letters if ledger.received[each["messageId"]] % MAX_RECEIVES == 0 else queue).append(each)

    while queue:
        with ThreadPoolExecutor(workers) as pool:
            for done in [pool.submit(work, rng.randrange(2**32)) for _ in range(workers)]:
                done.result()
        ledger.redriven += len(ledger.dead_letters)  # the operator's redrive, until nothing is left
        queue.extend(ledger.dead_letters)
        ledger.dead_letters.clear()
    return s3, expected, ledger


CONFIG = Config(
    endpoint_name="e",
    recipe="digits",
    uploads_bucket=UPLOADS,
    results_bucket=RESULTS,
    upload_queue_url="q",
    events_url="u",
    chunk_bytes=1,
    in_flight=1,
    transform_over_bytes=1,
    transform_instance_type="t",
    transform_prefix="p",
)


def make_upload(number: int, rng: random.Random) -> tuple[str, bytes, dict[str, int]]:
    """Return an upload's key, content and the rows that must come of it; every seventh cannot be read."""
    rows, bad = rng.randint(1, 9), rng.randint(0, 2)
    if number % 7 == 6:
        return f"inbox/broken {number}.bin", b"\x00\x01\x02\x03", {"rows": 0, "failed": 0}
    instances = [bytes([rng.randrange(256)]) + bytes(783) for _ in range(rows)]
    if number % 2:
        return f"inbox/{number} ü+.npy", npy.write(b"".join(instances), (rows, 28, 28)), {"rows": rows, "failed": 0}
    lines = [",".join(map(str, instance)) for instance in instances] + ["1,2,x"] * bad
    return f"inbox/{number}.csv", "\n".join(lines).encode(), {"rows": rows + bad, "failed": bad}


def message(id_: str, key: str, version: str, etag: str, size: int) -> dict[str, Any]:
    """Return S3's event of an object as the queue delivers it."""
    from urllib.parse import quote_plus

    found = {"key": quote_plus(key), "size": size, "eTag": etag.strip('"'), "versionId": version}
    record = {"eventName": "ObjectCreated:Put", "eventTime": "2026-11-21T08:00:00Z", "s3": {"bucket": {"name": UPLOADS}, "object": found}}
    return {"messageId": id_, "receiptHandle": id_, "body": json.dumps({"Records": [record]}), "attributes": {}}


def check(s3: FakeS3, expected: dict[str, dict[str, int]], told: Counter[str]) -> list[str]:
    """Return everything that is wrong: uploads without exactly one result, results nobody asked for, counts that do not add up."""
    wrong, seen = [], set()
    for (bucket, key), count in s3.writes.items():
        if bucket == RESULTS and count != 1:
            wrong.append(f"{key} was written {count} times")
    for key, wanted in expected.items():
        job = Job.of_upload(key, s3.objects[UPLOADS, key][0].version)
        assert job is not None
        summary = s3.objects.get((RESULTS, job.key("summary.json")))
        predictions = s3.objects.get((RESULTS, job.key("predictions.jsonl")))
        seen |= {job.key(name) for name in ("summary.json", "predictions.jsonl", "started.json")}
        if summary is None:
            wrong.append(f"{key} has no result")
            continue
        if not told[job.id]:
            wrong.append(f"nobody was told of {key}")
        said = json.loads(summary[0].body)
        lines = [json.loads(line) for line in predictions[0].body.splitlines()] if predictions else []
        if not wanted["rows"]:
            if said["state"] != "failed" or not said["error"]["detail"] or predictions:
                wrong.append(f"{key} should have failed with a reason")
            continue
        failed = sum("error" in line for line in lines)
        if (len(lines), failed) != (wanted["rows"], wanted["failed"]) or [line["row"] for line in lines] != list(range(1, len(lines) + 1)):
            wrong.append(f"{key} has {len(lines)} lines, {failed} of them failed; expected {wanted}")
        if (said["state"], said["rows"], said["failed"]) != ("succeeded", wanted["rows"], wanted["failed"]):
            wrong.append(f"{key}'s summary says {said['state']}, {said.get('rows')} rows; expected {wanted}")
        if sum(said["labels"].values()) != wanted["rows"] - wanted["failed"]:
            wrong.append(f"{key}'s labels do not add up")
    wrong += [f"{key} belongs to no upload" for key in s3.keys(RESULTS) if key not in seen]
    return wrong
