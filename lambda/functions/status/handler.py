"""The HTTP side of the status function: invocation in, reply out."""

import time
from collections.abc import Callable, Mapping

from functions.shared.http.application import Application
from functions.shared.http.invocation import Invocation, Reply
from functions.shared.object_store import format_time
from functions.status.access import require_operator
from functions.status.config import Config
from functions.status.routes import ROUTES, STATUS
from functions.status.service import Service
from recipes.errors import InvalidInput


class Handler(Application):
    """Handles the route with a service for each recipe.

    Args:    config: the deployment, and who may ask.
             services: what reads the parts, by recipe; the default first.
             now: replaced in tests.
    """

    def __init__(self, config: Config, services: Mapping[str, Service], *, now: Callable[[], float] = time.time) -> None:
        self._config, self._services, self._now = config, services, now
        super().__init__(ROUTES, {STATUS: self._describe})

    def _describe(self, invocation: Invocation) -> Reply:
        require_operator(self._config.auth, invocation.request.groups)
        recipe = invocation.request.query.get("recipe", next(iter(self._services)))
        if recipe not in self._services:
            raise InvalidInput(f"recipe is {recipe[:40]!r}; expected {' or '.join(self._services)}")
        status = self._services[recipe].read()
        invocation.log.add(unread=[each["part"] for each in status["unread"]])
        known = {"stage": self._config.stage, "recipe": recipe, "at": format_time(self._now())}
        return Reply({**known, **status, "request_id": invocation.request.id})
