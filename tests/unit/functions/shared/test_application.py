"""Routes and their handlers."""

import json
from typing import Any

import pytest

from functions.shared.http.application import Application
from functions.shared.http.invocation import Invocation, Reply
from functions.shared.http.routes import Route
from tests.events import event
from tests.fakes import FakeContext

GET, POST, OTHER = Route("GET", "/things/{id}"), Route("POST", "/things/{id}"), Route("GET", "/others")


def reply(invocation: Invocation) -> Reply:
    request = invocation.request
    return Reply({"method": request.method, "id": request.parameters.get("id"), "remaining_s": invocation.remaining_s})


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_calls_the_handler_of_a_route_with_the_values_in_its_path(method: str) -> None:
    application = Application((GET, POST, OTHER), {GET: reply, POST: reply, OTHER: reply})
    response = application(event(method, "/things/a%20b"), FakeContext(1500))
    assert response["body"] == f'{{"method":"{method}","id":"a%20b","remaining_s":1.5}}'


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"key1": "value1"}, "without requestContext.http"),
        ({"instances": [[0]]}, "without requestContext.http"),
        ({"httpMethod": "GET", "path": "/others", "requestContext": {}}, "payload format 1.0"),
        ({"requestContext": None}, "without requestContext.http"),
    ],
)
def test_says_which_event_it_takes_to_who_tries_the_function(sent: dict[str, Any], said: str) -> None:
    response = Application((OTHER,), {OTHER: reply})(sent, FakeContext())
    assert response["statusCode"] == 400
    assert said in response["body"]
    assert "requestContext" in json.loads(response["body"])["advice"]


def test_does_not_start_with_a_route_that_has_no_handler() -> None:
    with pytest.raises(ValueError, match=r"GET /others, POST /things/\{id\}"):
        Application((GET, POST, OTHER), {GET: reply})


def test_does_not_start_with_a_handler_that_has_no_route() -> None:
    with pytest.raises(ValueError, match="GET /others"):
        Application((GET,), {GET: reply, OTHER: reply})


LISTED, OPEN = Route("GET", "/listed", query=("limit", "cursor")), Route("GET", "/open", is_open=True)


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        ("/listed", {"limit": "3", "cursr": "a"}, "GET /listed has no parameter 'cursr'; expected limit or cursor"),
        ("/listed", {"Limit": "3"}, "has no parameter 'Limit'"),
        ("/listed", {"": ""}, "has no parameter ''"),
        ("/others", {"x" * 500: "1"}, "GET /others has no parameter 'xxxx"),
        ("/others", {"limit": "3"}, "expected none"),
    ],
)
def test_refuses_a_parameter_that_the_route_does_not_have(path: str, query: dict[str, str], said: str) -> None:
    application = Application((LISTED, OTHER), {LISTED: reply, OTHER: reply})
    response = application(event("GET", path, query=query), FakeContext())
    assert (response["statusCode"], said in json.loads(response["body"])["detail"], len(response["body"]) < 500) == (422, True, True)


def test_takes_what_monitors_add_to_an_open_route() -> None:
    assert Application((OPEN,), {OPEN: reply})(event("GET", "/open", query={"utm": "1"}), FakeContext())["statusCode"] == 200


def test_takes_what_clients_add_against_caches() -> None:
    asked = event("GET", "/listed", query={"limit": "3", "_": "1795000000"})
    assert Application((LISTED,), {LISTED: reply})(asked, FakeContext())["statusCode"] == 200
