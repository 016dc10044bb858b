"""Whether a caller hears of their own job: a subscription to its channel with the caller's own sign-in."""

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.api.sign_in import sign_requests
from cli.verify.check import Check, CheckFailed, CheckSkipped, require
from cli.verify.deployment import Deployment
from cli.verify.samples import write_csv
from cli.verify.uploads import make_job, post_form
from deployment.paths import NODE
from recipes.media_types import CSV

LISTENER = Path(__file__).with_name("listen.mjs")
LISTEN_LIMIT_S = 300
PROTOCOL = "aws-appsync-event-ws"
# What AppSync signs of a socket's frame, as its own clients send it.
SIGNED_HEADERS = {"content-type": "application/json; charset=UTF-8", "content-encoding": "amz-1.0"}
Frames = Iterator[dict[str, Any]]
Listen = Callable[[Deployment, str], AbstractContextManager[Frames]]


@contextmanager
def listen(deployment: Deployment, channel: str) -> Iterator[Frames]:
    """Subscribe to a channel, and give the frames that arrive."""
    host = urlsplit(deployment.outputs["EventsUrl"]).netloc
    message = {
        "url": deployment.outputs["EventsRealtimeUrl"],
        "protocols": [PROTOCOL, encode_header(_authorize(deployment, host, {}))],
        "subscribe": {"type": "subscribe", "id": deployment.marker, "channel": channel}
        | {"authorization": _authorize(deployment, host, {"channel": channel})},
        "limitMs": LISTEN_LIMIT_S * 1000,
    }
    with subprocess.Popen(
        [NODE, "--use-system-ca", LISTENER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as node:
        if node.stdin is None or node.stdout is None:
            raise CheckFailed("Node has no pipes")
        node.stdin.write(json.dumps(message) + "\n")  # not as an argument: other users of this machine see those
        node.stdin.flush()
        try:
            yield (json.loads(line) for line in node.stdout)
        finally:
            node.kill()


def encode_header(authorization: dict[str, str]) -> str:
    """Return an authorization as the subprotocol that AppSync reads it from."""
    return f"header-{base64.urlsafe_b64encode(json.dumps(authorization).encode()).decode().rstrip('=')}"


def _authorize(deployment: Deployment, host: str, body: dict[str, str]) -> dict[str, str]:
    """Return the headers that say who the caller is."""
    if deployment.token:
        return {"host": host, "Authorization": deployment.token()}
    if deployment.keys:
        request = deployment.http.build_request("POST", deployment.outputs["EventsUrl"], content=json.dumps(body, separators=(",", ":")))
        request.headers.update(SIGNED_HEADERS)
        signed = sign_requests(deployment.keys, "appsync")(request).headers
        names = ("authorization", "x-amz-date", "x-amz-security-token")
        return {"host": host, **SIGNED_HEADERS, **{name: signed[name] for name in names if name in signed}}
    page = deployment.http.get(f"{deployment.outputs['PageUrl']}/config.json").raise_for_status().json()
    return {"host": host, "x-api-key": page["events"]["auth"]["apiKey"]}


def list_checks() -> list[Check]:
    """Return the checks."""
    fix = "a caller needs the same sign-in for the Event API as for the API; jobs go on without push, for clients can ask"
    return [Check("push", "own job", check_push, fix), Check("push", "nobody else's job", check_foreign_channel, fix)]


def check_push(deployment: Deployment, listen: Listen = listen) -> str:
    """Subscribe to a new job's channel, upload its file, and wait for the event that it succeeded."""
    content = write_csv(deployment.recipe)
    job = make_job(deployment.api, f"{deployment.marker}.csv", CSV, len(content))
    with listen(deployment, job["channel"]) as frames:
        _require_subscribed(frames)
        status = post_form(deployment, job["upload"], content)
        require(status in {200, 201, 204}, f"the upload was refused with {status}")
        for frame in frames:
            event = json.loads(frame["event"]) if frame.get("type") == "data" else {}
            if event.get("state") in {"succeeded", "failed"}:
                require(event["state"] == "succeeded" and event["id"] == job["id"], f"the event is {event}")
                return f"told of job {job['id']}"
    raise CheckFailed(f"the connection ended, or nothing was said for {LISTEN_LIMIT_S} s")


def check_foreign_channel(deployment: Deployment, listen: Listen = listen) -> str:
    """Subscribe to a channel of somebody else: refused where callers have names."""
    if deployment.auth != "jwt":
        # IAM callers are separated by their own policies, and without a sign-in all are one owner.
        raise CheckSkipped(f"with auth={deployment.auth} the Event API does not know whose a channel is")
    with listen(deployment, "/jobs/somebody-else/x") as frames:
        answer = _read_subscription(frames)
    require(answer == "subscribe_error", f"a channel of somebody else answers {answer}, expected subscribe_error")
    return "refused"


def _require_subscribed(frames: Frames) -> None:
    answer = _read_subscription(frames)
    require(answer == "subscribe_success", f"the subscription answers {answer}, expected subscribe_success")


def _read_subscription(frames: Frames) -> str:
    """Return the type of the frame that answers the subscription, or refuses the connection."""
    for frame in frames:
        if frame["type"] in {"subscribe_success", "subscribe_error", "connection_error", "closed"}:
            return str(frame["type"])
    return "nothing"
