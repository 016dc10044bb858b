"""Push on the real stack: AWS's own client subscribes to a job's channel and is told."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from local.paths import NODE
from local.stack import RunState
from recipes import npy
from tests.local.test_uploads import api, finished, post_form

SCRIPT = Path(__file__).parent / "subscribe.mjs"
Lines = Iterator[dict[str, Any]]
__all__ = ["api"]


@contextmanager
def subscribed(url: str, channel: str, *, key: str = "", token: str = "") -> Iterator[Lines]:
    """Give what a subscriber prints, a line at a time; it has ended by itself after 20 s."""
    command = [NODE, SCRIPT, url, channel, key, token]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield (json.loads(line) for line in process.stdout)
        process.kill()
        process.communicate()


def events_config(page_url: str) -> dict[str, Any]:
    with urlopen(f"{page_url}/config.json") as answer:
        found: dict[str, Any] = json.load(answer)["events"]
    return found


def test_tells_a_subscriber_when_the_job_is_finished(api: Any, stack: RunState) -> None:
    config = events_config(stack.page_url)
    _, job = api("POST", "/jobs", {"name": "a.npy"})
    with subscribed(config["url"], job["channel"], key=config["auth"]["apiKey"]) as told:
        assert next(told) == {"connected": job["channel"]}
        time.sleep(1.5)  # the client says nothing when its subscription is acknowledged
        assert post_form(job["upload"], npy.write(bytes(2 * 784), (2, 784))) == 204
        said = next(told)["data"]
    assert {name: said[name] for name in ("id", "state", "name", "rows", "failed", "status_url")} == {
        "id": job["id"],
        "state": "succeeded",
        "name": "a.npy",
        "rows": 2,
        "failed": 0,
        "status_url": job["status_url"],
    }
    assert finished(api, job["id"])["finished_at"] == said["finished_at"]


def test_lets_nobody_subscribe_with_a_key_it_does_not_know(stack: RunState) -> None:
    with subscribed(events_config(stack.page_url)["url"], "/jobs/anyone/x", key="da2-wrong") as told:
        next(told)
        assert "Unauthorized" in next(told)["error"]


@pytest.mark.parametrize("channel", ["/other/anyone/x"])
def test_knows_no_other_namespace(stack: RunState, channel: str) -> None:
    config = events_config(stack.page_url)
    with subscribed(config["url"], channel, key=config["auth"]["apiKey"]) as told:
        next(told)
        assert "error" in next(told)


def test_tells_back_ends_by_an_event(api: Any, stack: RunState, client: Any) -> None:
    bus, sqs = client("events"), client("sqs")
    queue = sqs.create_queue(QueueName="test-finished")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus.put_rule(Name="test-finished", EventPattern=json.dumps({"source": ["inferstack"], "detail-type": ["Inferstack Job Finished"]}))
    bus.put_targets(Rule="test-finished", Targets=[{"Id": "q", "Arn": arn}])
    try:
        _, job = api("POST", "/jobs", {"name": "a.npy"})
        post_form(job["upload"], npy.write(bytes(784), (1, 784)))
        finished(api, job["id"])
        ids = set()
        for _ in range(5):
            for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=2).get("Messages", []):
                ids.add(json.loads(message["Body"])["detail"]["id"])
            if job["id"] in ids:
                break
        assert job["id"] in ids
    finally:
        bus.remove_targets(Rule="test-finished", Ids=["q"])
        bus.delete_rule(Name="test-finished")
        sqs.delete_queue(QueueUrl=queue)
