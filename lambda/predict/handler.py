"""POST /predictions, GET /model and GET /health: event in, response out."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from http_api.logs import RequestLog, write_unexpected
from http_api.request import Request
from http_api.response import MethodNotAllowed, NotFound, Response, json_response, problem
from predict.config import Config
from predict.endpoint import Endpoint, runtime
from predict.service import Service
from recipes.errors import EndpointError, InferstackError
from recipes.recipe import load


class Context(Protocol):
    """The part of Lambda's context that is used."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the function."""


class Handler:
    """Answers events with one service.

    Args:    config: the limits on a request.
             service: the use cases.
    """

    def __init__(self, config: Config, service: Service) -> None:
        self._config, self._service = config, service
        self._routes: dict[str, tuple[str, Callable[[Request, float, RequestLog], dict[str, Any]]]] = {
            "/predictions": ("POST", self._predict),
            "/model": ("GET", lambda _, remaining_s, __: service.model(remaining_s=remaining_s)),
            "/health": ("GET", lambda *_: service.health()),
        }

    @property
    def routes(self) -> dict[str, str]:
        """The method of each path."""
        return {path: method for path, (method, _) in self._routes.items()}

    def __call__(self, event: Mapping[str, Any], context: Context) -> Response:
        """Return the answer; whatever happens is one, and is logged."""
        request = Request.from_event(event)
        log = RequestLog(request_id=request.id, method=request.method, path=request.path if request.path in self._routes else "other")
        try:
            response = json_response(self._answer(request, context.get_remaining_time_in_millis() / 1000, log), request.id)
        except InferstackError as error:
            log.add(problem=error.code, **_cause(error))
            response = problem(error, request.id)
        except Exception as error:  # noqa: BLE001 - the last line of defence: the caller gets an answer, the operator the traceback
            write_unexpected(error, request_id=request.id)
            response = problem(InferstackError("something went wrong here", advice="Quote the request id to the operator."), request.id)
        log.write(response["statusCode"])
        return response

    def _answer(self, request: Request, remaining_s: float, log: RequestLog) -> dict[str, Any]:
        if request.path not in self._routes:
            raise NotFound(f"there is nothing at {request.path[:80]}", advice=f"There are {', '.join(self._routes)}.")
        method, answer = self._routes[request.path]
        if request.method != method:
            raise MethodNotAllowed(f"{request.path} has no {request.method[:16]}", allowed=method)
        return answer(request, remaining_s, log)

    def _predict(self, request: Request, remaining_s: float, log: RequestLog) -> dict[str, Any]:
        body = request.body(self._config.max_body_bytes)
        log.add(content_type=request.content_type[:40], bytes_in=len(body))
        wanted = request.query.get("include", "").split(",")
        variant = request.query.get("variant") or None
        answer = self._service.predict(body, request.content_type, remaining_s=remaining_s, variant=variant, with_pixels="pixels" in wanted)
        log.add(instances=len(answer["predictions"]), model=answer["model"].get("version"), variant=answer["model"]["variant"])
        return {**answer, "request_id": request.id}


def _cause(error: InferstackError) -> dict[str, str]:
    """Return why the endpoint failed, for the operator; what is wrong with an input quotes it, and stays out of the log."""
    if isinstance(error, EndpointError) and error.__cause__ is not None:
        return {"cause": f"{type(error.__cause__).__name__}: {error.__cause__}"[:500]}
    return {}


def build(environment: Mapping[str, str]) -> Handler:
    """Return the handler of a deployment: the client and the recipe are made once, while the function starts."""
    config = Config.from_env(environment)
    return Handler(config, Service(config, load(config.recipe), Endpoint(config.endpoint_name, runtime())))
