import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recipes.models import artifact
from serving.api import MOST_EARLY, Api
from serving.inference.engine import Engine
from serving.inference.scheduler import Limits, Scheduler
from tests.arrays import npy_of


class Asked:
    """An exchange that keeps its answer."""

    def __init__(self, method: str, target: str, body: bytes = b"", content_type: str = "", accept: str = "") -> None:
        self.method, self.target, self.body = method.encode(), target.encode(), body
        self.content_type, self.accept = content_type.encode(), accept.encode()
        self.on_gone: Any = None
        self.gone = False
        self.answers: list[tuple[int, bytes, bytes, bytes]] = []

    def reply(self, status: int, body: bytes, content_type: bytes = b"application/json", headers: bytes = b"") -> None:
        self.answers.append((status, body, content_type, headers))

    @property
    def status(self) -> int:
        return self.answers[0][0]

    @property
    def json(self) -> Any:
        return json.loads(self.answers[0][1])


class Now:
    """A loop that calls at once."""

    def call_soon(self, callback: Any, *args: Any) -> None:
        callback(*args)

    call_soon_threadsafe = call_soon


@pytest.fixture
def closed() -> Api:
    """An api whose model is not loaded."""
    return Api(workers=3, max_body_bytes=6 << 20)


@pytest.fixture
def api(closed: Api, engine: Engine) -> Iterator[Api]:
    scheduler = Scheduler(engine.predict, Now(), Limits())
    closed.open(engine.manifest, scheduler)
    yield closed
    scheduler.close()


def ask(api: Api, *args: Any, **kwargs: Any) -> Asked:
    asked = Asked(*args, **kwargs)
    api.handle(asked)  # type: ignore[arg-type]
    assert len(asked.answers) == 1
    return asked


def npy(count: int = 1) -> bytes:
    return npy_of(np.random.default_rng(3).integers(0, 256, (count, 28, 28), np.uint8))


def test_ping_is_honest(closed: Api, engine: Engine) -> None:
    assert ask(closed, "GET", "/ping").status == 503
    scheduler = Scheduler(engine.predict, Now(), Limits())
    closed.open(engine.manifest, scheduler)
    assert ask(closed, "GET", "/ping").status == 200
    closed.drain()
    assert ask(closed, "GET", "/ping").status == 503
    assert ask(closed, "POST", "/invocations", npy(), "application/x-npy").status == 200
    scheduler.close()


def test_answers_what_came_while_the_model_loaded_once_it_has(closed: Api, engine: Engine) -> None:
    """Another worker may be ready and have said so: what then reaches this one must not fail."""
    early, gone = (Asked("POST", "/invocations", npy(), "application/x-npy") for _ in range(2))
    for asked in (early, gone):
        closed.handle(asked)  # type: ignore[arg-type]
    gone.gone = True
    assert early.answers == []
    scheduler = Scheduler(engine.predict, Now(), Limits())
    closed.open(engine.manifest, scheduler)
    assert early.status == 200
    assert gone.answers == []
    scheduler.close()


def test_asks_to_come_back_when_too_many_wait_for_the_model(closed: Api) -> None:
    for _ in range(MOST_EARLY):
        closed.handle(Asked("POST", "/invocations", npy(), "application/x-npy"))  # type: ignore[arg-type]
    asked = ask(closed, "POST", "/invocations", npy(), "application/x-npy")
    assert asked.status == 503
    assert asked.json["error"]["code"] == "endpoint-starting"
    assert asked.answers[0][3] == b"retry-after: 1\r\n"


def test_answers_an_invocation_as_the_contract_says(api: Api, engine: Engine) -> None:
    asked = ask(api, "POST", "/invocations", npy(2), "application/x-npy")
    assert asked.status == 200
    assert list(asked.json) == ["predictions", "model"]
    assert asked.json["model"] == {"name": "tiny", "version": engine.manifest.version}
    assert len(asked.json["predictions"]) == 2
    for row in asked.json["predictions"]:
        assert list(row) == ["label", "probability", "probabilities"]
        assert row["probability"] == max(row["probabilities"]) == row["probabilities"][row["label"]]
        assert sum(row["probabilities"]) == pytest.approx(1, abs=1e-5)


def test_gives_the_same_answer_for_every_type_in_and_out(api: Api) -> None:
    batch = np.load(io.BytesIO(npy(3)))
    expected = ask(api, "POST", "/invocations", npy(3), "application/x-npy").json
    flat = batch.reshape(3, 784)
    for content_type, body in {
        "text/csv": "\n".join(",".join(map(str, row)) for row in flat.tolist()).encode(),
        "application/json": json.dumps({"instances": batch.tolist()}).encode(),
        "application/json;charset=utf-8": json.dumps({"instances": flat.tolist()}).encode(),
    }.items():
        assert ask(api, "POST", "/invocations", body, content_type).json == expected
    rows = np.array([row["probabilities"] for row in expected["predictions"]], np.float32)
    as_npy = ask(api, "POST", "/invocations", npy(3), "application/x-npy", "application/x-npy").answers[0]
    np.testing.assert_array_equal(np.load(io.BytesIO(as_npy[1])), rows)
    assert as_npy[2] == b"application/x-npy"
    as_csv = ask(api, "POST", "/invocations", npy(3), "application/x-npy", "text/csv").answers[0]
    np.testing.assert_array_equal(np.loadtxt(io.BytesIO(as_csv[1]), delimiter=",", dtype=np.float32)[:, 2:], rows)
    assert as_csv[2] == b"text/csv"


def test_gives_the_manifest_whatever_the_body(api: Api, engine: Engine) -> None:
    asked = ask(api, "POST", "/invocations", b"anything", "any/thing", "application/vnd.inferstack.manifest+json")
    assert asked.status == 200
    assert asked.answers[0][1] == engine.manifest.text
    assert asked.answers[0][2] == b"application/vnd.inferstack.manifest+json"


@pytest.mark.parametrize("body", [b'{"instances":[]}', b""])
def test_answers_no_instances_with_no_predictions(api: Api, body: bytes) -> None:
    asked = ask(api, "POST", "/invocations", body, "application/json" if body else "text/csv")
    assert asked.json["predictions"] == []


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("application/json", b"{", 400, "malformed"),
        ("application/x-npy", b"\x93NUMPX", 400, "malformed"),
        ("text/plain", b"1", 415, "unsupported-type"),
        ("", b"1", 415, "unsupported-type"),
        ("text/csv", b"1,2,3", 422, "wrong-shape"),
        ("text/csv", b"a" + b",1" * 783, 422, "not-a-number"),
        ("text/csv", b"256" + b",1" * 783, 422, "out-of-range"),
    ],
)
def test_gives_each_error_its_status(api: Api, content_type: str, body: bytes, status: int, code: str) -> None:
    asked = ask(api, "POST", "/invocations", body, content_type)
    assert asked.status == status
    assert list(asked.json) == ["error"]
    assert list(asked.json["error"]) == ["code", "message", "advice"]
    assert asked.json["error"]["code"] == code


def test_refuses_an_accept_it_cannot_meet(api: Api) -> None:
    assert ask(api, "POST", "/invocations", npy(), "application/x-npy", "text/html").status == 406


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/invocations/", 404),
        ("GET", "/invocations", 405),
        ("POST", "/ping", 405),
        ("HEAD", "/ping", 200),
        ("GET", "/ping?deep=1", 200),
    ],
)
def test_knows_its_paths(api: Api, method: str, target: str, status: int) -> None:
    assert ask(api, method, target).status == status


def test_says_which_methods_there_are(api: Api) -> None:
    assert ask(api, "GET", "/invocations").answers[0][3] == b"allow: POST\r\n"


def test_tells_batch_transform_how_to_send(api: Api) -> None:
    assert ask(api, "GET", "/execution-parameters").json == {
        "MaxConcurrentTransforms": 3,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 6,
    }


def test_hides_why_inference_failed_and_logs_it(closed: Api, engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    def predict(instances: object) -> Any:
        raise RuntimeError("a detail of the runtime")

    scheduler = Scheduler(predict, Now(), Limits())
    closed.open(engine.manifest, scheduler)
    asked = ask(closed, "POST", "/invocations", npy(), "application/x-npy")
    scheduler.close()
    assert asked.status == 500
    assert b"a detail" not in asked.answers[0][1]
    assert "a detail of the runtime" in caplog.text


def test_serves_a_model_whose_recipe_is_not_here_but_refuses_pictures(
    closed: Api, model_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    manifest = artifact.parse_manifest((model_dir / "manifest.json").read_bytes().replace(b'"digits"', b'"elsewhere"'))
    engine = Engine(artifact.Artifact(manifest, (model_dir / "model.onnx").read_bytes()), "cpu")
    scheduler = Scheduler(engine.predict, Now(), Limits())
    closed.open(manifest, scheduler)
    assert ask(closed, "POST", "/invocations", npy(), "application/x-npy").status == 200
    assert ask(closed, "POST", "/invocations", b"\x89PNG", "image/png").status == 415
    assert "pictures are refused" in caplog.text
    scheduler.close()


def test_stops_working_for_a_peer_that_has_gone(closed: Api, engine: Engine) -> None:
    submitted: list[Any] = []

    class Holding:
        submit = staticmethod(submitted.append)

    closed.open(engine.manifest, Holding())  # type: ignore[arg-type]
    asked = Asked("POST", "/invocations", npy(), "application/x-npy")
    closed.handle(asked)  # type: ignore[arg-type]
    asked.on_gone()
    assert submitted[0].abandoned
