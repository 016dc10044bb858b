"""GET /status: for operators alone, whole or with what is missing named, and in bounded time."""

import threading
from typing import Any

import pytest

from functions.status.config import Config
from functions.status.handler import Handler
from functions.status.service import Service
from tests.asking import ask_handler
from tests.events import event
from tests.unit.functions.status.world import AwsError

CONFIG = Config(
    stage="dev",
    recipes=("digits",),
    auth="none",
    endpoint_names=("any",),
    endpoint_kind="serverless",
    model_groups=("any",),
    upload_queue_url="any",
    dead_letter_queue_url="any",
    results_bucket="any",
    upload_days=7,
    alarms=("any",),
)
PARTS: dict[str, Any] = {"endpoint": lambda: {"state": "InService"}, "alarms": lambda: {"alarms": []}}


def ask(
    auth: str = "none", groups: str | None = None, parts: dict[str, Any] = PARTS, deadline_s: float = 5.0
) -> tuple[int, dict[str, Any]]:
    request = event("GET", "/status", user="any-user" if auth == "jwt" else "")
    if groups is not None:
        request["requestContext"]["authorizer"]["jwt"]["claims"]["cognito:groups"] = groups
    services = {"digits": Service(lambda: parts, deadline_s)}
    return ask_handler(Handler(CONFIG._replace(auth=auth), services, now=lambda: 0.0), request)


def test_tells_each_part() -> None:
    status, body = ask()
    assert status == 200
    known = {
        "stage": "dev",
        "recipe": "digits",
        "at": "1970-01-01T00:00:00.000Z",
        "request_id": event("GET", "/")["requestContext"]["requestId"],
    }
    assert body == {**known, "endpoint": {"state": "InService"}, "alarms": {"alarms": []}, "unread": []}


@pytest.mark.parametrize("groups", ["[operators]", "[staff operators]", "operators"])
def test_lets_members_of_the_group_in(groups: str) -> None:
    assert ask("jwt", groups)[0] == 200


@pytest.mark.parametrize("groups", [None, "", "[]", "[staff]", "[not-operators]", "[operators-2]", "[Operators]", "[my,operators]"])
def test_refuses_everybody_else_in_a_plain_sentence_and_reads_nothing(groups: str | None) -> None:
    def read() -> dict[str, Any]:
        raise AssertionError("a stranger's request reads nothing")

    status, body = ask("jwt", groups, {"endpoint": read})
    assert (status, body["type"]) == (403, "urn:inferstack:problem:forbidden")
    assert body["detail"] == "the status is for operators, and you are not in their group"


def test_leaves_the_decision_to_the_policies_of_who_signs() -> None:
    assert ask("iam")[0] == 200


def test_refuses_where_nobody_said_who_may() -> None:
    assert ask("anything else")[0] == 403


def test_one_part_that_fails_hides_no_other() -> None:
    def refuse() -> dict[str, Any]:
        raise AwsError("AccessDeniedException", "DescribeEndpoint")

    def crash() -> dict[str, Any]:
        raise KeyError("ProductionVariants")

    _, body = ask(parts={**PARTS, "endpoint": refuse, "models": crash})
    assert (body["endpoint"], body["models"], body["alarms"]) == (None, None, {"alarms": []})
    assert body["unread"] == [
        {"part": "endpoint", "detail": "AWS answered DescribeEndpoint with AccessDeniedException; the function's log says why"},
        {"part": "models", "detail": "it failed here (KeyError); the function's log says why"},
    ]


def test_does_not_wait_for_a_part_that_hangs() -> None:
    gate = threading.Event()

    def hang() -> dict[str, Any]:
        gate.wait(20)
        return {}

    _, body = ask(parts={**PARTS, "jobs": hang}, deadline_s=0.01)
    gate.set()
    assert {"part": "jobs", "detail": "AWS took more than 0.01 s"} in body["unread"]
    assert body["jobs"] is None
