"""The container's JSON, read without trusting it: an endpoint may run a model, or a container, of anybody's."""

import json
from typing import Any, NoReturn

from recipes.errors import EndpointFailed

IN_THE_LOGS = "The operator can see why in the logs."


def predictions(body: bytes, count: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return one prediction an instance, and the model that made them; raise EndpointFailed if that is not what the body holds."""
    found = document(body)
    predictions, model = found.get("predictions"), found.get("model")
    if not isinstance(predictions, list) or not isinstance(model, dict) or [type(each) for each in predictions] != [dict] * count:
        raise EndpointFailed("the endpoint's answer is not one prediction an instance", advice=IN_THE_LOGS)
    return predictions, model


def document(body: bytes) -> dict[str, Any]:
    """Return the JSON object that the body is, or raise EndpointFailed."""
    try:
        found = json.loads(body, parse_constant=_refuse_constant)
    except ValueError as error:
        raise EndpointFailed("the endpoint's answer is not JSON", advice=IN_THE_LOGS) from error
    if not isinstance(found, dict):
        raise EndpointFailed("the endpoint's answer is not a JSON object", advice=IN_THE_LOGS)
    return found


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and writes and no other JSON parser does."""
    raise ValueError(f"{name} is no JSON")
