"""`inferstack inbox`: what became of files in a bucket of moto's, with the keys that the functions write."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import Result

from cli.ages import format_age
from cli.jobs.inbox import Inbox
from cli.main import app
from functions.shared.jobs import STARTED, SUMMARY, Job
from tests.command import CliRunner
from tests.moto_aws import Bucket
from tests.moto_s3 import create_s3
from tests.unit.cli.world import FakeStacks, build_state, fake_services

STACKS = FakeStacks(
    {
        "Inferstack-dev-Web": {"UploadsBucketName": "uploads", "ResultsBucketName": "results"},
        "Inferstack-dev-Storage": {"DumpBucketName": "dump"},
    }
)


class Buckets:
    """A stage's three buckets."""

    def __init__(self, results: Bucket) -> None:
        self.uploads, self.results, self.dump = Bucket("uploads"), results, Bucket("dump")

    def drop(self, key: str) -> Job:
        """Put a file into the uploads bucket, and return its job."""
        version = self.uploads.client.put_object(Bucket="uploads", Key=key, Body=b"any")["VersionId"]
        job = Job.of_upload(key, version)
        assert job
        return job

    def end(self, job: Job, **summary: Any) -> None:
        self.results.put(job.key(SUMMARY), json.dumps({"state": "succeeded", **summary}).encode())

    def run(self, *arguments: str) -> Result:
        clients = {"s3": self.uploads.client, "cloudformation": STACKS}
        services = fake_services(connect_aws=lambda _: clients.__getitem__)
        result = CliRunner().invoke(app, ["inbox", "--stage", "dev", *arguments], obj=services, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    def read(self, *arguments: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.run(*arguments, "--json").stdout)
        return document


@pytest.fixture
def buckets(results: Bucket) -> Buckets:
    return Buckets(results)


def test_says_what_came_of_each_file_and_where_the_results_are(buckets: Buckets) -> None:
    buckets.drop("inbox/waits.csv")
    begun, done = buckets.drop("inbox/begun.csv"), buckets.drop("inbox/a b/done.csv")
    buckets.results.put(begun.key(STARTED), b"{}")
    buckets.end(done, rows=3, succeeded=2, failed=1, labels={"7": 2})
    files = {each["key"]: each for each in buckets.read()["files"]}
    assert {key: each["state"] for key, each in files.items()} == {
        "inbox/waits.csv": "waiting",
        "inbox/begun.csv": "processing",
        "inbox/a b/done.csv": "succeeded",
    }
    assert files["inbox/a b/done.csv"]["results"] == f"s3://results/{done.prefix}"
    printed = buckets.run().stdout
    assert f"2 of 3  7 ×2    {done.prefix}" in printed
    assert f"aws s3 cp --recursive 's3://results/{done.prefix}' FOLDER" in printed


def test_tells_why_a_file_failed_or_was_ignored(buckets: Buckets) -> None:
    job = buckets.drop("inbox/a.pdf")
    buckets.end(job, state="failed", error={"code": "x", "title": "Not a picture", "detail": "got a PDF", "advice": "Send a PNG."})
    buckets.uploads.put("inbox/_SUCCESS")
    buckets.uploads.put("inbox/folder/")
    printed = buckets.run().stdout
    assert "inbox/a.pdf  failed Not a picture: got a PDF\ninbox/a.pdf  advice Send a PNG." in printed
    assert "inbox/_SUCCESS  ignored" in printed
    assert "inbox/folder/" not in printed


def test_looks_at_the_job_of_a_file_as_it_is_now(buckets: Buckets) -> None:
    buckets.end(buckets.drop("inbox/a.csv"), rows=1, succeeded=1)
    buckets.drop("inbox/a.csv")
    assert [each["state"] for each in buckets.read()["files"]] == ["waiting"]


def test_tells_of_files_that_nobody_reads_where_they_are(buckets: Buckets) -> None:
    for key in ("root.csv", "Inbox/a.csv", "uploads/a.csv", "uploads/with space/a.csv", ".DS_Store", "folder/"):
        buckets.uploads.put(key)
    buckets.uploads.put("uploads/anyone/0123456789abcdefghjkmnpqrs/a.png")
    for key in ("inbox/a.csv", "raw/digits/a.csv"):
        buckets.dump.put(key)
    found = {(each["bucket"], each["key"]) for each in buckets.read()["misplaced"]}
    assert found == {
        ("uploads", "root.csv"),
        ("uploads", "Inbox/a.csv"),
        ("uploads", "uploads/a.csv"),
        ("uploads", "uploads/with space/a.csv"),
        ("dump", "inbox/a.csv"),
    }
    printed = buckets.run().stdout
    assert "s3://dump/inbox/a.csv" in printed
    assert "copy it to s3://uploads/inbox/" in printed


@pytest.mark.parametrize("whose", ["ours", "botocore"])
def test_finds_what_is_misplaced_with_either_client(buckets: Buckets, whose: str) -> None:
    keys = [f"elsewhere/{number}.csv" for number in range(1001)]  # one more than a page of a listing has
    for key in keys:
        buckets.uploads.put(key)
    client = create_s3() if whose == "ours" else buckets.uploads.client
    found = Inbox(client, uploads="uploads", results="results", dump="dump").list_misplaced()
    assert sorted(each.key for each in found) == sorted(keys)
    assert {type(each.dropped_at) for each in found} == {datetime}


def test_says_how_to_reach_the_stack_on_this_machine(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.commands.inbox.read_state", lambda: build_state(aws={"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}))
    outputs = {name.replace("-dev-", "-local-"): values for name, values in STACKS.outputs.items()}
    clients = {"s3": buckets.uploads.client, "cloudformation": FakeStacks(outputs)}
    services = fake_services(connect_aws=lambda _: clients.__getitem__)
    assert (
        "AWS_ENDPOINT_URL=http://127.0.0.1:1 aws s3 cp FILE s3://uploads/inbox/" in CliRunner().invoke(app, ["inbox"], obj=services).stdout
    )
    buckets.end(buckets.drop("inbox/my tables/a (1).csv"))
    printed = CliRunner().invoke(app, ["inbox"], obj=services).stdout
    assert "AWS_ENDPOINT_URL=http://127.0.0.1:1 aws s3 cp --recursive 's3://results/inbox/my tables/a (1).csv/" in printed


def test_says_how_to_fill_an_empty_inbox(buckets: Buckets) -> None:
    assert "the inbox is empty; drop a file:  aws s3 cp FILE s3://uploads/inbox/" in buckets.run().stdout
    assert buckets.read() == {"inbox": "s3://uploads/inbox/", "count": 0, "files": [], "misplaced": []}


def test_says_that_there_are_more_files_than_it_shows(buckets: Buckets) -> None:
    for name in "abc":
        buckets.drop(f"inbox/{name}.csv")
    assert "the newest 2 of 3 files; --limit shows more" in buckets.run("--limit", "2").stderr
    assert "--limit" not in buckets.run("--limit", "3").stderr
    assert buckets.read("--limit", "2")["count"] == 3


def test_says_when_it_did_not_look_at_all(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.jobs.inbox.MOST_KEYS", 1)
    for name in "ab":
        buckets.drop(f"inbox/{name}.csv")
    assert "too many files" in buckets.run().stderr


@pytest.mark.parametrize(
    ("age", "text"),
    [(0.4, "0 s"), (59, "59 s"), (60, "1 min"), (3 * 3600 + 1, "3 h"), (48 * 3600, "2 d"), (-5, "0 s")],
)
def test_writes_an_age(age: float, text: str) -> None:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    assert format_age(now - timedelta(seconds=age), now) == text
    assert format_age((now - timedelta(seconds=age)).isoformat(), now) == text


@pytest.mark.parametrize("wrong", ["", None, "yesterday", "2026-11-29T10:00:00"])
def test_writes_no_age_of_what_is_no_time(wrong: str | None) -> None:
    assert not format_age(wrong)
