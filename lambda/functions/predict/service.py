"""What the function is for: instances in, the endpoint's answer out. It knows neither HTTP nor AWS."""

import time
from collections.abc import Callable
from typing import Any

from functions.predict.codecs import decode
from functions.predict.config import Config
from functions.shared.endpoint.interface import JSON, MANIFEST, NPY, EndpointClient
from functions.shared.endpoint.response import parse_object, parse_predictions
from functions.shared.predictions import made
from recipes import npy
from recipes.errors import EndpointError, TooLarge, WrongShape
from recipes.recipe import Recipe

REMEMBERED_S = 10.0  # so that GET /model and GET /health cannot be used to bill the owner


class Service:
    """The use cases of the API.

    Args:    config: the limits.
             recipe: what an instance is.
             endpoint: what answers.
             clock, now: replaced in tests.
    """

    def __init__(
        self,
        config: Config,
        recipe: Recipe,
        endpoint: EndpointClient,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._config, self._recipe, self._endpoint, self._clock, self._now = config, recipe, endpoint, clock, now
        self._manifest: dict[str, Any] = {}
        self._known_at = float("-inf")
        self._failed_at, self._failure = float("-inf"), EndpointError("")

    def predict(
        self, body: bytes, content_type: str, *, remaining_s: float, variant: str | None, with_pixels: bool, request_id: str
    ) -> dict[str, Any]:
        """Return predictions for the instances in a request's body, the model that made them, and an id for saying what was right.

        Raises:  InvalidInput, EndpointError: of the kind that fits.
        """
        instances = decode(body, content_type, self._recipe)
        size = self._recipe.instance_bytes
        count = len(instances) // size
        if not count:
            raise WrongShape("the request holds no instance; expected at least one")
        if count > self._config.max_instances:
            raise TooLarge(f"the request holds {count:,} instances; the limit is {self._config.max_instances:,}", advice="Split it up.")
        sent = npy.write(instances, (count, *self._recipe.instance_shape), self._recipe.dtype)
        answer = self._endpoint.invoke(sent, content_type=NPY, accept=JSON, remaining_s=remaining_s, variant=variant)
        found, model = parse_predictions(answer.body, count)
        if with_pixels and self._recipe.takes_pictures:
            for index, prediction in enumerate(found):
                prediction["pixels"] = list(instances[index * size : (index + 1) * size])
        self._known_at = self._clock()
        answered = {**model, "variant": answer.variant}
        id_ = made(request_id, answered, found, self._recipe.labels, self._now()).id
        return {"predictions": found, "model": answered, "id": id_}

    def model(self, *, remaining_s: float) -> dict[str, Any]:
        """Return the manifest of the model that is running, and the variant that told; at most a few seconds old."""
        if not self._manifest or self._clock() - self._manifest["_at"] > REMEMBERED_S:
            # The answer is the manifest whatever is sent; no instances is something every runtime takes.
            nothing = npy.write(b"", (0, *self._recipe.instance_shape), self._recipe.dtype)
            answer = self._endpoint.invoke(nothing, content_type=NPY, accept=MANIFEST, remaining_s=remaining_s)
            manifest = parse_object(answer.body)
            self._known_at = self._clock()
            self._manifest = {**manifest, "variant": answer.variant, "_at": self._known_at}
        return {name: value for name, value in self._manifest.items() if name != "_at"}

    def health(self) -> dict[str, Any]:
        """Return that all is well, if the endpoint answered lately or answers when asked once.

        Raises:  EndpointError: it does not; remembered for a while. Anyone may ask, so it says no more; its cause is for the log.
        """
        if self._clock() - self._known_at > REMEMBERED_S:
            if self._clock() - self._failed_at > REMEMBERED_S:
                try:
                    self.model(remaining_s=0)  # no time to ask again: who watches health wants to know now
                except EndpointError as error:
                    self._failed_at, self._failure = self._clock(), error
            if self._clock() - self._known_at > REMEMBERED_S:
                raise EndpointError("the endpoint does not answer", advice="Ask again in a moment.") from self._failure
        return {"status": "ok"}
