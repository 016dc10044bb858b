"""The predict function's use cases: instances in, the endpoint's predictions out. They know neither HTTP nor AWS."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Generic, NamedTuple, TypeVar

from functions.predict.answering.answer import describe_instances, list_notes
from functions.predict.reading.body import Body, read_body
from functions.predict.reading_time import ReadingTime
from functions.shared.doubts import LEAST, list_doubt_notes
from functions.shared.endpoint.interface import EndpointClient, EndpointResponse
from functions.shared.endpoint.response import parse_predictions
from functions.shared.predictions import Prediction
from functions.shared.reading.batch import Batch
from functions.shared.reading.notes import Note
from recipes import npy
from recipes.errors import EndpointError, EndpointStarting, OutOfRange, TooLarge, WrongShape
from recipes.media_types import JSON, NPY
from recipes.recipe import Recipe
from recipes.trust import VERDICTS

REMEMBERED_S = 10.0  # so that GET /model and GET /health cannot be used to bill the owner
STARTING_S = 60.0  # so long it is not invoked for its health while it starts: each call would start another container
HEALTH_S = 7.0  # who watches health wants to know soon
SECOND_LOOK_S = 4.0  # the endpoint has just answered
LONG_AGO_S = float("-inf")
READING_SHARE = 0.5  # of the time that is left: the endpoint needs the rest


Predictions = list[dict[str, Any]]
Model = dict[str, Any]  # that made the predictions, with its variant
Answer = tuple[Batch, Predictions, Model, dict[str, Any]]  # the last: what else a response says
Value = TypeVar("Value")


class Remembered(NamedTuple, Generic[Value]):
    """A value and when it was learned, on the service's clock."""

    value: Value
    at_s: float = LONG_AGO_S


NO_FAILURE = Remembered(EndpointError(""))


class Service:
    """The use cases of the API.

    Args:    recipe: what an instance is.
             endpoint: what predicts.
             id_key: what ids of predictions are signed with.
             named: the recipe's name, which ids say where the deployment has several.
             clock, now: replaced in tests.
    """

    def __init__(
        self,
        recipe: Recipe,
        endpoint: EndpointClient,
        *,
        id_key: str,
        named: str = "",
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._recipe, self._endpoint, self._id_key, self._named, self._clock, self._now = recipe, endpoint, id_key, named, clock, now
        self._max_instances = recipe.max_instances  # worked out once: that takes a quarter of a small request's time
        self._reading_time = ReadingTime(clock)
        self._timed_recipe = self._reading_time.limit(recipe)  # made once: it costs a tenth of a small request
        self._models: dict[str | None, Remembered[dict[str, Any]]] = {}  # by the variant that was asked for
        self._features: dict[Any, list[dict[str, Any]]] = {}  # of the manifest, by the model's version
        self._failure = NO_FAILURE
        self._responded_at_s = LONG_AGO_S

    @property
    def recipe(self) -> Recipe:
        """What an instance is."""
        return self._recipe

    def predict(
        self,
        body: Body,
        *,
        remaining_s: float,
        variant: str | None,
        shown: str,
        every_digit: bool,
        request_id: str,
        owner: str,
    ) -> dict[str, Any]:
        """Return predictions for the instances in a request's body, the model that made them, and an id that feedback is given to.

        Args:    remaining_s: seconds until the function ends.
                 variant: the production variant to ask; None for any.
                 shown: how each prediction shows what the model saw, pixels or seen; "" for not at all.
                 every_digit: whether every digit of a picture is asked for, with where it stands.
                 owner: who asks, and alone may say whether the answer was right.
        Raises:  InvalidInput, EndpointError: of the kind that fits.
        """
        ends_s = self._clock() + remaining_s
        self._reading_time.start(READING_SHARE * remaining_s)
        predict = self._predict_every_digit if every_digit else self._predict_each
        batch, predictions, model, facts = predict(body, ends_s, variant)
        notes = [*list_notes(batch, self._recipe), *self._list_range_notes(model.get("version"), batch.instances, ends_s)]
        if not every_digit and len(predictions) >= LEAST:
            notes += list_doubt_notes(Counter(each.get("verdict", "") for each in predictions), self._recipe)
        prediction = Prediction.from_response(request_id, model, predictions, self._recipe.labels, self._now(), recipe=self._named)
        described = describe_instances(predictions, batch, self._recipe)
        if shown:
            from functions.predict.answering.seen import show_instances  # noqa: PLC0415 - most calls do not ask for it

            described = show_instances(described, batch.instances, self._recipe, shown)
        return {
            "predictions": described,
            "model": model,
            "id": prediction.to_id(owner, self._id_key),
            **facts,
            **({"notes": [note.to_json() for note in notes]} if notes else {}),
        }

    def _predict_each(self, body: Body, ends_s: float, variant: str | None) -> Answer:
        """Predict each instance; pictures that the model doubts are looked at again."""
        batch = read_body(body, self._timed_recipe)
        predictions, model = self._ask(batch.instances, remaining_s=ends_s - self._clock(), variant=variant)
        if self._reading_time.has_begun and any(each.get("verdict", VERDICTS[0]) != VERDICTS[0] for each in predictions):
            batch, predictions = self._look_again(body, batch, predictions, ends_s, variant)
        return batch, predictions, model, {}

    def _predict_every_digit(self, body: Body, ends_s: float, variant: str | None) -> Answer:
        """Predict each digit of each picture."""
        from functions.predict.answering.pages import read_pages  # noqa: PLC0415 - most starts never need it

        pages = read_pages(body, self._timed_recipe)
        predictions, model = self._ask(b"".join(pages.list_instances()), remaining_s=ends_s - self._clock(), variant=variant)
        chosen = pages.choose(predictions)
        return chosen.digits, chosen.predictions, model, {"pictures": chosen.pictures}

    def _ask(self, instances: bytes, *, remaining_s: float, variant: str | None) -> tuple[Predictions, Model]:
        """Return the predictions for instances, one after another, and the model that made them."""
        count = self._count(instances, self._recipe.instance_bytes)
        array = npy.write(instances, (count, *self._recipe.instance_shape), self._recipe.dtype)
        response = self._invoke(array, content_type=NPY, accept=JSON, remaining_s=remaining_s, variant=variant)
        predictions, model = parse_predictions(response.body, count)
        self._remember_response()
        return [_require_answer(number, each) for number, each in enumerate(predictions, 1)], {**model, "variant": response.variant}

    def _look_again(
        self, body: Body, batch: Batch, predictions: Predictions, ends_s: float, variant: str | None
    ) -> tuple[Batch, Predictions]:
        """Return the batch and its predictions after a second look at those of its pictures that the model doubts."""
        if self._recipe.find_instances is None:
            return batch, predictions
        from functions.predict.answering.second_look import look_again  # noqa: PLC0415 - most starts never need it

        def predict(instances: Sequence[bytes]) -> Predictions:
            return self._ask(b"".join(instances), remaining_s=min(SECOND_LOOK_S, ends_s - self._clock()), variant=variant)[0]

        return look_again(body, batch, self._timed_recipe, predictions, predict)

    def _list_range_notes(self, version: Any, instances: bytes, ends_s: float) -> list[Note]:
        """Return the notes on numbers unlike those the model was trained on; none while this version's manifest has not been read."""
        if self._recipe.takes_pictures or self._recipe.dtype != "float32":
            return []
        from functions.shared.reading.ranges import list_range_notes  # noqa: PLC0415 - models of pictures never need it

        if version not in self._features:
            with suppress(EndpointError):  # the answer is there, and does not wait for what is said of it
                manifest = self.describe_model(remaining_s=min(HEALTH_S, ends_s - self._clock()))
                self._features = {manifest.get("version"): manifest.get("input", {}).get("features", [])}
        return list_range_notes(self._features.get(version, []), instances)

    def _count(self, instances: bytes, size: int) -> int:
        """Return how many instances there are; raise if there are none, or more than a request may hold."""
        count = len(instances) // size
        if not count:
            raise WrongShape("the request is empty, or holds no instance; expected at least one", advice="Send what is to be predicted.")
        if count > self._max_instances:
            raise TooLarge(
                f"the request holds {count:,} instances; the limit is {self._max_instances:,}",
                advice="Split it up, or make a job of it: POST /jobs.",
            )
        return count

    def describe_model(self, *, remaining_s: float, variant: str | None = None) -> dict[str, Any]:
        """Return the manifest of the running model, and the variant that sent it; at most a few seconds old.

        Args:    variant: the production variant to ask; None for any.
        Raises:  EndpointError: the endpoint does not respond, or with something else. InvalidInput: it has no such variant.
        """
        model = self._models.get(variant)
        if model is None or not self._is_recent(model.at_s):
            from functions.shared.endpoint.manifest import ask_manifest  # noqa: PLC0415 - a prediction of a picture never needs it

            manifest = ask_manifest(self._invoke, self._recipe, remaining_s=remaining_s, variant=variant)
            self._remember_response()
            self._models[variant] = model = Remembered(manifest, self._responded_at_s)
        return model.value

    def check_health(self) -> dict[str, Any]:
        """Return that all is well, if the endpoint responded lately or responds when asked once.

        Raises:  EndpointStarting, EndpointError: it does not; remembered for a while. Anyone may ask, so it says no more; its cause is
                 for the log.
        """
        if self._is_recent(self._responded_at_s):
            return {"status": "ok"}
        failure_s = STARTING_S if isinstance(self._failure.value, EndpointStarting) else REMEMBERED_S
        if not self._is_recent(self._failure.at_s, failure_s):
            try:
                self.describe_model(remaining_s=HEALTH_S)
            except EndpointError as error:
                self._failure = Remembered(error, self._clock())
            else:
                return {"status": "ok"}
        if isinstance(self._failure.value, EndpointStarting):
            raise EndpointStarting("the endpoint is starting", advice="Ask again in a moment.") from self._failure.value
        raise EndpointError("the endpoint does not answer", advice="Ask again in a moment.") from self._failure.value

    def _invoke(self, body: bytes, *, content_type: str, accept: str, remaining_s: float, variant: str | None = None) -> EndpointResponse:
        """Return the endpoint's response; remember if it is starting."""
        try:
            return self._endpoint.invoke(body, content_type=content_type, accept=accept, remaining_s=remaining_s, variant=variant)
        except EndpointStarting as error:
            self._failure = Remembered(error, self._clock())
            raise

    def _remember_response(self) -> None:
        self._failure, self._responded_at_s = NO_FAILURE, self._clock()

    def _is_recent(self, at_s: float, remembered_s: float = REMEMBERED_S) -> bool:
        return self._clock() - at_s <= remembered_s


def _require_answer(number: int, prediction: dict[str, Any] | None) -> dict[str, Any]:
    """Return the prediction for an instance, counted from 1; raise OutOfRange where the model has no finite answer."""
    if prediction is None:
        detail = f"the model has no finite answer to instance {number}: its numbers are too large for the model"
        raise OutOfRange(detail, advice="Correct them, or leave it out.")
    return prediction
