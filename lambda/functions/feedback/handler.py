"""POST /predictions/{id}/feedback: event in, response out."""

import json
from collections.abc import Mapping
from typing import Any

from functions.feedback.config import Config
from functions.feedback.service import OPEN_S, Closed, Contradicted, Label, Service
from functions.shared.environment import read_environment
from functions.shared.http.application import Application, Reply
from functions.shared.http.request import Request
from functions.shared.http.request_log import RequestLog
from functions.shared.http.response import Conflict, NotFound
from functions.shared.object_store import Store, s3_client
from recipes.errors import Malformed
from recipes.recipe import load

MAX_BODY_BYTES = 100_000


class Handler(Application):
    """Answers events with one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        super().__init__({"/predictions/{id}/feedback": {"POST": self._give}})

    def _give(self, request: Request, remaining_s: float, log: RequestLog) -> Reply:  # noqa: ARG002 - every route's signature
        try:
            prediction = self._service.prediction(request.parameters["id"])
            log.add(variant=prediction.variant, model=prediction.version)
            right, wrong = self._service.give(prediction, told(request.body(MAX_BODY_BYTES)))
        except Closed as error:
            advice = f'Send the "id" of an answer of POST /predictions, within {OPEN_S // 86_400} days.'
            raise NotFound("there is no prediction of this id that takes feedback", advice=advice) from error
        except Contradicted as error:
            raise Conflict(str(error), advice="The first label stays; the others of this request are kept.") from error
        log.add(right=right, wrong=wrong)
        return Reply({"right": right, "wrong": wrong, "request_id": request.id})


def told(body: bytes) -> list[Label | None]:
    """Return the labels that a body tells; what they are is for the service to judge."""
    try:
        document: Any = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the body is not JSON: {error}") from error
    match document:
        case {"labels": list(labels), **others} if not others:
            return labels
        case {"label": label, **others} if not others and label is not None:
            return [label]
    raise Malformed('the body tells no label; expected {"label": 7}, or {"labels": [7, null]} with one for each instance')


def build(environment: Mapping[str, str]) -> Handler:
    """Return the handler of a deployment: the client and the recipe are made once, while the function starts."""
    config = read_environment(Config, environment)
    return Handler(Service(Store(s3_client(), config.results_bucket), load(config.recipe)))
