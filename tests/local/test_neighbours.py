"""One upload costs nobody else: what stops the function ends in words, and the uploads beside it do not wait for it."""

import json
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from functions.shared.jobs import ATTEMPTS
from local.run_state import RunState
from tests.killers import MEMORY, SIGNAL, let_files_stop_the_function
from tests.local.conftest import Client

PHOTO = (Path(__file__).resolve().parents[2] / "docs/seven.png").read_bytes()
PHOTOS, MANY, LIMIT_S = 12, 40, 90


@pytest.fixture(scope="module")
def _hook(client: Client) -> Iterator[None]:
    with let_files_stop_the_function(client("lambda"), is_soon_received_again=True):
        yield


@contextmanager
def let_the_queue_fill(functions: Any, queue: str) -> Iterator[None]:
    """Give the upload function no message for a while, so that the order of a busy queue does not depend on how fast it is filled."""
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    (mapping,) = [each for each in mappings if each["EventSourceArn"].endswith(f":{queue}")]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def find_upload_queue(client: Client) -> str:
    """Return the name of the queue that uploads come through."""
    (web,) = client("cloudformation").describe_stacks(StackName="Inferstack-local-Web")["Stacks"]
    outputs: dict[str, str] = {output["OutputKey"]: output["OutputValue"] for output in web["Outputs"]}
    return outputs["UploadQueueUrl"].rpartition("/")[2]


def wait_for_summaries(stack: RunState, client: Client, folder: str, count: int) -> dict[str, dict[str, Any]]:
    """Return the summaries of a folder's uploads, by the uploads' names, as soon as there are so many."""
    s3, deadline, keys = client("s3"), time.monotonic() + LIMIT_S, list[str]()
    while len(keys) < count:
        assert time.monotonic() < deadline, f"{len(keys)} of {count} ended"
        time.sleep(0.1)
        found = s3.list_objects_v2(Bucket=stack.results_bucket, Prefix=f"inbox/{folder}/").get("Contents", [])
        keys = [each["Key"] for each in found if each["Key"].endswith("/summary.json")]
    summaries = (json.load(s3.get_object(Bucket=stack.results_bucket, Key=key)["Body"]) for key in keys)
    return {summary["name"].rpartition("/")[2]: summary for summary in summaries}


@pytest.mark.usefixtures("_hook")
def test_answers_every_photo_beside_files_that_stop_the_function(stack: RunState, client: Client) -> None:
    s3, folder = client("s3"), uuid4().hex
    killers = [f"{SIGNAL}.png", f"{MEMORY}.png"]
    for name in (*killers, *(f"{number}.png" for number in range(PHOTOS))):
        s3.put_object(Bucket=stack.uploads_bucket, Key=f"inbox/{folder}/{name}", Body=PHOTO)
    summaries = wait_for_summaries(stack, client, folder, PHOTOS + len(killers))
    for name, summary in summaries.items():
        if name in killers:
            assert (summary["state"], summary["error"]["code"]) == ("failed", "function-stopped")
        else:
            assert summary["predictions"][0]["label"] == 7
    listed = s3.list_objects_v2(Bucket=stack.results_bucket, Prefix=f"inbox/{folder}/")["Contents"]
    tried_again = {key.split("/")[2] for key in (each["Key"] for each in listed) if f"/{ATTEMPTS}/" in key}
    assert tried_again == set(killers)  # they took no photo with them


def test_takes_another_owners_photo_before_the_many_of_one(stack: RunState, client: Client) -> None:
    s3, folder, id_ = client("s3"), uuid4().hex, secrets.token_hex(13)
    keys = [f"inbox/{folder}/{number}.png" for number in range(MANY)]
    with let_the_queue_fill(client("lambda"), find_upload_queue(client)):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda key: s3.put_object(Bucket=stack.uploads_bucket, Key=key, Body=PHOTO), keys))
        s3.put_object(Bucket=stack.uploads_bucket, Key=f"uploads/somebody/{id_}/seven.png", Body=PHOTO)
    many = wait_for_summaries(stack, client, folder, MANY)
    single = json.load(s3.get_object(Bucket=stack.results_bucket, Key=f"jobs/somebody/{id_}/summary.json")["Body"])
    later = [name for name, summary in many.items() if summary["finished_at"] > single["finished_at"]]
    assert len(later) >= MANY // 4  # those that were read before it came do not count
