"""POST /predictions, GET /model and GET /health: event in, response out."""

from collections.abc import Mapping

from functions.predict.config import Config
from functions.predict.service import Service
from functions.shared.endpoint.client import Endpoint, runtime
from functions.shared.environment import read_environment
from functions.shared.http.application import Application, Reply
from functions.shared.http.request import Request
from functions.shared.http.request_log import RequestLog
from recipes.recipe import load


class Handler(Application):
    """Answers events with one service.

    Args:    config: the limits on a request.
             service: the use cases.
    """

    def __init__(self, config: Config, service: Service) -> None:
        self._config, self._service = config, service
        super().__init__(
            {
                "/predictions": {"POST": self._predict},
                "/model": {"GET": lambda _, remaining_s, __: Reply(service.model(remaining_s=remaining_s))},
                "/health": {"GET": lambda *_: Reply(service.health())},
            }
        )

    def _predict(self, request: Request, remaining_s: float, log: RequestLog) -> Reply:
        body = request.body(self._config.max_body_bytes)
        log.add(content_type=request.content_type[:40], bytes_in=len(body))
        wanted = request.query.get("include", "").split(",")
        variant = request.query.get("variant") or None
        answer = self._service.predict(
            body, request.content_type, remaining_s=remaining_s, variant=variant, with_pixels="pixels" in wanted, request_id=request.id
        )
        log.add(instances=len(answer["predictions"]), model=answer["model"].get("version"), variant=answer["model"]["variant"])
        return Reply({**answer, "request_id": request.id})


def build(environment: Mapping[str, str]) -> Handler:
    """Return the handler of a deployment: the client and the recipe are made once, while the function starts."""
    config = read_environment(Config, environment)
    return Handler(config, Service(config, load(config.recipe), Endpoint(config.endpoint_name, runtime())))
