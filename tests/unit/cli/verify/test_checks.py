"""Each check of `inferstack verify` passes in a world that is right, and fails, with words, where one thing is broken."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.verify import alarms, dashboard, feedback, logs, operators, predictions, push, rollout, serving, uploads
from cli.verify.check import CheckFailed, CheckSkipped
from cli.verify.checks import list_all_checks
from cli.verify.deployment import Deployment
from cli.verify.samples import build_samples, list_uploads
from functions.predict.reading.codecs import decode
from recipes.recipe import load
from tests.unit.cli.verify.world import (
    ACCOUNT,
    PACKAGE,
    S3,
    TOPIC,
    World,
    allow_cloudwatch,
    build_deployment,
    build_status,
    give_frames,
    problem,
)

Run = Callable[[Deployment], str]
BY_NAME: dict[str, Run] = {f"{each.group}: {each.name}": each.run for each in list_all_checks([load("digits")], with_rollout=True)}
NEEDS_SOCKET = {"push: own job", "push: nobody else's job"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def deployment(world: World, tmp_path: Path) -> Deployment:
    return build_deployment(world, tmp_path)


def answer(status: int = 200, **body: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, json=body)


@pytest.mark.parametrize("name", sorted(BY_NAME.keys() - NEEDS_SOCKET))
def test_passes_where_all_is_right(deployment: Deployment, name: str) -> None:
    if name == "logs: no payload and no token":
        deployment.api.http._transport.handler.replies["/predictions"] = lambda _: problem(422)  # type: ignore[attr-defined]
    assert BY_NAME[name](deployment)


def break_label(world: World) -> None:
    world.label = 1


def raise_alarm(world: World) -> None:
    world.alarm["StateValue"] = "ALARM"


def set_fields(**fields: Any) -> Callable[[World], None]:
    def change(world: World) -> None:
        for name, value in fields.items():
            setattr(world, name, value)

    return change


def set_config(name: str) -> Callable[[World], None]:
    return lambda world: world.endpoint.update(EndpointConfigName=name)


def reply(path: str, how: Callable[[httpx.Request], httpx.Response]) -> Callable[[World], None]:
    return lambda world: world.replies.update({path: how})


DENY_ONLY = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": TOPIC}]}
DENY_PLAIN = {**DENY_ONLY["Statement"][0], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
DEAD, WAITING = {"ApproximateNumberOfMessages": "3"}, {"ApproximateNumberOfMessagesNotVisible": "1", "RedrivePolicy": "{}"}


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("API: PNG", break_label, "the label is 1, expected 0"),
        ("API: CSV", reply("/predictions", answer(predictions=[{}], model={}, request_id="r")), "it has no model.name"),
        ("API: npy", reply("/predictions", answer(503, detail="the endpoint is starting")), "503"),
        ("API: health", reply("/health", answer(503)), "GET /health answers 503"),
        ("API: says what it has", reply("/model", answer(recipe="salary")), "GET /model is a model of salary, expected digits"),
        ("API: errors have their shape", reply("/predictions", answer(400, message="no")), "expected application/problem"),
        ("API: errors have their shape", reply("/predictions", lambda _: problem(400, detail="Traceback (most")), "shows a traceback"),
        ("API: nobody without a sign-in", reply("/model", answer()), "GET /model without a sign-in answers 200, expected 401"),
        (
            "API: nobody without a sign-in",
            reply("/status", lambda _: problem(403)),
            "GET /status without a sign-in answers 403, expected 401",
        ),
        ("operators: see what runs", reply("/status", answer()), "GET /status as a user who is no operator answers 200, expected 403"),
        (
            "operators: see what runs",
            set_fields(status={**build_status(), "jobs": None, "unread": [{"part": "jobs", "detail": "AWS answered no"}]}),
            "not all can be read: jobs: AWS answered no",
        ),
        (
            "operators: see what runs",
            set_fields(status=build_status(endpoint={**build_status()["endpoint"], "name": "of another stage"})),
            "tells of the endpoint of another stage, expected endpoint",
        ),
        ("page: there, safe and led to this API", reply("https://page.example/", answer()), "https://page.example answers 200"),
        (
            "page: there, safe and led to this API",
            reply("https://page.example/config.json", answer(apiUrl="https://other.example")),
            "the page's apiUrl is 'https://other.example'",
        ),
        ("feedback: once, and kept", reply("/predictions/p/feedback", answer(right=1, wrong=0)), "answers 200, expected 409"),
        (
            "feedback: once, and kept",
            reply("/predictions/xp/feedback", answer(400)),
            "an invented prediction's id answers 400, expected 404",
        ),
        ("uploads: batch.csv", set_fields(rows={"batch.csv": (3, 3)}), "of which 3 failed, expected 3 and 1"),
        ("uploads: photo.jpg", set_fields(rows={"photo.jpg": (14, 0)}), "got 14 rows"),
        (
            "uploads: pictures.zip",
            reply("/jobs/job", answer(id="job", state="failed", error={"title": "Blank"})),
            "failed: {'title': 'Blank'}",
        ),
        ("uploads: batch.npy", reply("/jobs/job", answer(id="job", state="processing")), "has not ended after 300 s"),
        ("uploads: batch.jsonl", reply("https://results.example/", answer(403)), "cannot be downloaded: 403"),
        ("uploads: form", set_fields(form_checks={"Content-Type", "size"}), "the form took another key with 204"),
        ("uploads: form", set_fields(form_checks={"key", "size"}), "the form took another content type with 204"),
        ("uploads: form", set_fields(form_checks={"Content-Type", "key"}), "the form took a larger file with 204"),
        ("uploads: form", reply(S3, lambda _: httpx.Response(403)), "refused its own file with 403"),
        ("alarms: none is raised", raise_alarm, "raised: errors"),
        ("alarms: topic lets CloudWatch publish", set_fields(topic={"Policy": json.dumps(DENY_ONLY)}), "does not let CloudWatch publish"),
        (
            "alarms: topic lets CloudWatch publish",
            set_fields(topic={"Policy": json.dumps(allow_cloudwatch()), "KmsMasterKeyId": "alias/aws/sns"}),
            "encrypted with alias/aws/sns",
        ),
        (
            "alarms: somebody listens",
            set_fields(subscriptions=[{"SubscriptionArn": "PendingConfirmation", "Endpoint": "me@example.com"}]),
            "not confirmed: me@example.com",
        ),
        ("queues: no dead letter", lambda world: world.queues.update(dead=DEAD), "dead letters in dead: 3"),
        ("queues: nothing waits", lambda world: world.queues.update(work=WAITING), "messages wait in work: 1"),
        ("dashboard: about this stage", set_fields(api_id="of-before"), "names what this stage does not have: ApiId of-before"),
        ("dashboard: its metrics exist", set_fields(metrics={"Count"}), "none of: AWS/ApiGateway 5xx"),
        (
            "serving: the newest approved version",
            set_fields(served=f"{PACKAGE}1"),
            "version 2 is the newest approved, but version 1 serves",
        ),
        ("serving: the newest approved version", set_fields(served=""), "version 2 is approved, but the model of the deployment serves"),
        ("serving: the newest approved version", set_fields(approved=[]), "version 2 serves, but no version is approved"),
        ("serving: the newest approved version", set_config("another"), "SageMaker took the last update back"),
        ("serving: the newest approved version", set_fields(stack_status="UPDATE_ROLLBACK_FAILED"), "stack is UPDATE_ROLLBACK_FAILED"),
        ("serving: the endpoint's model answers", set_fields(model={"ModelPackageName": f"{PACKAGE}1"}), "but the endpoint serves"),
        (
            "serving: the endpoint's model answers",
            set_fields(answering={"version": "0.9.0"}),
            "answers with version 0.9.0, but its archive has 1.0.0",
        ),
        (
            "serving: the endpoint's model answers",
            set_fields(endpoint={"EndpointStatus": "Failed", "FailureReason": "no"}),
            "is Failed: no",
        ),
        ("rollout: a new version rolls out and back", reply("/predictions", answer(500)), "500"),
    ],
)
def test_fails_where_one_thing_is_broken(
    world: World, deployment: Deployment, name: str, change: Callable[[World], object], said: str
) -> None:
    change(world)
    with pytest.raises(Exception, match=r".") as failure:
        BY_NAME[name](deployment)
    assert said in str(failure.value)


@pytest.mark.parametrize(("status", "found"), [(200, "an operator is told: endpoint InService, 1 alarms"), (403, None)])
def test_asks_for_what_runs_with_the_token_that_was_given(world: World, deployment: Deployment, status: int, found: str | None) -> None:
    world.replies["/status"] = answer(200, **build_status()) if status == 200 else lambda _: problem(403)
    given = replace(deployment, operator=None)
    if found:
        assert operators.check_status(given) == found
        return
    with pytest.raises(CheckSkipped, match="the token's user is no operator, and was refused"):
        operators.check_status(given)


def test_fails_where_warm_requests_are_slow(world: World, deployment: Deployment) -> None:
    def wait(request: httpx.Request) -> httpx.Response:
        world.clock.sleep(3.5)
        return world._answer_prediction(request)

    world.replies["/predictions"] = wait
    with pytest.raises(CheckFailed, match="slowest 3500 ms; expected at most 3000"):
        predictions.measure_latency(deployment)


def test_waits_in_vain_for_the_inbox(deployment: Deployment) -> None:
    with pytest.raises(CheckFailed, match=r"has no summary.json after 300 s"):
        uploads.check_inbox(replace(deployment, clients=lambda _: _Empty()))


class _Empty:
    def put_object(self, **_: Any) -> None: ...

    def list_objects_v2(self, **_: Any) -> dict[str, Any]:
        return {}


SUCCESS = {"type": "subscribe_success"}


def build_event(**event: Any) -> dict[str, Any]:
    return {"type": "data", "event": json.dumps(event)}


def test_hears_of_its_own_job_and_of_no_other(deployment: Deployment) -> None:
    frames = (
        {"type": "connection_ack"},
        SUCCESS,
        {"type": "ka"},
        build_event(state="processing"),
        build_event(state="succeeded", id="job"),
    )
    assert push.check_push(deployment, lambda *_: give_frames(*frames)) == "told of job job"
    assert push.check_foreign_channel(deployment, lambda *_: give_frames({"type": "subscribe_error"})) == "refused"


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ([{"type": "connection_error"}], "answers connection_error"),
        ([{"type": "subscribe_error"}], "answers subscribe_error"),
        ([], "answers nothing"),
        ([SUCCESS, {"type": "closed"}], "the connection ended"),
        ([SUCCESS, build_event(state="succeeded", id="another")], "the event is"),
        ([SUCCESS, build_event(state="failed", id="job")], "the event is"),
    ],
)
def test_fails_where_nothing_is_pushed(deployment: Deployment, frames: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(CheckFailed, match=said):
        push.check_push(deployment, lambda *_: give_frames(*frames))


def test_fails_where_somebody_elses_channel_is_open(deployment: Deployment) -> None:
    with pytest.raises(CheckFailed, match="answers subscribe_success"):
        push.check_foreign_channel(deployment, lambda *_: give_frames(SUCCESS))


@pytest.mark.parametrize("line", ["the body was {marker}", "authorization: Bearer a.b.signature"])
def test_fails_where_a_log_holds_what_was_sent(world: World, deployment: Deployment, line: str) -> None:
    world.replies["/predictions"] = lambda _: problem(422)
    world.log_lines.append(line.format(marker=deployment.marker))
    with pytest.raises(CheckFailed, match="/logs/predict holds"):
        logs.check_logs(deployment)


def test_fails_where_a_function_may_not_log(world: World, deployment: Deployment) -> None:
    world.replies["/predictions"] = lambda _: problem(422)
    world.log_lines = []
    with pytest.raises(CheckFailed, match="no log has a line of request r-1 after 120 s") as failure:
        logs.check_logs(deployment)
    assert failure.value.fix == "the function may not write to its log group"


@pytest.mark.parametrize(
    ("policy", "may"),
    [
        (allow_cloudwatch(), True),
        (allow_cloudwatch(Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}), True),
        (allow_cloudwatch(Condition={"StringEquals": {"aws:SourceAccount": "999999999999"}}), False),
        (allow_cloudwatch(Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:*:{ACCOUNT}:alarm:*"}}), True),
        (allow_cloudwatch(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), False),
        (allow_cloudwatch(Principal={"Service": "events.amazonaws.com"}), False),
        (allow_cloudwatch(Principal={"AWS": "*"}, Action=["SNS:Publish"], Condition={"StringEquals": {"AWS:SourceOwner": ACCOUNT}}), True),
        (allow_cloudwatch(Resource=f"{TOPIC}-other"), False),
        (allow_cloudwatch(Action="sns:Subscribe"), False),
        ({"Statement": [DENY_PLAIN]}, False),  # what enforce_ssl alone writes
        ({"Statement": [DENY_PLAIN, *allow_cloudwatch()["Statement"]]}, True),
        ({"Statement": [*DENY_ONLY["Statement"], *allow_cloudwatch()["Statement"]]}, False),
        ({}, False),
    ],
)
def test_reads_a_topics_policy_as_sns_does(policy: dict[str, Any], may: bool) -> None:
    assert alarms.may_publish(policy, TOPIC, f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:errors") is may


def test_skips_what_cannot_be_checked_and_says_why(world: World, tmp_path: Path) -> None:
    numbers = build_deployment(world, tmp_path, recipe="salary", auth="none")
    world.subscriptions, world.metrics, world.stack_status = [], set(), "UPDATE_IN_PROGRESS"
    for run, why in (
        (feedback.check_feedback, "answers numbers"),
        (predictions.check_strangers, "auth=none"),
        (push.check_foreign_channel, "auth=none"),
        (alarms.check_subscriptions, "alarm_email"),
        (dashboard.check_metrics, "none of the 2 metrics yet"),
        (serving.check_approved, "UPDATE_IN_PROGRESS"),
        (rollout.check_rollout, "UPDATE_IN_PROGRESS"),
    ):
        with pytest.raises(CheckSkipped, match=why):
            run(numbers)


def test_does_not_wait_for_the_metrics_of_a_new_stage(world: World, tmp_path: Path) -> None:
    world.metrics = {"Count"}
    new = replace(build_deployment(world, tmp_path), begin_s=datetime(2026, 11, 21, 0, 10, tzinfo=UTC).timestamp())
    with pytest.raises(CheckSkipped, match="the stage is new, and CloudWatch does not list yet: AWS/ApiGateway 5xx"):
        dashboard.check_metrics(new)


def test_rolls_out_and_back_and_leaves_nothing_behind(world: World, deployment: Deployment) -> None:
    assert "version 3 served" in rollout.check_rollout(deployment)
    assert (world.served, world.packages) == (f"{PACKAGE}2", {1: "Rejected", 2: "Approved"})


def test_goes_back_to_the_deployments_own_model_where_nothing_was_approved(world: World, deployment: Deployment) -> None:
    world.packages, world.approved, world.served = {}, [], ""
    world.model = {"Image": "image", "ModelDataUrl": "s3://dump/models/model.tar.gz"}
    assert "version 1 served" in rollout.check_rollout(deployment)
    assert (world.served, world.packages) == ("", {})


def test_leaves_no_version_approved_when_a_rollout_fails(world: World, deployment: Deployment) -> None:
    world.replies["/predictions"] = answer(500)
    with pytest.raises(Exception, match="500"):
        rollout.check_rollout(deployment)
    assert 2 in world.packages
    assert all(status != "Approved" for number, status in world.packages.items() if number > 2)


def test_makes_other_checks_for_a_recipe_of_numbers() -> None:
    names = {f"{each.group}: {each.name}" for each in list_all_checks([load("salary")], with_rollout=False)}
    assert {"API: JSON", "API: CSV", "API: npy", "uploads: batch.csv", "uploads: batch.jsonl", "uploads: batch.npy"} <= names
    assert not {"API: PNG", "uploads: photo.jpg", "uploads: pictures.zip", "rollout: a new version rolls out and back"} & names


@pytest.mark.parametrize("recipe", ["digits", "salary", "house_price"])
def test_asks_and_uploads_what_the_functions_read(recipe: str) -> None:
    """The samples are right: the API's own decoder takes each."""
    known = load(recipe)
    for sample in build_samples(known):
        assert len(decode(sample.body, sample.content_type, known).instances) == known.instance_bytes
    for name, build in list_uploads(known).items():
        upload = build(known, "any")
        assert upload.content
        assert 0 <= upload.failed < upload.rows, name
