"""What every function behind the API does alike: find the route, answer, turn errors into problem details, log one line."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.shared.http.request import Request
from functions.shared.http.request_log import RequestLog
from functions.shared.http.response import MethodNotAllowed, NotFound, Response, json_response, problem
from functions.shared.lambda_context import LambdaContext
from functions.shared.logs import write_error
from recipes.errors import EndpointError, InferstackError


@dataclass(frozen=True, slots=True)
class Reply:
    """What a route answers.

    Args:    body: becomes JSON.
             headers: beside those of every answer.
    """

    body: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Request, float, RequestLog], Reply]  # (request, seconds until the function ends, log)


class Application:
    """Answers events by their path and method.

    Args:    routes: by path, then by method; a path may hold names, as in /jobs/{id}, whose values are in the request's `parameters`.
    """

    def __init__(self, routes: Mapping[str, Mapping[str, Answer]]) -> None:
        self._routes = routes
        self._patterns = [(re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))), path) for path in routes]

    @property
    def routes(self) -> set[tuple[str, str]]:
        """Every (path, method)."""
        return {(path, method) for path, methods in self._routes.items() for method in methods}

    def __call__(self, event: Mapping[str, Any], context: LambdaContext) -> Response:
        """Return the answer; whatever happens is one, and is logged."""
        request, route = self._route(Request.from_event(event))
        log = RequestLog(request_id=request.id, method=request.method, path=route or "other")
        try:
            reply = self._answer(route, request)(request, context.get_remaining_time_in_millis() / 1000, log)
            response = json_response(reply.body, request.id, status=reply.status, headers=reply.headers)
        except InferstackError as error:
            log.add(problem=error.code, **_cause(error))
            response = problem(error, request.id)
        except Exception as error:  # noqa: BLE001 - the last line of defence: the caller gets an answer, the operator the traceback
            write_error(error, request_id=request.id)
            response = problem(InferstackError("something went wrong here", advice="Quote the request id to the operator."), request.id)
        log.write(response["statusCode"])
        return response

    def _route(self, request: Request) -> tuple[Request, str]:
        """Return the request with the values of its path's names, and the path as it is in the routes; "" if there is none."""
        for pattern, path in self._patterns:
            if found := pattern.fullmatch(request.path):
                return request.with_parameters(found.groupdict()), path
        return request, ""

    def _answer(self, route: str, request: Request) -> Answer:
        if not route:
            raise NotFound(f"there is nothing at {request.path[:80]}", advice=f"There are {', '.join(self._routes)}.")
        methods = self._routes[route]
        if request.method not in methods:
            raise MethodNotAllowed(f"{route} has no {request.method[:16]}", allowed=", ".join(methods))
        return methods[request.method]


def _cause(error: InferstackError) -> dict[str, str]:
    """Return why the endpoint failed, for the operator; what is wrong with an input quotes it, and stays out of the log."""
    if isinstance(error, EndpointError) and error.__cause__ is not None:
        return {"cause": f"{type(error.__cause__).__name__}: {error.__cause__}"[:500]}
    return {}
