"""The container's JSON, read without trusting it: an endpoint may run anybody's model and container."""

import json
from typing import Any, NoReturn

from recipes.errors import EndpointFailed

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
IN_THE_LOGS = "The operator can see why in the logs."


def parse_predictions(body: bytes, count: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return one prediction for each instance, and the model that made them.

    Args:    count: of the instances.
    Raises:  EndpointFailed: the body holds something else.
    """
    document = parse_object(body)
    predictions, model = document.get("predictions"), document.get("model")
    if not isinstance(predictions, list) or not isinstance(model, dict) or [type(each) for each in predictions] != [dict] * count:
        raise EndpointFailed("the endpoint's response does not hold one prediction for each instance", advice=IN_THE_LOGS)
    return predictions, model


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in the body; raise EndpointFailed if it holds something else."""
    try:
        document = _DECODER.decode(body.removeprefix(BYTE_ORDER_MARK).decode())
    except (ValueError, RecursionError) as error:
        raise EndpointFailed("the endpoint's response is not JSON", advice=IN_THE_LOGS) from error
    if not isinstance(document, dict):
        raise EndpointFailed("the endpoint's response is not a JSON object", advice=IN_THE_LOGS)
    return document


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and writes and no other JSON parser does."""
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)  # made once, as json.loads makes one for each text
