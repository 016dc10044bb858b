"""A program with the Python client that openapi-python-client generated: predicts, uploads, lists. It prints what it found, as JSON.

Arguments:  the API's address, a picture, a photo of several digits.
"""

import base64
import io
import json
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from inferstack_http_api_client import Client
from inferstack_http_api_client.api.jobs import create_job, get_job, list_jobs
from inferstack_http_api_client.api.operation import get_model
from inferstack_http_api_client.api.predictions import predict
from inferstack_http_api_client.models import (
    Classification,
    Instances,
    Job,
    JobHeadState,
    JobPage,
    JobRequest,
    Manifest,
    NewJob,
    Picture,
    Predictions,
    Problem,
)
from inferstack_http_api_client.types import File, Unset

WAIT_S = 30


def read_label(answer: Any) -> int:
    assert isinstance(answer, Predictions), answer
    (first,) = answer.predictions
    assert isinstance(first, Classification)
    return first.label


def upload(client: Client, photo: Path) -> Job:
    """Make a job, POST the photo to its form, and return the finished job."""
    request = JobRequest(name=photo.name, content_type="image/jpeg", size_bytes=photo.stat().st_size)
    job = create_job.sync(client=client, body=request, idempotency_key=f"client-{time.time_ns()}")
    assert isinstance(job, NewJob), job
    httpx.post(job.upload.url, data=job.upload.fields.to_dict(), files={"file": photo.read_bytes()}).raise_for_status()
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        found = get_job.sync(job.id, client=client)
        assert isinstance(found, Job), found
        if found.state in {JobHeadState.SUCCEEDED, JobHeadState.FAILED}:
            return found
        time.sleep(0.1)
    raise TimeoutError(job.id)


def main(url: str, picture: Path, photo: Path) -> None:
    client = Client(base_url=url, timeout=30)
    model = get_model.sync(client=client)
    assert isinstance(model, Manifest)
    image = picture.read_bytes()
    labels = [
        read_label(predict.sync(client=client, body=body))
        for body in (File(io.BytesIO(image)), Picture(base64.b64encode(image).decode()), Instances([[0] * 392 + [255] * 392]))
    ]
    refused = predict.sync(client=client, body=Instances([[0] * 783]))
    assert isinstance(refused, Problem), refused
    job = upload(client, photo)
    page = list_jobs.sync(client=client, limit=20)
    assert isinstance(page, JobPage)
    assert not isinstance(job.summary, Unset)
    json.dump(
        {
            "recipe": model.recipe,
            "labels": labels[:2],
            "refused": refused.type_,
            "state": job.state.value,
            "rows": job.summary.rows,
            "is_listed": job.id in [each.id for each in page.jobs],
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
