"""`inferstack status`: what runs, as GET /status tells operators, and who it is not told to."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from typer.testing import Result

from cli.main import app
from cli.status.what_runs import describe_parts
from tests.command import CliRunner
from tests.unit.cli.verify.world import build_status
from tests.unit.cli.world import FakeStacks, fake_services

API = "https://api.example"
WEB = {"ApiUrl": API, "PageUrl": "https://page.example", "UploadsBucketName": "uploads", "Recipe": "digits"}
Reply = Callable[[httpx.Request], httpx.Response]


def tell(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=build_status())


def refuse(_: httpx.Request) -> httpx.Response:
    problem = {"detail": "the status is for operators, and you are not in their group", "advice": "Ask who administers the users."}
    return httpx.Response(403, json=problem)


def run_status(*arguments: str, auth: str = "none", reply: Reply = tell) -> Result:
    parts = ("Storage", "Registry", "Inference", "Web", "Training")
    stacks = FakeStacks({f"Inferstack-dev-{part}": {**WEB, "Auth": auth} if part == "Web" else {} for part in parts})
    services = fake_services(reply, connect_aws=lambda _: lambda _: stacks)
    return CliRunner().invoke(app, ["status", "--stage", "dev", *arguments], obj=services, catch_exceptions=False)


def test_shows_where_a_stage_is_and_what_runs_there() -> None:
    printed = run_status().stdout
    assert "page url        https://page.example" in printed
    for line in (
        "endpoint  InService; serverless, up to 5 requests at once with 2 GB each; deployed ",
        "model     the deployment's own model serves; no version is approved",
        "uploads   none waits; none has failed for good",
        "alarms    none of 1 raised",
    ):
        assert line in printed
    assert "0fq3  succeeded  3     1" in printed
    assert json.loads(run_status("--json").stdout)["runs"] == build_status()


def test_asks_with_the_token_that_it_is_given() -> None:
    asked: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["authorization"])
        return tell(request)

    run_status("--token", "a.b.c", auth="jwt", reply=reply)
    assert asked == ["Bearer a.b.c"]


def test_says_who_may_see_it_before_it_asks_in_vain() -> None:
    done = run_status(auth="jwt", reply=lambda _: pytest.fail("asked"))
    assert "what runs is not told: it is for members of the user pool's group operators\n  pass the token of one: " in done.stdout
    assert "inferstack token --stage dev --user YOU" in done.stdout
    assert "https://page.example" in done.stdout  # where it is, is known all the same
    assert done.exit_code == 0


def test_says_why_the_api_refuses() -> None:
    done = run_status("--token", "a.b.c", auth="jwt", reply=refuse)
    assert "what runs is not told: HTTP 403: the status is for operators, and you are not in their group\n  Ask who" in done.stdout
    runs = json.loads(run_status("--json", "--token", "a.b.c", auth="jwt", reply=refuse).stdout)["runs"]
    assert runs.keys() == {"error", "advice"}


def test_refuses_a_stage_that_there_is_not() -> None:
    assert CliRunner().invoke(app, ["status", "--stage", "nope"]).exit_code == 2


ENDPOINT, QUEUE = build_status()["endpoint"], build_status()["uploads"]
INSTANCES = [
    {"name": "a", "weight": 3.0, "instances": 1, "wanted_instances": 2},
    {"name": "b", "weight": 1.0, "instances": 1, "wanted_instances": 1},
]
APPROVED = {"version": 4, "approved_at": "2026-11-29T14:00:00.000Z", "why": "better on photos"}
VARIANTS = [{"name": "a", "version": 3}, {"name": "b", "version": None}]


@pytest.mark.parametrize(
    ("part", "told", "said"),
    [
        ("endpoint", {**ENDPOINT, "state": "Failed", "reason": "no image", "variants": []}, "Failed: no image; serverless; deployed "),
        ("endpoint", {**ENDPOINT, "kind": "cpu", "variants": INSTANCES[1:]}, "InService; cpu, 1 instance; deployed "),
        ("endpoint", {**ENDPOINT, "kind": "cpu", "variants": INSTANCES}, "cpu, a (75% of the requests) 1 of 2 instances, b (25% of the re"),
        ("models", {"variants": VARIANTS, "approved": None, "is_newest": True}, "a serves version 3, b serves the deployment's own model;"),
        (
            "models",
            {"variants": VARIANTS[:1], "approved": APPROVED, "is_newest": False},
            "version 3 serves; the newest approved is version 4,",
        ),
        (
            "models",
            {"variants": VARIANTS[:1], "approved": APPROVED, "is_newest": False},
            '"better on photos"; a rollout is under way, or was',
        ),
        (
            "uploads",
            {**QUEUE, "waiting": 2, "oldest_s": 130, "in_progress": 1},
            "2 waiting, the oldest for 2 min; 1 being worked on; none has",
        ),
        ("uploads", {**QUEUE, "dead_letters": 3}, "none waits; 3 failed for good: `inferstack jobs dead --stage dev`"),
        ("alarms", {"alarms": [{"state": "ALARM"}, {"state": "OK"}], "missing": ["gone"]}, "1 of 2 raised; CloudWatch does not know gone"),
        ("jobs", {"newest": [], "is_complete": False}, "none yet; there are too many callers or dropped files to look at all of them"),
        ("jobs", {"newest": [{}], "is_complete": False}, "the newest 1, of all callers; there are too many callers or dropped"),
    ],
)
def test_tells_each_part_in_a_sentence(part: str, told: dict[str, Any], said: str) -> None:
    assert said in describe_parts(build_status(**{part: told}))[part.replace("models", "model")]


def test_tells_what_could_not_be_read_and_shows_the_rest() -> None:
    status = build_status(alarms=None, jobs=None, unread=[{"part": each, "detail": "AWS answered no"} for each in ("alarms", "jobs")])
    printed = run_status(reply=lambda _: httpx.Response(200, json=status)).stdout
    assert "alarms    not known: AWS answered no" in printed
    assert "endpoint  InService" in printed


def test_names_the_alarms_that_are_raised() -> None:
    alarm = {"name": "errors", "description": "callers get errors", "state": "ALARM", "since": "2026-11-29T14:00:00.000Z"}
    printed = run_status(reply=lambda _: httpx.Response(200, json=build_status(alarms={"alarms": [alarm], "missing": []}))).stdout
    assert "raised  for" in printed
    assert "callers get errors" in printed
