"""The fault run: every AWS call of the process_upload function fails before its effect or after it, or ends the process, and so does each
request that its client of S3 sends and repeats; and the checker that reconciles what is left with what was uploaded.

`run` throws dice: many uploads, every event delivered once to thrice in random order to several functions at once. `each_fault` leaves
nothing to chance: the same work again and again, each time with one fault at the next of its calls.
"""

import itertools
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from functions.process_upload.handler import Handler
from functions.shared.aws.retries import Refused
from functions.shared.jobs import Job
from recipes import npy
from recipes.errors import EndpointBusy, EndpointFailed
from tests.fakes import FakeContext, FakeEndpoint
from tests.moto_aws import Bucket, empty_account
from tests.moto_s3 import MotoSender, create_s3
from tests.upload_handler import CONFIG, RESULTS, UPLOADS, build_handler
from tests.upload_messages import make_message
from tests.uploads import RecordingNotifier, find_job, put_upload

MAX_RECEIVES = CONFIG.upload_attempts + 1
LEAST_RECEIVES = 3  # of a message, before its job is ended because attempts at it did not end well
ENDED_IN_WORDS = (b"function-stopped", b"gave-up")
KINDS, WEIGHTS = ("before", "after", "death"), (2, 2, 1)
LOSSES = (ConnectionError("the connection was lost"), TimeoutError("no response in time"))
OWN_FILES = ("summary.json", "predictions.jsonl", "predictions.csv", "started.json")


class Death(BaseException):
    """The function's process ends: nothing after it runs, and no handler of ours may catch it."""


@dataclass
class Ledger:
    """What was done, and what came of it."""

    calls: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    delivered: int = 0
    deaths: int = 0
    received: Counter[str] = field(default_factory=Counter)
    redriven: int = 0


class Faults:
    """Which calls fail.

    Args:    choose: says which fault a call has: "" for none, or one of KINDS.
             ledger: where calls and faults are counted.
             lock: held during a call, and during its requests. moto's conditional writes are not atomic under threads, as S3's are.
    """

    def __init__(self, choose: Callable[[], str], ledger: Ledger, lock: Any) -> None:
        self.choose, self.ledger, self.lock = choose, ledger, lock

    def wrap(self, behind: Any, make_failure: Callable[[], Exception]) -> "Faulty":
        """Return a client or any collaborator some of whose calls fail."""
        return Faulty(behind, self, make_failure)


class Faulty:
    """What `Faults.wrap` returns."""

    def __init__(self, behind: Any, faults: Faults, make_failure: Callable[[], Exception]) -> None:
        self._behind, self._faults, self._make_failure = behind, faults, make_failure

    def __getattr__(self, name: str) -> Any:
        call, ledger = getattr(self._behind, name), self._faults.ledger

        def call_with_fault(*args: Any, **kwargs: Any) -> Any:
            ledger.calls[name] += 1
            kind = self._faults.choose()
            if kind:
                ledger.faults[f"{name} {kind}"] += 1
            if kind == "before":
                raise self._make_failure()
            with self._faults.lock:
                response = call(*args, **kwargs)
            if kind == "after":
                raise self._make_failure()
            if kind == "death":
                raise Death
            return response

        return call_with_fault


@dataclass(frozen=True)
class Outcome:
    """What a run left.

    Args:    expected: of each upload's job, its rows and how many of them cannot be read; (0, 0) if the whole upload cannot.
             objects, writes: the bucket of results, and how often each of its keys was written.
             notified: how often somebody was notified of a job.
             receives: the most that one message of a job was received, by the job's id.
    """

    expected: dict[Job, tuple[int, int]]
    objects: dict[str, bytes]
    writes: dict[str, int]
    notified: Counter[str]
    ledger: Ledger
    receives: dict[str, int] = field(default_factory=dict)

    def list_ended_in_words(self) -> list[Job]:
        """Return the jobs that were ended without predictions, because attempts at them did not end well."""
        return [job for job in self.expected if any(code in self.objects.get(job.key("summary.json"), b"") for code in ENDED_IN_WORDS)]


def fail_s3() -> Exception:
    return random.choice((Refused("SlowDown", "", 503), Refused("InternalError", "", 500), *LOSSES))


def fail_request() -> Exception:
    return random.choice(LOSSES)


def fail_endpoint() -> Exception:
    return random.choice((EndpointBusy("busy"), EndpointFailed("gone")))


def fail_notification() -> Exception:
    return OSError("no network")


def run(uploads: int, *, rate: float, seed: int, workers: int = 4) -> Outcome:
    """Return what comes of many uploads while a share of all calls fails.

    Args:    rate: the share.
    """
    with empty_account():
        Bucket(UPLOADS)
        return _run(Bucket(RESULTS), uploads, rate=rate, rng=random.Random(seed), workers=workers)


def _run(results: Bucket, uploads: int, *, rate: float, rng: random.Random, workers: int) -> Outcome:
    ledger, notifier, lock = Ledger(), RecordingNotifier(), threading.RLock()
    queue: list[dict[str, Any]] = []
    dead_letters: list[dict[str, Any]] = []
    expected: dict[Job, tuple[int, int]] = {}
    for number in range(uploads):
        key, content, rows = make_upload(number, rng)
        upload = put_upload(key, content)
        expected[find_job(upload)] = rows
        copies = rng.randint(1, 3)
        ledger.delivered += copies
        queue += [make_message(upload, f"m{number}-{copy}") for copy in range(copies)]
    rng.shuffle(queue)

    def build(own: random.Random) -> Handler:
        faults = Faults(lambda: own.choices(KINDS, WEIGHTS)[0] if own.random() < rate else "", ledger, lock)
        return build_faulty_handler(faults, notifier, chunk_rows=3)

    def work(own_seed: int) -> None:
        own = random.Random(own_seed)
        while True:
            with lock:
                if not queue:
                    return
                message = queue.pop(own.randrange(len(queue)))
                ledger.received[message["messageId"]] += 1
            receives = ledger.received[message["messageId"]]
            message["attributes"]["ApproximateReceiveCount"] = str(receives)
            try:
                is_done = build(own)({"Records": [message]}, FakeContext(120_000)) == {"batchItemFailures": []}
            except Death:
                ledger.deaths += 1
                is_done = False
            if not is_done:
                with lock:
                    (dead_letters if receives == MAX_RECEIVES else queue).append(message)

    while queue:
        with ThreadPoolExecutor(workers) as pool:
            for future in [pool.submit(work, rng.randrange(2**32)) for _ in range(workers)]:
                future.result()
        ledger.redriven += len(dead_letters)  # the operator's redrive, until nothing is left
        queue.extend({**message, "messageId": f"{message['messageId']}-again"} for message in dead_letters)  # SQS gives it a new id
        dead_letters.clear()
    receives = {
        job.id: max(count for id_, count in ledger.received.items() if id_.startswith(f"m{number}-")) for number, job in enumerate(expected)
    }
    return replace(take_outcome(results, expected, notifier, ledger), receives=receives)


def each_fault(kinds: tuple[str, ...]) -> Iterator[Faults]:
    """Give faults for the same work to be done with again and again: each time one fault, at the next call, until there is no next call."""
    for kind in kinds:
        for at in itertools.count():
            calls = itertools.count()
            faults = Faults(lambda at=at, calls=calls, kind=kind: kind if next(calls) == at else "", Ledger(), nullcontext())  # type: ignore[misc]
            yield faults
            if not faults.ledger.faults:
                break


def deliver_until_done(handler: Handler, message: dict[str, Any]) -> None:
    """Deliver a message as the queue does, and as often."""
    for receive_count in range(1, MAX_RECEIVES + 1):
        message["attributes"]["ApproximateReceiveCount"] = str(receive_count)
        with suppress(Death):
            if handler({"Records": [message]}, FakeContext(120_000)) == {"batchItemFailures": []}:
                return
    raise AssertionError(f"not done after {MAX_RECEIVES} times")


def build_faulty_handler(faults: Faults, notifier: RecordingNotifier, *, sagemaker: Any = None, **options: Any) -> Handler:
    """Return the function's handler over its own client of S3, some of whose calls fail, and some of the requests that they make."""
    s3 = create_s3(lambda address: faults.wrap(MotoSender(address), fail_request))
    return build_handler(
        faults.wrap(s3, fail_s3),
        faults.wrap(notifier, fail_notification),
        endpoint=faults.wrap(FakeEndpoint(), fail_endpoint),
        sagemaker=faults.wrap(sagemaker, fail_s3),
        sqs=NoSqs(),
        **options,
    )


class NoSqs:
    def change_message_visibility(self, **request: Any) -> None:
        """Nothing: the run chooses by itself what is received next."""


def take_outcome(results: Bucket, expected: dict[Job, tuple[int, int]], notifier: RecordingNotifier, ledger: Ledger) -> Outcome:
    """Return what is in the bucket, with who was notified; what is staged for Batch Transform may be written again."""
    writes = {key: count for key, count in results.count_writes().items() if not key.startswith("transform/")}
    notified = Counter(summary["id"] for summary in notifier.finished)
    return Outcome(expected, {key: results.read(key) for key in writes}, writes, notified, ledger)


def make_upload(number: int, rng: random.Random) -> tuple[str, bytes, tuple[int, int]]:
    """Return an upload's key and content, its rows and how many of them cannot be read; every seventh upload cannot be read at all."""
    rows, bad = rng.randint(1, 9), rng.randint(0, 2)
    if number % 7 == 6:
        return f"inbox/broken {number}.bin", b"\x00\x01\x02\x03", (0, 0)
    instances = [bytes([rng.randrange(64, 256)]) + bytes(783) for _ in range(rows)]  # darker ones are refused beside others
    if number % 2:
        return f"inbox/{number} ü+.npy", npy.write(b"".join(instances), (rows, 28, 28)), (rows, 0)
    lines = [",".join(map(str, instance)) for instance in instances] + ["1,2,x"] * bad
    return f"inbox/{number}.csv", "\n".join(lines).encode(), (rows + bad, bad)


def check(outcome: Outcome) -> list[str]:
    """Return everything that is wrong: uploads without exactly one result, results of no upload, counts that do not add up."""
    ended_in_words = set(outcome.list_ended_in_words())
    wrong = [f"{key} was written {count} times" for key, count in outcome.writes.items() if count != 1]
    own = {job.key(name) for job in outcome.expected for name in OWN_FILES}
    notes = tuple(job.key("attempts/") for job in outcome.expected)
    wrong += [f"{key} belongs to no upload" for key in outcome.objects if key not in own and not key.startswith(notes)]
    for job, (rows, failed) in outcome.expected.items():
        if job.key("summary.json") not in outcome.objects:
            wrong.append(f"{job.name} has no result")
            continue
        if not outcome.notified[job.id]:
            wrong.append(f"nobody was notified of {job.name}")
        summary = json.loads(outcome.objects[job.key("summary.json")])
        if job in ended_in_words:
            if outcome.receives.get(job.id, 0) < LEAST_RECEIVES:
                wrong.append(f"{job.name} was given up too early")
            continue
        predictions = outcome.objects.get(job.key("predictions.jsonl"))
        if not rows:
            if summary["state"] != "failed" or not summary["error"]["detail"] or predictions is not None:
                wrong.append(f"{job.name} should have failed with a reason")
            continue
        lines = [json.loads(line) for line in (predictions or b"").splitlines()]
        failed_lines = sum("error" in line for line in lines)
        if (len(lines), failed_lines) != (rows, failed) or [line["row"] for line in lines] != list(range(1, len(lines) + 1)):
            wrong.append(f"{job.name} has {len(lines)} lines, {failed_lines} of them failed; expected {rows}, {failed}")
        if (summary["state"], summary["rows"], summary["failed"]) != ("succeeded", rows, failed):
            wrong.append(f"the summary of {job.name} says {summary['state']}, {summary.get('rows')} rows; expected {rows}, {failed}")
        if sum(summary["labels"].values()) != rows - failed:
            wrong.append(f"the labels of {job.name} do not add up")
    return wrong
