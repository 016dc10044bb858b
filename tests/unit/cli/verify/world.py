"""A deployment in memory, all of it right: an API, a page, S3 and an operator's AWS. A test breaks one thing."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from cli.api.client import Api
from cli.verify.deployment import Deployment
from recipes.models.archive import pack
from recipes.recipe import load
from tests.fakes import FakeClock

API, PAGE, S3, RESULTS = "https://api.example", "https://page.example", "https://s3.example/", "https://results.example"
ACCOUNT, TOPIC = "123456789012", "arn:aws:sns:eu-west-1:123456789012:alarms"
PACKAGE = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/group/"
MANIFEST = {"version": "1.0.0", "sha256": "abc"}
LABELS = 10
OPERATOR, AT = "Bearer an.operators.signature", "2026-11-29T14:00:00.000Z"
Reply = Callable[[httpx.Request], httpx.Response]


def allow_cloudwatch(**more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish", "Resource": TOPIC}
    return {"Statement": [{**statement, **more}]}


def problem(status: int, **more: Any) -> httpx.Response:
    body = {"type": "urn:inferstack:problem:any", "title": "t", "status": status, "detail": "d", "request_id": "r-1"}
    return httpx.Response(status, json={**body, **more}, headers={"content-type": "application/problem+json", "x-request-id": "r-1"})


@dataclass
class World:
    """What the deployment says. `replies` of a path go before what is right; AWS's answers are fields."""

    replies: dict[str, Reply] = field(default_factory=dict)
    label: int = 0
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    form_checks: set[str] = field(default_factory=lambda: {"Content-Type", "key", "size"})
    feedback: dict[str, Any] = field(default_factory=dict)
    queues: dict[str, dict[str, str]] = field(
        default_factory=lambda: {
            "work": {"ApproximateNumberOfMessages": "0", "RedrivePolicy": "{}"},
            "dead": {"ApproximateNumberOfMessages": "0"},
        }
    )
    alarm: dict[str, Any] = field(default_factory=lambda: {"StateValue": "OK", "AlarmActions": [TOPIC]})
    topic: dict[str, str] = field(default_factory=lambda: {"Policy": json.dumps(allow_cloudwatch())})
    subscriptions: list[dict[str, str]] = field(default_factory=lambda: [{"SubscriptionArn": f"{TOPIC}:1", "Endpoint": "me@example.com"}])
    log_lines: list[str] = field(default_factory=lambda: ['{"request_id": "r-1"}'])
    api_id: str = "a1"
    metrics: set[str] = field(default_factory=lambda: {"5xx", "Count"})
    approved: list[int] = field(default_factory=lambda: [2])
    stack_status: str = "UPDATE_COMPLETE"
    served: str = f"{PACKAGE}2"
    endpoint: dict[str, Any] = field(default_factory=lambda: {"EndpointStatus": "InService", "EndpointConfigName": "config"})
    model: dict[str, Any] = field(default_factory=lambda: {"ModelPackageName": f"{PACKAGE}2"})
    answering: dict[str, Any] = field(default_factory=lambda: {**MANIFEST, "recipe": "digits"})
    inbox: list[str] = field(default_factory=list)
    packages: dict[int, str] = field(default_factory=lambda: {1: "Rejected", 2: "Approved"})
    jobs: dict[str, str] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)
    status: dict[str, Any] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        url, path = str(request.url), request.url.path
        reply = next((reply for name, reply in self.replies.items() if url.startswith(name) or path == name), None)
        if reply:
            return reply(request)
        if url.startswith(PAGE):
            return self._answer_page(path)
        if url == S3:
            return self._answer_form(request)
        if url.startswith(RESULTS):
            return httpx.Response(200, text="{}\n" * int(path[1:]))
        return self._answer_api(request, path)

    def _answer_page(self, path: str) -> httpx.Response:
        if path == "/config.json":
            events = {"auth": {"kind": "apiKey", "apiKey": "da2-key"}}
            config = {"apiUrl": API, "recipe": "digits", "stage": "dev", "auth": {"kind": "jwt"}, "events": events}
            return httpx.Response(200, json=config)
        headers = {"content-security-policy": "default-src 'none'", "x-content-type-options": "nosniff", "x-frame-options": "DENY"}
        return httpx.Response(200, text="<script>", headers=headers)

    def _answer_form(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        parts = {
            "Content-Type": b'name="Content-Type"\r\n\r\ntext/csv' in body,
            "key": b'name="key"\r\n\r\nuploads/' in body,
            "size": not body.split(b"\r\n--")[-2].endswith(b"\n\n"),
        }
        return httpx.Response(403 if any(not parts[name] for name in self.form_checks) else 204)

    def _answer_api(self, request: httpx.Request, path: str) -> httpx.Response:
        if "authorization" not in request.headers and path != "/health":
            return httpx.Response(401, json={"message": "Unauthorized"})
        routes: dict[str, Reply] = {
            "/health": lambda _: httpx.Response(200, json={"status": "ok"}),
            "/model": lambda _: httpx.Response(200, json=self.answering),
            "/predictions": self._answer_prediction,
            "/predictions/p/feedback": lambda request: self._answer_feedback(json.loads(request.content)["label"]),
            "/jobs": lambda request: self._make_job(json.loads(request.content)["name"]),
            "/jobs/job": lambda _: httpx.Response(200, json=self._build_job()),
            "/status": self._answer_status,
        }
        return routes.get(path, lambda _: problem(404))(request)

    def _make_job(self, name: str) -> httpx.Response:
        self.jobs["job"] = name
        fields = {"key": f"uploads/{name}", "Content-Type": "text/csv"}
        return httpx.Response(
            201, json={"id": "job", "state": "waiting", "channel": "/jobs/me/job", "upload": {"url": S3, "fields": fields}}
        )

    def _answer_prediction(self, request: httpx.Request) -> httpx.Response:
        wrong = {"text/html": 415}.get(request.headers["content-type"])
        body = request.content
        if wrong or body.startswith(b"\x89PNG\r\n\x1a\n" + bytes(8)) or len(body) < 60:
            return problem(wrong or (400 if body.startswith(b"\x89") or body.endswith(b"[") else 422))
        label = 2 if request.headers["content-type"] == "image/jpeg" else self.label
        prediction = {"label": label, "probability": 0.1, "probabilities": [1 / LABELS] * LABELS}
        model = {"name": "cnn", "version": "1.0.0", "variant": "main"}
        return httpx.Response(200, json={"predictions": [prediction], "model": model, "id": "p", "request_id": "r-1"})

    def _answer_feedback(self, label: Any) -> httpx.Response:
        if self.feedback.setdefault("label", label) != label:
            return problem(409)
        return httpx.Response(200, json={"right": 1, "wrong": 0, "request_id": "r"})

    def _answer_status(self, request: httpx.Request) -> httpx.Response:
        is_operator = request.headers["authorization"] == OPERATOR
        return (
            httpx.Response(200, json=self.status or build_status())
            if is_operator
            else problem(403, type="urn:inferstack:problem:forbidden")
        )

    def _build_job(self) -> dict[str, Any]:
        kind = self.jobs["job"].partition("-")[2]
        rows, failed = {
            "batch.csv": (3, 1),
            "batch.jsonl": (3, 1),
            "batch.npy": (3, 0),
            "batch.idx.gz": (2, 0),
            "pictures.zip": (2, 0),
            "photo.jpg": (15, 0),
        }[kind]
        rows, failed = self.rows.get(kind, (rows, failed))
        results = [{"name": name, "url": f"{RESULTS}/{rows}", "size_bytes": 3 * rows} for name in ("predictions.jsonl", "predictions.csv")]
        return {"id": "job", "state": "succeeded", "summary": {"rows": rows, "failed": failed}, "results": results}

    def connect(self, service: str) -> Any:
        return {"s3": FakeS3, "cloudformation": FakeStacks, "sagemaker": FakeSageMaker}.get(service, FakeOperations)(self)


def build_status(**more: Any) -> dict[str, Any]:
    """Return what GET /status tells of a deployment where all is well; `more` goes before."""
    variant = {"name": "AllTraffic", "weight": 1.0, "memory_mb": 2048, "max_at_once": 5, "kept_ready": 0}
    job = {
        "id": "0fq3",
        "source": "api",
        "state": "succeeded",
        "created_at": AT,
        "finished_at": AT,
        "rows": 3,
        "failed": 1,
        "problem": None,
    }
    known = {
        "stage": "dev",
        "recipe": "digits",
        "at": AT,
        "endpoint": {
            "name": "endpoint",
            "kind": "serverless",
            "state": "InService",
            "deployed_at": AT,
            "reason": None,
            "variants": [variant],
        },
        "models": {"variants": [{"name": "AllTraffic", "version": None}], "approved": None, "is_newest": True},
        "uploads": {"waiting": 0, "in_progress": 0, "dead_letters": 0, "oldest_s": None},
        "jobs": {"newest": [job], "is_complete": True},
        "alarms": {"alarms": [{"name": "errors", "description": "any", "state": "OK", "since": AT}], "missing": []},
        "unread": [],
        "request_id": "r-1",
    }
    return {**known, **more}


@dataclass
class Pages:
    """A paginator with one page."""

    read: Callable[..., dict[str, Any]]

    def paginate(self, **call: Any) -> Iterator[dict[str, Any]]:
        yield self.read(**call)


@dataclass
class Client:
    world: World

    def get_paginator(self, operation: str) -> Pages:
        return Pages(getattr(self, operation))


class FakeOperations(Client):
    """SQS, SNS, CloudWatch and its logs."""

    def get_queue_attributes(self, QueueUrl: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's names, as below
        return {"Attributes": self.world.queues[QueueUrl.rpartition("/")[2]]}

    def get_topic_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": self.world.topic}

    def list_subscriptions_by_topic(self, **_: Any) -> dict[str, Any]:
        return {"Subscriptions": self.world.subscriptions}

    def describe_alarms(self, **_: Any) -> dict[str, Any]:
        arn = f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:errors"
        return {"MetricAlarms": [{"AlarmName": "errors", "AlarmArn": arn, **self.world.alarm}]}

    def get_dashboard(self, **_: Any) -> dict[str, Any]:
        lines = [["AWS/ApiGateway", name, "ApiId", self.world.api_id, {"stat": "Sum"}] for name in ("5xx", "Count")]
        return {"DashboardBody": json.dumps({"widgets": [{"properties": {"metrics": lines}}, {"type": "text", "properties": {}}]})}

    def list_metrics(self, MetricName: str, Namespace: str, Dimensions: list[Any]) -> dict[str, Any]:  # noqa: N803
        assert (Namespace, Dimensions) == ("AWS/ApiGateway", [{"Name": "ApiId", "Value": "a1"}])
        return {"Metrics": [{}] if MetricName in self.world.metrics else []}

    def filter_log_events(self, filterPattern: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        return {"events": [{"message": line} for line in self.world.log_lines if filterPattern.strip('"') in line]}


class FakeS3(Client):
    def put_object(self, Key: str, **_: Any) -> None:  # noqa: N803
        self.world.inbox.append(f"{Key}/job/summary.json")

    def list_objects_v2(self, Prefix: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        return {"Contents": [{"Key": key} for key in self.world.inbox if key.startswith(Prefix)]}

    def get_object(self, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        archive = pack({"model.onnx": b"any", "manifest.json": json.dumps(MANIFEST).encode()})
        return {"Body": io.BytesIO(b'{"succeeded": 1}' if Key.endswith("summary.json") else archive)}


class FakeStacks(Client):
    RESOURCES = {  # noqa: RUF012 - read only
        "AWS::SQS::Queue": ["https://sqs/1/work", "https://sqs/1/dead"],
        "AWS::CloudWatch::Alarm": ["errors"],
        "AWS::CloudWatch::Dashboard": ["board"],
        "AWS::ApiGatewayV2::Api": ["a1"],
        "AWS::Logs::LogGroup": ["/logs/predict"],
    }

    def list_stack_resources(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        types = self.RESOURCES if StackName.endswith("-Web") else {}
        resources = [(type_, id_) for type_, ids in types.items() for id_ in ids]
        keys = ("LogicalResourceId", "ResourceStatus", "ResourceType", "PhysicalResourceId")
        return {"StackResourceSummaries": [dict(zip(keys, ("Any", "CREATE_COMPLETE", *each), strict=True)) for each in resources]}

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        parameters = [{"ParameterKey": "ModelPackageArn", "ParameterValue": self.world.served}]
        known = {"ModelPackageGroupName": "group", "EndpointName": "endpoint", "EndpointConfigName": "config"}
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in known.items()]
        created = datetime(2026, 11, 21, tzinfo=UTC)
        return {"Stacks": [{"CreationTime": created, "StackStatus": self.world.stack_status, "Parameters": parameters, "Outputs": outputs}]}


class FakeSageMaker(Client):
    """The registry and the endpoint; an approval serves at once, as a rollout would bring it about."""

    def list_model_packages(self, ModelApprovalStatus: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803
        numbers = self.world.approved if ModelApprovalStatus else list(self.world.packages)
        return {"ModelPackageSummaryList": [{"ModelPackageVersion": n, "ModelPackageArn": f"{PACKAGE}{n}"} for n in numbers]}

    def describe_endpoint(self, **_: Any) -> dict[str, Any]:
        return self.world.endpoint

    def describe_endpoint_config(self, **_: Any) -> dict[str, Any]:
        return {"ProductionVariants": [{"VariantName": "main", "ModelName": "model"}]}

    def describe_model(self, **_: Any) -> dict[str, Any]:
        return {"PrimaryContainer": self.world.model}

    def describe_model_package(self, ModelPackageName: str) -> dict[str, Any]:  # noqa: N803
        number = int(ModelPackageName.rpartition("/")[2])
        containers = [{"Image": "image", "ModelDataUrl": "s3://dump/models/model.tar.gz"}]
        return {
            "ModelPackageVersion": number,
            "ModelApprovalStatus": self.world.packages[number],
            "CreationTime": datetime(2026, 11, 21, tzinfo=UTC),
            "InferenceSpecification": {"Containers": containers},
        }

    def create_model_package(self, **_: Any) -> dict[str, Any]:
        number = max(self.world.packages, default=0) + 1
        self.world.packages[number] = "PendingManualApproval"
        return {"ModelPackageArn": f"{PACKAGE}{number}"}

    def update_model_package(self, ModelPackageArn: str, ModelApprovalStatus: str, **_: Any) -> None:  # noqa: N803
        self.world.packages[int(ModelPackageArn.rpartition("/")[2])] = ModelApprovalStatus
        self.world.approved = [number for number, status in self.world.packages.items() if status == "Approved"]
        self.world.served = f"{PACKAGE}{max(self.world.approved)}" if self.world.approved else ""

    def delete_model_package(self, ModelPackageName: str) -> None:  # noqa: N803
        del self.world.packages[int(ModelPackageName.rpartition("/")[2])]


def build_deployment(world: World, folder: Path, recipe: str = "digits", auth: str = "jwt") -> Deployment:
    """Return the world as a deployment."""
    http = httpx.Client(transport=httpx.MockTransport(world))

    def add_token(request: httpx.Request) -> httpx.Request:
        request.headers["authorization"] = "Bearer a.b.signature"
        return request

    def add_operators_token(request: httpx.Request) -> httpx.Request:
        request.headers["authorization"] = OPERATOR
        return request

    outputs = {
        "PageUrl": PAGE,
        "ApiUrl": API,
        "EventsUrl": "https://events.example/event",
        "UploadsBucketName": "uploads",
        "ResultsBucketName": "results",
        "EndpointName": "endpoint",
        "ModelPackageGroupName": "group",
    }
    return Deployment(
        stage="dev",
        recipe=load(recipe),
        auth=auth,
        outputs=outputs,
        api=Api(API, http, add_token),
        stranger=Api(API, http),
        operator=lambda: Api(API, http, add_operators_token),
        clients=world.connect,
        folder=folder,
        sleep=world.clock.sleep,
        clock=world.clock,
        begin_s=datetime(2026, 11, 22, tzinfo=UTC).timestamp(),
        token=(lambda: "a.b.signature") if auth == "jwt" else None,
    )


@contextmanager
def give_frames(*frames: dict[str, Any]) -> Iterator[Iterator[dict[str, Any]]]:
    yield iter(frames)
