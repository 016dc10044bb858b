"""The HTTP side of the predict function: invocation in, reply out."""

import json
from collections.abc import Mapping

from functions.predict.body import Body
from functions.predict.config import Config
from functions.predict.routes import HEALTH, MODEL, PREDICT, ROUTES, V2
from functions.predict.service import Service
from functions.shared.endpoint.client import API_WAIT_S, open_endpoint
from functions.shared.environment import read_environment
from functions.shared.http.application import Application
from functions.shared.http.invocation import Invocation, Reply
from functions.shared.http.response import Response
from recipes.errors import InferstackError, InvalidInput
from recipes.media_types import JSON
from recipes.recipe import load


class Handler(Application):
    """Handles the routes with one service.

    Args:    config: the limits on a request.
             service: the use cases.
    """

    def __init__(self, config: Config, service: Service) -> None:
        self._config, self._service = config, service
        own = {PREDICT: self._predict, MODEL: self._describe_model, HEALTH: self._check_health}
        super().__init__(ROUTES, {**own, **dict.fromkeys(V2, self._answer_open_inference)})

    def _predict(self, invocation: Invocation) -> Reply:
        request = invocation.request
        content = request.body(self._config.max_body_bytes)
        invocation.log.add(content_type=request.content_type[:40], bytes_in=len(content))
        headers = request.headers
        response = self._service.predict(
            Body(content, headers.get("content-type", ""), headers.get("content-encoding", ""), self._config.max_body_bytes),
            remaining_s=invocation.remaining_s,
            variant=request.query.get("variant"),
            shown=read_shown(request.query.get("include", "")),
            every_digit=read_digits(request.query.get("digits")),
            request_id=request.id,
            owner=request.owner,
        )
        model = response["model"]
        invocation.log.add(instances=len(response["predictions"]), model=model.get("version"), variant=model["variant"])
        return Reply({**response, "request_id": request.id})

    def _describe_model(self, invocation: Invocation) -> Reply:
        return Reply(self._service.describe_model(remaining_s=invocation.remaining_s))

    def _answer_open_inference(self, invocation: Invocation) -> Reply:
        from functions.predict.open_inference import answer  # noqa: PLC0415 - most starts never need it

        return answer(invocation, self._service, self._config)

    def describe_error(self, error: InferstackError, path: str, request_id: str) -> Response:
        """Return an error as a response: as a problem, or in the words of the Open Inference Protocol on its paths."""
        response = super().describe_error(error, path, request_id)
        if not path.startswith("/v2"):
            return response
        said = {"error": f"{error.detail}. {error.advice}" if error.advice else error.detail}
        return {**response, "headers": {**response["headers"], "content-type": JSON}, "body": json.dumps(said)}

    def _check_health(self, _: Invocation) -> Reply:
        return Reply(self._service.check_health())


def read_shown(value: str) -> str:
    """Return how `include` asks for what the model saw: as pixels or as a picture, `seen`; "" if it does not."""
    asked = value.split(",")
    return next((each for each in ("pixels", "seen") if each in asked), "")


def read_digits(value: str | None) -> bool:
    """Return whether `digits` asks for every digit of a picture; raise InvalidInput if it says anything else."""
    if value is not None and value != "all":
        raise InvalidInput(f"digits is {value[:40]!r}; expected all", advice="Leave it out to have a picture read as one digit.")
    return value is not None


def build(environment: Mapping[str, str]) -> Handler:
    """Return a deployment's handler; the client and the recipe are created once, while the function starts."""
    config = read_environment(Config, environment)
    endpoint = open_endpoint(config.endpoint_name, config.endpoint_kind, API_WAIT_S)
    return Handler(config, Service(config, load(config.recipe), endpoint))
