"""The HTTP side of the feedback function: invocation in, reply out."""

from collections.abc import Mapping

from functions.feedback.allowance import Allowance, Exhausted
from functions.feedback.config import Config
from functions.feedback.routes import GIVE_FEEDBACK, ROUTES
from functions.feedback.service import OPEN_S, Closed, Contradicted, Label, Service
from functions.shared.aws.s3 import API_WAIT_S, open_s3
from functions.shared.environment import read_environment
from functions.shared.http.application import Application
from functions.shared.http.invocation import Invocation, Reply
from functions.shared.http.response import Conflict, NotFound, TooManyRequests
from functions.shared.json_body import parse_json
from functions.shared.object_store import Store
from recipes.errors import Malformed
from recipes.recipe import load

MAX_BODY_BYTES = 100_000


class Handler(Application):
    """Handles the route with one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        super().__init__(ROUTES, {GIVE_FEEDBACK: self._give_feedback})

    def _give_feedback(self, invocation: Invocation) -> Reply:
        request, log = invocation.request, invocation.log
        try:
            prediction = self._service.read_prediction(request.parameters["id"], request.owner)
            log.add(variant=prediction.variant, model=prediction.version)
            right, wrong = self._service.keep_labels(prediction, parse_labels(request.body(MAX_BODY_BYTES)), request.owner)
        except Closed as error:
            advice = f'Send the "id" of an answer of POST /predictions that you got yourself, within {OPEN_S // 86_400} days.'
            raise NotFound("there is no prediction of this id that takes feedback", advice=advice) from error
        except Contradicted as error:
            raise Conflict(str(error), advice="The first label stays; the others of this request are kept.") from error
        except Exhausted as error:
            raise TooManyRequests(str(error), retry_after_s=error.retry_in_s) from error
        log.add(right=right, wrong=wrong)
        return Reply({"right": right, "wrong": wrong, "request_id": request.id})


def parse_labels(body: bytes) -> list[Label | None]:
    """Return the labels in a body; whether they are the recipe's is for the service to judge.

    Raises:  Malformed: neither {"label": …} nor {"labels": […]}.
    """
    match parse_json(body):
        case {"labels": list(labels), **others} if not others:
            return labels
        case {"label": label, **others} if not others and label is not None:
            return [label]
    raise Malformed('the body has no label; expected {"label": 7}, or {"labels": [7, null]} with one for each instance')


def build(environment: Mapping[str, str]) -> Handler:
    """Return a deployment's handler; the client and the recipe are created once, while the function starts."""
    config = read_environment(Config, environment)
    results = Store(open_s3(environment, config.results_bucket, wait_s=API_WAIT_S), config.results_bucket)
    first, *others = config.recipes
    allowance = Allowance(results, config.labels_per_hour)
    return Handler(Service(results, load(first), config.id_keys, allowance, others=others))
