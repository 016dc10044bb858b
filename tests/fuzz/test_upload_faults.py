"""Never lost, never doubled: the fault run, and that its checker can tell."""

from collections import Counter
from dataclasses import replace

import pytest
from moto.s3 import models as s3_models

from functions.process_upload.results import writer
from functions.shared.jobs import Job
from tests.faults import (
    Faults,
    Ledger,
    Outcome,
    build_faulty_handler,
    check,
    deliver_until_done,
    each_fault,
    run,
    take_outcome,
)
from tests.moto_aws import Bucket
from tests.upload_handler import CONFIG
from tests.upload_messages import make_message, make_transform_message
from tests.uploads import RecordingNotifier, SageMaker, find_job, put_upload, run_transform

UPLOAD_COUNT = 14  # benchmarks/uploads/faults.py runs thousands
ROWS = b"\n".join(b",".join([b"%d" % first, *[b"0"] * 783]) for first in (1, 2)) + b"\n1,2\n"


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    outcome = run(UPLOAD_COUNT, rate=0.25, seed=7)
    ledger = outcome.ledger
    assert sum(ledger.faults.values()) > 0.15 * sum(ledger.calls.values())
    assert ledger.deaths > 5
    assert ledger.delivered > 1.5 * UPLOAD_COUNT
    return outcome


def test_finds_nothing_where_nothing_fails() -> None:
    """So what the checker finds in a long run are faults, and no rows that are refused for another reason."""
    assert check(run(40, rate=0.0, seed=20261121)) == []


def test_loses_nothing_and_doubles_nothing(outcome: Outcome) -> None:
    assert check(outcome) == []


def find_job_with_rows(outcome: Outcome) -> Job:
    ended = outcome.list_ended_in_words()
    return next(job for job, (rows, _) in outcome.expected.items() if rows > 1 and job not in ended)


@pytest.mark.parametrize("name", ["summary.json", "predictions.jsonl"])
def test_would_see_a_loss(outcome: Outcome, name: str) -> None:
    lost = find_job_with_rows(outcome).key(name)
    assert len(check(replace(outcome, objects={key: body for key, body in outcome.objects.items() if key != lost}))) >= 1


def test_would_see_a_second_result_and_a_lost_row(outcome: Outcome) -> None:
    key = find_job_with_rows(outcome).key("predictions.jsonl")
    body = outcome.objects[key]
    shorter = {**outcome.objects, key: body[: body.rindex(b"\n", 0, -1) + 1]}
    assert len(check(replace(outcome, objects=shorter, writes={**outcome.writes, key: 2}))) == 2


def test_would_see_that_nobody_was_notified(outcome: Outcome) -> None:
    missing = Counter(outcome.notified)
    missing.pop(next(iter(missing)))
    assert len(check(replace(outcome, notified=missing))) == 1


EACH_KINDS = ("before", "death")  # a failure after the effect leaves what a death leaves; `run` has those, too


def list_faults(counted: list[Faults]) -> set[str]:
    return {fault for faults in counted for fault in faults.ledger.faults}


def test_survives_a_fault_at_each_call_of_an_upload(results: Bucket) -> None:
    notifier, expected, counted = RecordingNotifier(), {}, []
    for number, faults in enumerate(each_fault(EACH_KINDS)):
        upload = put_upload(f"inbox/{number}.csv", ROWS, {"csv": "true"})
        expected[find_job(upload)] = (3, 1)
        deliver_until_done(build_faulty_handler(faults, notifier, in_flight=1), make_message(upload))
        counted.append(faults)
    outcome = take_outcome(results, expected, notifier, Ledger())
    assert check(outcome) == []
    assert {job.key("predictions.csv") for job in expected} < set(outcome.objects)
    calls = ("list_objects_v2", "put_object", "get_object", "send", "invoke", "notify_finished")
    assert list_faults(counted) == {f"{call} {kind}" for call in calls for kind in EACH_KINDS}


def test_survives_a_fault_at_each_request_of_a_result_in_parts(results: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is lost may be the answer to the request that made the object."""
    monkeypatch.setattr(writer, "PART_BYTES", 256)
    monkeypatch.setattr(s3_models, "S3_UPLOAD_PART_MIN_SIZE", 256)
    notifier, expected, counted = RecordingNotifier(), {}, []
    for number, faults in enumerate(each_fault(("after", "death"))):
        upload = put_upload(f"inbox/{number}.csv", ROWS)
        expected[find_job(upload)] = (3, 1)
        deliver_until_done(build_faulty_handler(faults, notifier, in_flight=1), make_message(upload))
        counted.append(faults)
    assert check(take_outcome(results, expected, notifier, Ledger())) == []
    assert {"complete_multipart_upload death", "upload_part after", "send after"} < list_faults(counted)


def test_survives_a_fault_at_each_call_of_a_transform(results: Bucket) -> None:
    """Starting the transform job, then finishing the job when it ended."""
    notifier, expected, counted, sagemaker = RecordingNotifier(), {}, [], SageMaker()
    sagemaker.deploy(digits=1.0)
    for number, faults in enumerate(each_fault(("death",))):
        upload = put_upload(f"inbox/{number}.csv", ROWS)
        job = find_job(upload)
        expected[job] = (3, 1)
        handler = build_faulty_handler(faults, notifier, sagemaker=sagemaker, transform_over_bytes=1)
        deliver_until_done(handler, make_message(upload))
        run_transform(results, job)
        deliver_until_done(handler, make_transform_message(f"{CONFIG.transform_prefix}-{job.id}", "Completed"))
        counted.append(faults)
    assert len(sagemaker.list_transform_jobs(MaxResults=100)["TransformJobSummaries"]) == len(expected)
    assert check(take_outcome(results, expected, notifier, Ledger())) == []
    assert {"create_transform_job death", "describe_endpoint death", "notify_finished death"} < list_faults(counted)
