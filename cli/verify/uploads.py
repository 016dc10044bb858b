"""Whether uploads become jobs and jobs end: each kind of file, a form that is misused, and the inbox of operators."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from cli.api.answers import NEW_JOB
from cli.api.client import Api
from cli.http.presigned_s3 import TIMEOUT_S
from cli.jobs.file_upload import TERMINAL, Uploader
from cli.jobs.wait import read_job
from cli.stage.aws import translate_aws_errors
from cli.verify.check import Check, CheckFailed, require
from cli.verify.deployment import Deployment
from cli.verify.samples import UploadSample, list_uploads, write_csv
from functions.shared.areas import INBOX
from recipes.media_types import CSV, JSON, PNG
from recipes.recipe import Recipe

LIMIT_S = 300  # for a job: a cold function in front of a cold endpoint
FIX = "see docs/uploads-for-operators.md: the dead-letter queue, and the log of the process function"


def list_checks(recipe: Recipe) -> list[Check]:
    """Return the checks, one for each kind of file."""
    form = Check("uploads", "form", check_form, "the signed form is wider than it must be: look at functions/jobs/presign.py")
    return [*list_recipe_checks(recipe), form]


def list_recipe_checks(recipe: Recipe) -> list[Check]:
    """Return the checks of each recipe."""
    files = [Check("uploads", name, partial(check_upload, name=name), FIX) for name in list_uploads(recipe)]
    return [*files, Check("uploads", "inbox", check_inbox, FIX)]


def check_upload(deployment: Deployment, *, name: str) -> str:
    """Upload a file, wait for its job, and read its results."""
    sample = list_uploads(deployment.recipe)[name](deployment.recipe, deployment.marker)
    file = deployment.folder / f"{deployment.marker}-{name}"
    file.write_bytes(sample.content)
    upload = Uploader(deployment.api, csv=True, sleep=deployment.sleep, recipe=deployment.choice).upload(file)
    if upload.problem or upload.job is None:
        raise CheckFailed(f"the upload failed: {upload.problem}")
    job = wait_for_job(deployment, str(upload.job["id"]))
    if deployment.others:
        got, expected = job.get("recipe"), deployment.recipe.name
        require(got == expected, f"job {job['id']} is of {got}, expected {expected}")
    return _check_job(deployment, job, sample)


def check_form(deployment: Deployment) -> str:
    """Send to a job's form what it must refuse: another type, another size, another key."""
    content = write_csv(deployment.recipe)
    form = make_job(deployment.api, f"{deployment.marker}.csv", CSV, len(content))["upload"]
    misuses: list[tuple[str, Mapping[str, str], bytes]] = [
        ("another content type", {"Content-Type": PNG}, content),
        ("a larger file", {}, content + b"\n"),
        ("another key", {"key": f"{INBOX}/{deployment.marker}.csv"}, content),
    ]
    for name, fields, body in misuses:
        status = post_form(deployment, form, body, fields)
        require(400 <= status < 500, f"the form took {name} with {status}, expected S3 to refuse it")
    status = post_form(deployment, form, content)
    require(status in {200, 201, 204}, f"the form refused its own file with {status}")
    return f"takes its file, and refuses {', '.join(name for name, _, _ in misuses)}"


def check_inbox(deployment: Deployment) -> str:
    """Put a file into the inbox as operators do, and wait for its summary in the results bucket."""
    s3, key = deployment.clients("s3"), "/".join(filter(None, [INBOX, deployment.choice, f"{deployment.marker}.csv"]))
    uploads, results = deployment.outputs["UploadsBucketName"], deployment.outputs["ResultsBucketName"]
    with translate_aws_errors():
        s3.put_object(Bucket=uploads, Key=key, Body=write_csv(deployment.recipe), Metadata={"csv": "true"})

    def find_summary() -> list[str]:
        with translate_aws_errors():
            objects = s3.list_objects_v2(Bucket=results, Prefix=f"{key}/").get("Contents", [])
        return [str(each["Key"]) for each in objects if each["Key"].endswith("/summary.json")]

    summaries = deployment.wait_until(find_summary, LIMIT_S)
    require(summaries, f"s3://{results}/{key}/ has no summary.json after {LIMIT_S} s")
    with translate_aws_errors():
        summary = json.loads(s3.get_object(Bucket=results, Key=summaries[0])["Body"].read())
    require(summary.get("succeeded", summary.get("summary", {}).get("succeeded")) == 1, f"the summary is {str(summary)[:200]}")
    return f"results are under s3://{results}/{key}/"


def make_job(api: Api, name: str, content_type: str, size_bytes: int) -> dict[str, Any]:
    """Return a new job with its form."""
    body = json.dumps({"name": name, "content_type": content_type, "size_bytes": size_bytes}).encode()
    job: dict[str, Any] = api.call("POST", "/jobs", NEW_JOB, body=body, headers={"content-type": JSON})
    return job


def post_form(deployment: Deployment, form: Mapping[str, Any], content: bytes, changed: Mapping[str, str] | None = None) -> int:
    """Post a file to a form, some of whose fields may be changed, and return S3's status."""
    fields = {**form["fields"], **(changed or {})}
    return deployment.http.post(form["url"], data=fields, files={"file": ("file", content)}, timeout=TIMEOUT_S).status_code


def wait_for_job(deployment: Deployment, id_: str) -> dict[str, Any]:
    """Return a job when it has ended.

    Raises:  CheckFailed: it does not end in time.
    """

    def read_ended() -> dict[str, Any] | None:
        job = read_job(deployment.api, id_)
        return job if job["state"] in TERMINAL else None

    job = deployment.wait_until(read_ended, LIMIT_S)
    if job is None:
        raise CheckFailed(f"job {id_} has not ended after {LIMIT_S} s")
    found: dict[str, Any] = job
    return found


def _check_job(deployment: Deployment, job: dict[str, Any], sample: UploadSample) -> str:
    require(job["state"] == "succeeded", f"job {job['id']} is {job['state']}: {job.get('error')}")
    summary = job["summary"]
    got = (summary["rows"], summary["failed"])
    require(got == (sample.rows, sample.failed), f"got {got[0]} rows of which {got[1]} failed, expected {sample.rows} and {sample.failed}")
    names = {result["name"]: result["url"] for result in job["results"]}
    require({"predictions.jsonl", "predictions.csv"} <= names.keys(), f"the results are {', '.join(names)}, expected a JSONL and a CSV")
    answer = deployment.http.get(names["predictions.jsonl"], timeout=TIMEOUT_S)
    require(answer.is_success, f"predictions.jsonl cannot be downloaded: {answer.status_code}")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    require(len(lines) == sample.rows, f"predictions.jsonl has {len(lines)} lines, expected {sample.rows}")
    return f"{sample.rows} rows" + (f", of which the wrong {sample.failed} failed" if sample.failed else "")
