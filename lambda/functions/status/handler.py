"""The HTTP side of the status function: invocation in, reply out."""

import time
from collections.abc import Callable

from functions.shared.http.application import Application
from functions.shared.http.invocation import Invocation, Reply
from functions.shared.object_store import format_time
from functions.status.access import require_operator
from functions.status.config import Config
from functions.status.routes import ROUTES, STATUS
from functions.status.service import Service


class Handler(Application):
    """Handles the route with one service.

    Args:    config: the deployment, and who may ask.
             service: reads the parts.
             now: replaced in tests.
    """

    def __init__(self, config: Config, service: Service, *, now: Callable[[], float] = time.time) -> None:
        self._config, self._service, self._now = config, service, now
        super().__init__(ROUTES, {STATUS: self._describe})

    def _describe(self, invocation: Invocation) -> Reply:
        require_operator(self._config.auth, invocation.request.groups)
        status = self._service.read()
        invocation.log.add(unread=[each["part"] for each in status["unread"]])
        known = {"stage": self._config.stage, "recipe": self._config.recipe, "at": format_time(self._now())}
        return Reply({**known, **status, "request_id": invocation.request.id})
