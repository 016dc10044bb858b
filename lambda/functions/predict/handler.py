"""The HTTP side of the predict function: invocation in, reply out."""

import json
from collections.abc import Callable, Mapping
from functools import cache, partial

from functions.predict.answering.answer import tell_likeness
from functions.predict.config import MAX_BODY_BYTES, Config
from functions.predict.reading.body import Body
from functions.predict.routes import HEALTH, MODEL, MODEL_OF, MODELS, PREDICT, PREDICT_OF, ROUTES, SEVERAL, V2
from functions.predict.service import Service
from functions.shared.endpoint.client import API_WAIT_S, open_endpoint
from functions.shared.environment import read_environment
from functions.shared.http.application import Application
from functions.shared.http.invocation import Invocation, Reply
from functions.shared.http.response import NotFound, Response
from functions.shared.http.routes import Route
from recipes.errors import InferstackError, InvalidInput
from recipes.media_types import JSON
from recipes.recipe import Recipe, load


class Handler(Application):
    """Handles the routes with a service for each recipe.

    Args:    service: the use cases of the default recipe.
             others: what returns those of another, by the recipe's name.
    """

    def __init__(self, service: Service, others: Mapping[str, Callable[[], Service]] | None = None) -> None:
        self._service, self._others = service, others or {}
        own = {PREDICT: self._predict, MODEL: self._describe_model, HEALTH: self._check_health}
        several = {MODELS: self._list_models, MODEL_OF: self._describe_model, PREDICT_OF: self._predict}
        v2 = {route: partial(self._answer_open_inference, route) for route in V2}
        super().__init__((*ROUTES, *SEVERAL), {**own, **several, **v2})

    def find_service(self, recipe: str) -> Service:
        """Return the use cases of a recipe; raise NotFound if the deployment does not have it."""
        if recipe == self._service.recipe.name:
            return self._service
        if recipe not in self._others:
            known = " or ".join(map(repr, (self._service.recipe.name, *self._others)))
            raise NotFound(f"there is no model {recipe[:80]!r}; expected {known}", advice="GET /models lists them." if self._others else "")
        return self._others[recipe]()

    def _find_service(self, invocation: Invocation) -> Service:
        recipe = invocation.request.parameters.get("recipe")
        if recipe is None:
            return self._service
        invocation.log.add(recipe=recipe[:40])
        return self.find_service(recipe)

    def _list_models(self, invocation: Invocation) -> Reply:
        from functions.predict.models import describe_recipe  # noqa: PLC0415 - most starts never need it

        names = (self._service.recipe.name, *self._others)
        models = [describe_recipe(load(name), is_default=name == names[0]) for name in names]
        return Reply({"models": models, "request_id": invocation.request.id})

    def _predict(self, invocation: Invocation) -> Reply:
        request = invocation.request
        service = self._find_service(invocation)
        content = request.body(MAX_BODY_BYTES)
        invocation.log.add(content_type=request.content_type[:40], bytes_in=len(content))
        headers = request.headers
        shown = read_shown(request.query.get("include"), service.recipe)
        is_csv = read_accept(headers.get("accept", ""), shown)
        response = service.predict(
            Body(content, headers.get("content-type", ""), headers.get("content-encoding", "")),
            remaining_s=invocation.remaining_s,
            variant=request.query.get("variant"),
            shown=shown,
            every_digit=read_digits(request.query.get("digits")),
            request_id=request.id,
            owner=request.owner,
        )
        model = response["model"]
        count = len(response["predictions"])
        invocation.log.add(instances=count, model=model.get("version"), variant=model["variant"], **tell_likeness(response))
        if is_csv:
            from functions.predict.answering.csv_answer import build_csv  # noqa: PLC0415 - most starts never need it

            return build_csv(response, service.recipe)
        return Reply({**response, "request_id": request.id})

    def _describe_model(self, invocation: Invocation) -> Reply:
        variant = invocation.request.query.get("variant")
        return Reply(self._find_service(invocation).describe_model(remaining_s=invocation.remaining_s, variant=variant))

    def _answer_open_inference(self, route: Route, invocation: Invocation) -> Reply:
        from functions.predict.open_inference import answer  # noqa: PLC0415 - most starts never need it

        name = invocation.request.parameters.get("name")
        return answer(route, invocation, self._service if name is None else self.find_service(name))

    def describe_error(self, error: InferstackError, path: str, request_id: str) -> Response:
        """Return an error as a response: as a problem, or in the words of the Open Inference Protocol on its paths."""
        response = super().describe_error(error, path, request_id)
        if not path.startswith("/v2"):
            return response
        said = {"error": f"{error.detail}. {error.advice}" if error.advice else error.detail}
        return {**response, "headers": {**response["headers"], "content-type": JSON}, "body": json.dumps(said)}

    def _check_health(self, _: Invocation) -> Reply:
        return Reply(self._service.check_health())


def read_shown(value: str | None, recipe: Recipe) -> str:
    """Return how `include` asks for what the model saw: as pixels or as a picture, `seen`; "" if it does not.

    Raises:  InvalidInput: it says anything else, or the recipe takes no pictures.
    """
    if value is None:
        return ""
    if value not in {"pixels", "seen"}:
        raise InvalidInput(f"include is {value[:40]!r}; expected pixels or seen", advice="Leave it out to have the predictions alone.")
    if not recipe.takes_pictures:
        raise InvalidInput(
            f"include is {value}, and this model takes no pictures", advice="Leave it out: it sees the numbers that are sent."
        )
    return value


def read_accept(accept: str, shown: str) -> bool:
    """Return whether the header asks for CSV in place of JSON; raise InvalidInput if `shown` cannot be told in it."""
    if "text/" not in accept.lower():
        return False
    from functions.predict.answering.csv_answer import wants_csv  # noqa: PLC0415 - most starts never need it

    return wants_csv(accept, shown)


def read_digits(value: str | None) -> bool:
    """Return whether `digits` asks for every digit of a picture; raise InvalidInput if it says anything else."""
    if value is not None and value != "all":
        raise InvalidInput(f"digits is {value[:40]!r}; expected all", advice="Leave it out to have a picture answered as a whole.")
    return value is not None


def build(environment: Mapping[str, str]) -> Handler:
    """Return a deployment's handler; the client and the default recipe are created once, while the function starts."""
    config = read_environment(Config, environment)
    endpoints = dict(zip(config.recipes, config.endpoint_names, strict=True))

    def build_service(recipe: str) -> Service:
        endpoint = open_endpoint(endpoints[recipe], config.endpoint_kind, API_WAIT_S)
        return Service(load(recipe), endpoint, id_key=config.id_key, named=recipe if len(endpoints) > 1 else "")

    first, *others = endpoints
    return Handler(build_service(first), {name: cache(partial(build_service, name)) for name in others})
