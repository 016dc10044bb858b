"""API Gateway invokes a function for a route only if the function's own policy lets it."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from local.run_state import RunState
from tests.local.conftest import Client
from tests.local.test_stack import ask


@pytest.fixture
def route(client: Client) -> Iterator[dict[str, str]]:
    """Give another route to the function that answers GET /health, which nothing lets it take."""
    gateway = client("apigatewayv2")
    (api,) = [each["ApiId"] for each in gateway.get_apis()["Items"]]
    target = next(each["Target"] for each in gateway.get_routes(ApiId=api)["Items"] if each["RouteKey"] == "GET /health")
    path = f"/tests-{uuid4().hex}"
    made = gateway.create_route(ApiId=api, RouteKey=f"GET {path}", Target=target)["RouteId"]
    integration = gateway.get_integration(ApiId=api, IntegrationId=target.removeprefix("integrations/"))
    yield {"api": api, "path": path, "function": integration["IntegrationUri"]}
    gateway.delete_route(ApiId=api, RouteId=made)


def test_invokes_a_function_for_the_routes_that_its_policy_names(stack: RunState, client: Client, route: dict[str, str]) -> None:
    functions, id_ = client("lambda"), "tests"

    def allow(method: str, path: str, **other: Any) -> None:
        source = f"arn:aws:execute-api:us-east-1:000000000000:{route['api']}/*/{method}{path}"
        statement = {"StatementId": id_, "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com", "SourceArn": source}
        functions.add_permission(FunctionName=route["function"], **{**statement, **other})

    def is_invoked() -> bool:
        status, headers, answer = ask(f"{stack.api_url}{route['path']}")
        assert (status, answer) == (500, {"message": "Internal Server Error"}) or "x-request-id" in headers
        return status != 500

    assert not is_invoked()
    for method, path, other, expected in (
        ("*", "/health", {}, False),
        ("POST", route["path"], {}, False),
        ("GET", route["path"], {"Principal": "events.amazonaws.com"}, False),
        ("GET", route["path"], {}, True),
    ):
        allow(method, path, **other)
        try:
            assert is_invoked() is expected, (method, path, other)
        finally:
            functions.remove_permission(FunctionName=route["function"], StatementId=id_)
