"""The upload path on the real stack: HTTP, S3, the queue, the function, the endpoint, the results."""

import csv
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from local.run_state import RunState
from recipes import npy

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 60
Api = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def api(stack: RunState) -> Api:
    def ask(method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, Any]]:
        data = None if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with urlopen(
                Request(stack.api_url + path, data=data, method=method, headers={"content-type": "application/json", **named})
            ) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)

    return ask


def post_form(form: dict[str, Any], content: bytes, **changed: str) -> int:
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in {**form["fields"], **changed}.items()
    ]
    file = f'--{boundary}\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n'.encode() + content
    body = b"".join(parts) + file + f"\r\n--{boundary}--\r\n".encode()
    try:
        with urlopen(Request(form["url"], data=body, headers={"content-type": f"multipart/form-data; boundary={boundary}"})) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.read()
        return error.code


def finished(api: Api, id_: str) -> dict[str, Any]:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        _, job = api("GET", f"/jobs/{id_}")
        if job["state"] in {"succeeded", "failed"}:
            return job
        time.sleep(0.05)
    raise AssertionError(f"job {id_} is still {job['state']}")


def answered(api: Api, name: str, content: bytes, **more: Any) -> dict[str, Any]:
    status, job = api("POST", "/jobs", {"name": name, **more})
    assert (status, job["state"]) == (201, "waiting")
    assert post_form(job["upload"], content) == 204
    return finished(api, job["id"])


@pytest.mark.parametrize("name", ["seven.png", "a b+c ü 日本 (1).png", "100% & <b>.png"])
def test_answers_a_picture_whatever_it_is_called(api: Api, name: str) -> None:
    job = answered(api, name, (ROOT / "docs/seven.png").read_bytes(), content_type="image/png")
    assert (job["state"], job["name"]) == ("succeeded", name)
    assert [prediction["label"] for prediction in job["summary"]["predictions"]] == [7]


def test_answers_a_photo_of_several_digits_in_order_with_their_boxes(api: Api) -> None:
    job = answered(api, "photo.jpg", (ROOT / "docs/digits-photo.jpg").read_bytes())
    found = job["summary"]["predictions"]
    assert len(found) == 15
    size = job["summary"]["image"]
    for x, y, width, height in (prediction["box"] for prediction in found):
        assert 0 <= x < x + width <= size["width"]
        assert 0 <= y < y + height <= size["height"]


def test_answers_a_batch_and_gives_its_results(api: Api) -> None:
    rows = b"\n".join([b",".join([b"0"] * 784), b"no row", b",".join([b"9"] * 784)])
    job = answered(api, "batch.csv", rows, csv=True)
    assert {name: job["summary"][name] for name in ("format", "rows", "succeeded", "failed")} == {
        "format": "csv",
        "rows": 3,
        "succeeded": 2,
        "failed": 1,
    }
    assert [result["name"] for result in job["results"]] == ["predictions.jsonl", "predictions.csv"]
    with urlopen(job["results"][0]["url"]) as answer:
        assert "attachment" in answer.headers["content-disposition"]
        lines = [json.loads(line) for line in answer]
    assert [line["row"] for line in lines] == [1, 2, 3]
    assert lines[1]["error"]["code"] == "not-a-number"


def test_says_why_an_upload_failed(api: Api) -> None:
    job = answered(api, "a.pdf", b"%PDF-1.7\x00\x00\x00")
    assert (job["state"], job["error"]["code"]) == ("failed", "unsupported-type")


@pytest.mark.parametrize("rows", [2, 4000])  # 4000 rows are read in two ranges, and the client sent a checksum of the whole
def test_answers_what_an_operator_copies_under_its_own_key(stack: RunState, client: Callable[[str], Any], rows: int) -> None:
    s3, key = client("s3"), f"inbox/2026/{uuid4().hex} a+b ü%41\n.npy"
    s3.put_object(Bucket=stack.uploads_bucket, Key=key, Body=npy.write(bytes(rows * 784), (rows, 28, 28)))
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        found = [each["Key"] for each in s3.list_objects_v2(Bucket=stack.results_bucket, Prefix=f"{key}/").get("Contents", [])]
        if any(each.endswith("/summary.json") for each in found):
            break
        time.sleep(0.05)
    (summary,) = [each for each in found if each.endswith("/summary.json")]
    assert json.load(s3.get_object(Bucket=stack.results_bucket, Key=summary)["Body"])["rows"] == rows
    assert [each.rpartition("/")[2] for each in found] == ["predictions.jsonl", "started.json", "summary.json"]


def test_makes_one_job_for_one_idempotency_key(api: Api) -> None:
    key = uuid4().hex
    first, again, other = (api("POST", "/jobs", {"name": name}, idempotency_key=key) for name in ("a.csv", "a.csv", "b.csv"))
    assert (first[0], again[0], other[0]) == (201, 201, 409)
    assert first[1]["id"] == again[1]["id"]
    assert first[1]["upload"]["fields"]["key"] == again[1]["upload"]["fields"]["key"]


def test_lets_nothing_be_uploaded_but_what_was_asked_for(api: Api) -> None:
    _, job = api("POST", "/jobs", {"name": "a.csv", "content_type": "text/csv", "size_bytes": 5})
    assert post_form(job["upload"], b"123456") == 400
    assert post_form(job["upload"], b"12345", key="uploads/someone/else") == 403
    assert post_form(job["upload"], b"12345", **{"Content-Type": "text/html"}) == 403
    assert post_form(job["upload"], b"12345") == 204


def test_lists_jobs_newest_first_page_by_page(api: Api) -> None:
    made = [api("POST", "/jobs", {"name": f"{number}.csv"})[1]["id"] for number in range(5)]
    seen: list[str] = []
    cursor = ""
    while len(seen) < 5:
        _, page = api("GET", f"/jobs?limit=2{cursor}")
        assert len(page["jobs"]) == 2
        seen += [job["id"] for job in page["jobs"]]
        cursor = f"&cursor={page['next']}"
    assert seen[:5] == made[::-1]


def test_answers_a_second_upload_of_one_form_no_second_time(api: Api, stack: RunState, client: Callable[[str], Any]) -> None:
    _, job = api("POST", "/jobs", {"name": "a.npy"})
    assert post_form(job["upload"], npy.write(bytes(784), (1, 784))) == 204
    first = finished(api, job["id"])
    assert post_form(job["upload"], npy.write(bytes(2 * 784), (2, 784))) == 204
    _wait_until_empty(stack, client)
    assert finished(api, job["id"])["summary"] == first["summary"]


def test_goes_on_beside_a_message_it_cannot_read(api: Api, stack: RunState, client: Callable[[str], Any]) -> None:
    sqs, outputs = client("sqs"), _outputs(client)
    sqs.send_message(QueueUrl=outputs["UploadQueueUrl"], MessageBody="{no event")
    assert answered(api, "after.csv", b",".join([b"0"] * 784))["state"] == "succeeded"


def _wait_until_empty(stack: RunState, client: Callable[[str], Any]) -> None:
    sqs, url = client("sqs"), _outputs(client)["UploadQueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        if counts["ApproximateNumberOfMessages"] == "0" and counts["ApproximateNumberOfMessagesNotVisible"] == "0":
            return
        time.sleep(0.1)


def _outputs(client: Callable[[str], Any]) -> dict[str, str]:
    (web,) = client("cloudformation").describe_stacks(StackName="Inferstack-local-Web")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in web["Outputs"]}


@pytest.fixture(autouse=True)
def _leave_no_poison(client: Callable[[str], Any]) -> Iterator[None]:
    yield
    for queue in ("UploadQueueUrl", "DeadLetterQueueUrl"):  # a message that cannot be read is tried again for minutes
        client("sqs").purge_queue(QueueUrl=_outputs(client)[queue])


def test_repeats_the_columns_that_a_job_asks_for(api: Api) -> None:
    pixels = ",".join(f"pixel{number}" for number in range(784))
    rows = f"order,email,{pixels}\n1,=a@example.com,{','.join(['0'] * 400 + ['255'] * 100 + ['0'] * 284)}\n".encode()
    job = answered(api, "batch.csv", rows, csv=True, keys=["email", "order"])
    lines, table = (urlopen(result["url"]).read().decode() for result in job["results"])
    assert json.loads(lines)["keys"] == {"email": "=a@example.com", "order": "1"}
    (row,) = csv.DictReader(table.splitlines())
    assert (row["order"], row["email"], row["row"]) == ("1", "'=a@example.com", "2")
