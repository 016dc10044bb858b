"""Events in, responses out, over a fake endpoint."""

import base64
import json
from typing import Any

import pytest

from functions.predict.handler import Handler, build
from functions.predict.routes import ROUTES
from functions.shared.owner import ANYONE
from functions.shared.predictions import Prediction
from recipes import errors
from recipes.recipe import load
from tests.digits import any_digit, encoded, on_page
from tests.events import ID_KEY, REQUEST_ID, event
from tests.fakes import MANIFEST, FakeClock, FakeContext, FakeEndpoint

JSON = "application/json"
PICTURE = encoded(on_page(any_digit()))
SEEN = load("digits").from_image(PICTURE)
THREE = json.dumps({"instances": [[label] * 784 for label in (7, 0, 12)]})


def test_answers_a_picture(ask: Any, endpoint: FakeEndpoint) -> None:
    status, answer = ask("POST", "/predictions", PICTURE, "image/png")
    assert status == 200
    assert endpoint.instances == [SEEN]
    (prediction,) = answer["predictions"]
    assert set(prediction) == {"label", "probability", "probabilities", "trust", "verdict"}
    assert answer["model"] == {"name": "tiny", "version": "1.0.0+00000000", "variant": "main"}
    assert answer["request_id"] == REQUEST_ID


def test_answers_instances_in_their_order(ask: Any) -> None:
    _, answer = ask("POST", "/predictions", THREE, f"{JSON}; charset=utf-8")
    assert [prediction["label"] for prediction in answer["predictions"]] == [7, 0, 2]


def test_names_its_answer_by_all_that_feedback_needs(ask: Any) -> None:
    _, answer = ask("POST", "/predictions", THREE, JSON, query={"variant": "canary"})
    prediction = Prediction.from_id(answer["id"], ANYONE, [ID_KEY])
    assert prediction
    assert (prediction.request_id, prediction.variant, prediction.version, prediction.predicted) == (
        REQUEST_ID,
        "canary",
        "1.0.0+00000000",
        (7, 0, 2),
    )


def test_signs_the_id_for_who_asked(handler: Handler) -> None:
    answer = json.loads(handler(event("POST", "/predictions", THREE, JSON, user="11111111-aaaa"), FakeContext())["body"])
    assert Prediction.from_id(answer["id"], "11111111-aaaa", [ID_KEY])
    assert Prediction.from_id(answer["id"], "22222222-bbbb", [ID_KEY]) is None
    assert Prediction.from_id(answer["id"], ANYONE, [ID_KEY]) is None


def test_shows_what_the_model_saw_if_asked(ask: Any) -> None:
    _, answer = ask("POST", "/predictions", PICTURE, "image/png", query={"include": "pixels"})
    assert bytes(answer["predictions"][0]["pixels"]) == SEEN
    _, answer = ask("POST", "/predictions", THREE, JSON, query={"include": "pixels"})
    assert [prediction["pixels"][0] for prediction in answer["predictions"]] == [7, 0, 12]


@pytest.mark.parametrize("value", ["", "foo", "PIXELS", "pixels,seen", "pixels,pixels"])
def test_knows_no_other_wish_to_see(ask: Any, endpoint: FakeEndpoint, value: str) -> None:
    status, problem = ask("POST", "/predictions", PICTURE, "image/png", query={"include": value})
    assert (status, "expected pixels or seen" in problem["detail"], endpoint.asked) == (422, True, [])


def test_asks_the_variant_that_is_named(ask: Any, endpoint: FakeEndpoint) -> None:
    _, answer = ask("POST", "/predictions", THREE, JSON, query={"variant": "canary"})
    assert (endpoint.asked[0]["variant"], answer["model"]["variant"]) == ("canary", "canary")


def test_tells_the_endpoint_how_long_there_is(handler: Handler, endpoint: FakeEndpoint) -> None:
    handler(event("POST", "/predictions", THREE, JSON), FakeContext(12_500))
    assert endpoint.asked[0]["remaining_s"] == 12.5


def test_leaves_the_endpoint_no_time_that_reading_took(handler: Handler, endpoint: FakeEndpoint, clock: FakeClock) -> None:
    clock.step_s = 1
    handler(event("POST", "/predictions", PICTURE, "image/png"), FakeContext(20_000))
    assert endpoint.asked[0]["remaining_s"] < 18


@pytest.mark.parametrize("instances", [0, 1001, 1500])
def test_refuses_none_or_too_many_without_asking_the_endpoint(ask: Any, endpoint: FakeEndpoint, instances: int) -> None:
    status, answer = ask("POST", "/predictions", json.dumps({"instances": [[0] * 784] * instances}), JSON)
    assert (status, answer["type"].rpartition(":")[2]) == ((413, "too-large") if instances else (422, "wrong-shape"))
    assert endpoint.asked == []


def test_refuses_a_body_over_the_limit(ask: Any) -> None:
    assert ask("POST", "/predictions", b"x" * 4_500_001, "image/png")[0] == 413


def test_refuses_a_body_that_is_not_base64(handler: Handler) -> None:
    response = handler({**event("POST", "/predictions", content_type="image/png"), "body": "!", "isBase64Encoded": True}, FakeContext())
    assert response["statusCode"] == 400


ANSWERS = {
    "something else than JSON": b"<html>",
    "a list": b"[]",
    "JSON nested too deeply to read": b"[" * 200_000,
    "no predictions": b"{}",
    "fewer predictions": b'{"predictions":[{}],"model":{}}',
    "null for a prediction": b'{"predictions":[{},null,{}],"model":{}}',
    "NaN, which is not JSON": b'{"predictions":[{"probability":NaN},{},{}],"model":{}}',
    "no model": b'{"predictions":[{},{},{}]}',
    **{
        name: b'{"predictions":[{"label":1,"probability":1},{"label":2,"probability":1},{%b}],"model":{"version":"1"}}' % prediction
        for name, prediction in {
            "neither a class nor a value": b"",
            "a number that no double holds": b'"label":1,"probability":1e999',
            "one of 400 digits": b'"label":1,"trust":1%b' % (b"0" * 400),
            "one among the probabilities": b'"label":1,"probabilities":[0,-1e999]',
            "such a value": b'"value":1e999',
            "text for a number": b'"label":1,"probability":"0.9"',
            "text for a value": b'"value":""',
            "a number for probabilities": b'"label":1,"probabilities":7',
            "an object for probabilities": b'"label":1,"probabilities":{}',
            "a list for a label": b'"label":[1]',
            "a fraction for a label": b'"label":1.5',
            "a label of a megabyte": b'"label":"%b"' % (b"x" * 1_000_000),
            "an object for a verdict": b'"label":1,"verdict":{}',
        }.items()
    },
    "a number for the model's version": b'{"predictions":[{"label":1},{"label":1},{"label":1}],"model":{"version":1e999}}',
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_fails_when_the_endpoint_answers(ask: Any, endpoint: FakeEndpoint, answer: bytes) -> None:
    endpoint.answer = answer
    status, problem = ask("POST", "/predictions", THREE, JSON, query={"include": "pixels"})
    assert (status, problem["type"]) == (502, "urn:inferstack:problem:endpoint-failed")


def test_takes_from_the_endpoint_what_the_contract_has_of_a_prediction(ask: Any, endpoint: FakeEndpoint) -> None:
    """A field of another name could stand for one of ours, and hold what no JSON holds."""
    endpoint.answer = b'{"predictions":[{"label":1,"row":7,"box":1e999,"error":"no"}],"model":{"version":"1","name":"tiny","more":1e999}}'
    _, answer = ask("POST", "/predictions", json.dumps([7] * 784), JSON)
    assert (answer["predictions"], answer["model"]) == ([{"label": 1}], {"name": "tiny", "version": "1", "variant": "main"})


def test_says_that_the_model_has_no_finite_answer(ask: Any, endpoint: FakeEndpoint) -> None:
    """A model of another recipe's, of numbers: infinity less infinity is no number, which JSON has null for."""
    none = {"label": 0, "probability": None, "probabilities": [None, None]}
    endpoint.answer = json.dumps({"predictions": [{"label": 1, "probability": 1}, none, none], "model": {}}).encode()
    status, problem = ask("POST", "/predictions", THREE, JSON)
    assert (status, problem["type"], "instance 2" in problem["detail"]) == (422, "urn:inferstack:problem:out-of-range", True)


FAILURES = {
    errors.EndpointStarting: 503,
    errors.EndpointBusy: 503,
    errors.EndpointTimeout: 504,
    errors.EndpointFailed: 502,
    errors.OutOfRange: 422,
}


@pytest.mark.parametrize(("kind", "status"), FAILURES.items(), ids=lambda value: getattr(value, "code", ""))
def test_answers_what_the_endpoint_raises(ask: Any, endpoint: FakeEndpoint, kind: type[errors.InferstackError], status: int) -> None:
    endpoint.failure = kind("why", advice="what now")
    actual, problem = ask("POST", "/predictions", THREE, JSON)
    assert actual == problem["status"] == status
    assert problem["type"] == f"urn:inferstack:problem:{kind.code}"
    assert (problem["detail"], problem["advice"], problem["request_id"]) == ("why", "what now", REQUEST_ID)


@pytest.mark.parametrize("path", ["/", "/predictions/", "/../etc/passwd", "/Model", "/x" * 500])
def test_knows_no_other_path(ask: Any, path: str) -> None:
    status, problem = ask("GET", path)
    assert (status, problem["type"]) == (404, "urn:inferstack:problem:not-found")
    assert len(problem["detail"]) < 150


def test_knows_no_other_method(handler: Handler) -> None:
    for route in ROUTES:
        for other in {"GET", "POST", "PUT", "DELETE", ""} - {route.method}:
            response = handler(event(other, route.path), FakeContext())
            assert response["statusCode"] == 404


def test_hides_an_unexpected_error_from_the_caller(ask: Any, endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint.failure = ZeroDivisionError("secret")
    status, problem = ask("POST", "/predictions", THREE, JSON)
    assert (status, problem["type"]) == (500, "urn:inferstack:problem:internal")
    assert "secret" not in json.dumps(problem)
    unexpected, line = map(json.loads, capsys.readouterr().out.splitlines())
    assert "ZeroDivisionError: secret" in unexpected["traceback"]
    assert (unexpected["request_id"], line["status"]) == (REQUEST_ID, 500)


def test_logs_a_line_without_payload_or_token(ask: Any, capsys: pytest.CaptureFixture[str]) -> None:
    ask("POST", "/predictions", PICTURE, "image/png", query={"variant": "canary"})
    (text,) = capsys.readouterr().out.splitlines()
    line = json.loads(text)
    assert line.pop("duration_ms") > 0
    assert line == {
        "level": "INFO",
        "status": 200,
        "request_id": REQUEST_ID,
        "method": "POST",
        "path": "/predictions",
        "content_type": "image/png",
        "bytes_in": len(PICTURE),
        "instances": 1,
        "model": "1.0.0+00000000",
        "variant": "canary",
        "doubted": 0,
    }


def test_logs_how_like_the_inputs_are_to_what_the_model_knows(ask: Any, endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint.verdict = "unsure"
    ask("POST", "/predictions", THREE, JSON)
    line = json.loads(capsys.readouterr().out)
    assert (line["instances"], line["doubted"], line["notes"]) == (3, 3, ["blank"])
    endpoint.answer = json.dumps({"predictions": [{"label": 7}], "model": {"name": "other", "version": "1"}}).encode()
    ask("POST", "/predictions", PICTURE, "image/png")
    assert "doubted" not in json.loads(capsys.readouterr().out)  # a model that cannot tell


def test_logs_the_problem_but_not_what_was_sent(ask: Any, capsys: pytest.CaptureFixture[str]) -> None:
    ask("POST", "/predictions", '{"instances": [["my secret"]]}', JSON)
    ask("GET", "/secret/path")
    text = capsys.readouterr().out
    assert "secret" not in text
    assert [json.loads(line)["problem"] for line in text.splitlines()] == ["wrong-shape", "not-found"]


def test_logs_why_the_endpoint_failed(ask: Any, endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint.failure = errors.EndpointFailed("it refused")
    endpoint.failure.__cause__ = ValueError("no such endpoint " + "x" * 9999)
    _, problem = ask("POST", "/predictions", THREE, JSON)
    line = json.loads(capsys.readouterr().out)
    assert line["cause"].startswith("ValueError: no such endpoint")
    assert len(line["cause"]) <= 500
    assert "no such" not in json.dumps(problem)


def test_tells_which_model_is_running(ask: Any, endpoint: FakeEndpoint, clock: FakeClock) -> None:
    assert ask("GET", "/model") == (200, {**MANIFEST, "variant": "main"})
    assert endpoint.asked[0]["accept"] == "application/vnd.inferstack.manifest+json"
    ask("GET", "/model")
    assert len(endpoint.asked) == 1  # remembered
    clock.now_s += 11
    ask("GET", "/model")
    assert len(endpoint.asked) == 2


def test_tells_which_model_a_variant_runs(ask: Any, endpoint: FakeEndpoint) -> None:
    for variant in ("a", "b", "a"):
        ask("GET", "/model", query={"variant": variant})
    ask("GET", "/model")
    assert [asked["variant"] for asked in endpoint.asked] == ["a", "b", None]


def test_does_not_tell_an_old_model_when_the_endpoint_fails(ask: Any, endpoint: FakeEndpoint, clock: FakeClock) -> None:
    ask("GET", "/model")
    clock.now_s += 11
    endpoint.failure = errors.EndpointStarting("not yet")
    assert ask("GET", "/model")[0] == 503


def test_is_healthy_when_the_endpoint_answers_or_answered_lately(ask: Any, endpoint: FakeEndpoint, clock: FakeClock) -> None:
    assert ask("GET", "/health") == (200, {"status": "ok"})
    ask("POST", "/predictions", THREE, JSON)
    count = len(endpoint.asked)
    endpoint.failure = errors.EndpointFailed("gone")
    assert ask("GET", "/health")[0] == 200
    assert len(endpoint.asked) == count
    clock.now_s += 11
    assert ask("GET", "/health")[0] == 503


@pytest.mark.parametrize("kind", errors.EndpointError.__subclasses__(), ids=lambda kind: kind.code)
def test_tells_strangers_no_more_than_that_the_endpoint_does_not_answer(
    ask: Any, endpoint: FakeEndpoint, kind: type[errors.EndpointError], capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint.failure = kind("the endpoint refused the call (AccessDeniedException)")
    for _ in range(2):
        status, problem = ask("GET", "/health")
        named = kind if kind is errors.EndpointStarting else errors.EndpointError
        assert (status, problem["type"]) == (503, f"urn:inferstack:problem:{named.code}")
        assert "AccessDenied" not in json.dumps(problem)
    assert all("AccessDeniedException" in json.loads(line)["cause"] for line in capsys.readouterr().out.splitlines())


def test_fails_when_the_manifest_holds_a_number_that_no_double_holds(ask: Any, endpoint: FakeEndpoint) -> None:
    endpoint.answer = b'{"schema":1,"input":{"features":[{"range":[0,1e999]}]}}'
    assert ask("GET", "/model")[0] == 502


@pytest.mark.parametrize("path", ["/health", "/model"])
def test_fails_when_the_endpoint_sends_no_manifest(ask: Any, endpoint: FakeEndpoint, path: str) -> None:
    endpoint.answer = b"<html>"
    assert [ask("GET", path)[0] >= 500, ask("GET", "/health")[0]] == [True, 503]


def test_does_not_wait_for_its_health_as_long_as_for_a_prediction(ask: Any, endpoint: FakeEndpoint) -> None:
    ask("GET", "/health")
    assert endpoint.asked[0]["remaining_s"] < 10


@pytest.mark.parametrize(("method", "path"), [("POST", "/predictions"), ("GET", "/model"), ("GET", "/health")])
def test_says_that_the_endpoint_starts_without_invoking_it_again(
    ask: Any, endpoint: FakeEndpoint, clock: FakeClock, method: str, path: str
) -> None:
    endpoint.failure = errors.EndpointStarting("no answer in 26 s")
    ask(method, path, *([THREE, JSON] if method == "POST" else []))
    clock.now_s += 50  # a container may take three minutes to start, and each invocation meanwhile starts another one
    status, problem = ask("GET", "/health")
    assert (status, problem["type"], problem["detail"]) == (503, "urn:inferstack:problem:endpoint-starting", "the endpoint is starting")
    assert len(endpoint.asked) == 1
    endpoint.failure = None
    assert ask("POST", "/predictions", THREE, JSON)[0] == 200
    clock.now_s += 11
    assert ask("GET", "/health")[0] == 200  # what answers now is not said to start


def test_asks_a_failing_endpoint_for_its_health_only_now_and_then(ask: Any, endpoint: FakeEndpoint, clock: FakeClock) -> None:
    endpoint.failure = errors.EndpointFailed("not there")
    assert [ask("GET", "/health")[0] for _ in range(5)] == [503] * 5
    assert len(endpoint.asked) == 1
    endpoint.failure = None
    clock.now_s += 11
    assert ask("GET", "/health")[0] == 200


def test_is_built_of_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    handler = build({"ENDPOINT_NAMES": "e", "ENDPOINT_KIND": "serverless", "RECIPES": "digits", "ID_KEY": ID_KEY})
    response = handler(event("POST", "/predictions", base64.b64encode(b"x").decode(), "text/html"), FakeContext())
    assert response["statusCode"] == 415
