"""What every function behind the API does: find the route, call its handler, turn errors into problem details, log one line."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from functions.shared.http.invocation import Invocation, RouteHandler
from functions.shared.http.request import Request
from functions.shared.http.request_log import RequestLog
from functions.shared.http.response import NotFound, Response, build_problem, build_response
from functions.shared.http.routes import Route
from functions.shared.lambda_context import LambdaContext
from functions.shared.logs import write_error
from recipes.errors import EndpointError, InferstackError, InvalidInput, Malformed


class Application:
    """Answers events by their path and method.

    Args:    routes: what the function declares to the API; the values of the names in a path are in the request's `parameters`.
             handlers: one for each route.
    Raises:  ValueError: a route has no handler, or a handler no route.
    """

    def __init__(self, routes: Sequence[Route], handlers: Mapping[Route, RouteHandler]) -> None:
        if unmatched := set(routes) ^ set(handlers):
            raise ValueError(f"not both a route and a handler: {', '.join(sorted(f'{each.method} {each.path}' for each in unmatched))}")
        self._methods: dict[str, dict[str, tuple[Route, RouteHandler]]] = {}
        for route in routes:
            self._methods.setdefault(route.path, {})[route.method] = route, handlers[route]
        self._plain_paths = {path for path in self._methods if "{" not in path}

    def __call__(self, event: Mapping[str, Any], context: LambdaContext) -> Response:
        """Return the response; whatever happens, there is one, and one log line."""
        request, path = self._match_path(Request.from_event(event))
        log = RequestLog(request_id=request.id, method=request.method, path=path or "other")
        try:
            _require_http_api(event)
            handle = self._find_handler(path, request)
            reply = handle(Invocation(request, context.get_remaining_time_in_millis() / 1000, log))
            response = build_response(reply.body, request.id, status=reply.status, headers=reply.headers)
        except InferstackError as error:
            log.add(problem=error.code, **_describe_cause(error))
            response = self.describe_error(error, path, request.id)
        except Exception as error:  # noqa: BLE001 - the last line of defence: the caller gets a response, the operator the traceback
            write_error(error, request_id=request.id)
            hidden = InferstackError("something went wrong here", advice="Quote the request id to the operator.")
            response = self.describe_error(hidden, path, request.id)
        log.write(response["statusCode"])
        return response

    def describe_error(self, error: InferstackError, path: str, request_id: str) -> Response:  # noqa: ARG002 - for those with other words
        """Return an error as a response; a function whose protocols have words of their own says it in them.

        Args:    path: as the routes have it; "" for one that none has.
        """
        return build_problem(error, request_id)

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """Those of the paths with names in them, compiled when the first request asks for one."""
        paths = self._methods.keys() - self._plain_paths
        return [(re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))), path) for path in sorted(paths)]

    def _match_path(self, request: Request) -> tuple[Request, str]:
        """Return the request with the values of its path's names, and the path as the routes have it; "" if none has."""
        if request.path in self._plain_paths:
            return request, request.path
        for pattern, path in self._patterns:
            if match := pattern.fullmatch(request.path):
                parameters = match.groupdict()
                return request.with_parameters(parameters) if parameters else request, path
        return request, ""

    def _find_handler(self, path: str, request: Request) -> RouteHandler:
        found = self._methods.get(path, {}).get(request.method)
        if found is None:  # the API answers such requests itself: only another door of the function's leads here
            raise NotFound(f"there is no {request.method[:16]} {request.path[:80]}")
        route, handle = found
        if request.query and not route.is_open:
            _refuse_unknown(request.query, route)
        return handle


def _require_http_api(event: Mapping[str, Any]) -> None:
    """Refuse what is no event of an HTTP API, as somebody sends it who tries the function in Lambda's console."""
    if isinstance((event.get("requestContext") or {}).get("http"), Mapping):
        return
    kind = "of a REST API, or of payload format 1.0" if "httpMethod" in event else "without requestContext.http"
    raise Malformed(
        f"the event is one {kind}; expected one of an HTTP API, payload format 2.0",
        advice='Call the API by its address, or test with {"rawPath": "/health", "requestContext": {"http": {"method": "GET"}}}.',
    )


def _refuse_unknown(query: Mapping[str, str], route: Route) -> None:
    """Refuse a parameter that the route does not have: a misspelt one would be answered as if it had not been sent.

    "_" is what jQuery and others add, with the time, against caches.
    """
    if unknown := [name for name in query if name not in (*route.query, "_")]:
        expected = f"expected {' or '.join(route.query)}" if route.query else "expected none"
        raise InvalidInput(
            f"{route.method} {route.path} has no parameter {unknown[0][:40]!r}; {expected}", advice="Correct it, or leave it out."
        )


def _describe_cause(error: InferstackError) -> dict[str, str]:
    """Return why the endpoint failed, for the operator; an error about an input quotes it, and stays out of the log."""
    if isinstance(error, EndpointError) and error.__cause__ is not None:
        return {"cause": f"{type(error.__cause__).__name__}: {error.__cause__}"[:500]}
    return {}
