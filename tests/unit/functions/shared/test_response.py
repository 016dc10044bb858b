"""JSON responses and problem details."""

import json

import pytest

from functions.shared.http.response import NotFound, build_problem, build_response, find_status
from recipes import errors

STATUS = {
    errors.InvalidInput: 422,
    errors.Malformed: 400,
    errors.UnsupportedType: 415,
    errors.TooLarge: 413,
    errors.BlankImage: 422,
    errors.WrongShape: 422,
    errors.NotANumber: 422,
    errors.OutOfRange: 422,
    errors.EndpointError: 503,
    errors.EndpointStarting: 503,
    errors.EndpointBusy: 503,
    errors.EndpointTimeout: 504,
    errors.EndpointFailed: 502,
    errors.InvalidSettings: 500,
    errors.InferstackError: 500,
}


@pytest.mark.parametrize(("kind", "status"), STATUS.items(), ids=lambda value: getattr(value, "code", ""))
def test_gives_each_error_its_status_and_its_name(kind: type[errors.InferstackError], status: int) -> None:
    response = build_problem(kind("it is 3; expected 4", advice="Send 4."), "id-1")
    assert response["statusCode"] == status
    assert response["headers"]["content-type"] == "application/problem+json"
    assert json.loads(response["body"]) == {
        "type": f"urn:inferstack:problem:{kind.code}",
        "title": kind.title,
        "status": status,
        "detail": "it is 3; expected 4",
        "advice": "Send 4.",
        "request_id": "id-1",
    }


def test_leaves_out_missing_advice() -> None:
    assert "advice" not in json.loads(build_problem(errors.WrongShape("no"), "id-1")["body"])


@pytest.mark.parametrize("kind", STATUS, ids=lambda kind: kind.code)
def test_says_when_to_try_again_with_503_alone(kind: type[errors.InferstackError]) -> None:
    response = build_problem(kind("no"), "id-1")
    assert ("retry-after" in response["headers"]) == (response["statusCode"] == 503)
    assert int(response["headers"].get("retry-after", 1)) >= 1


def test_gives_not_found_its_status() -> None:
    assert find_status(NotFound("nothing")) == 404


@pytest.mark.parametrize("response", [build_response({"a": 1}, "id-1"), build_problem(errors.TooLarge("no"), "id-1")])
def test_is_never_cached_and_can_be_traced(response: dict[str, dict[str, str]]) -> None:
    assert response["headers"]["cache-control"] == "no-store"
    assert response["headers"]["x-request-id"] == "id-1"


def test_answers_json() -> None:
    response = build_response({"predictions": []}, "id-1")
    assert (response["statusCode"], response["headers"]["content-type"]) == (200, "application/json")
    assert json.loads(response["body"]) == {"predictions": []}
