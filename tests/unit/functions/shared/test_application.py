"""Routes and their handlers."""

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


def test_does_not_start_with_a_route_that_has_no_handler() -> None:
    with pytest.raises(ValueError, match=r"GET /others, POST /things/\{id\}"):
        Application((GET, POST, OTHER), {GET: reply})


def test_does_not_start_with_a_handler_that_has_no_route() -> None:
    with pytest.raises(ValueError, match="GET /others"):
        Application((GET,), {GET: reply, OTHER: reply})
