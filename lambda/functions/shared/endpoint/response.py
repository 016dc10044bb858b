"""The container's JSON, read without trusting it: an endpoint may run anybody's model and container."""

import json
from math import isfinite
from typing import Any, NoReturn

from recipes.errors import EndpointFailed

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
IN_THE_LOGS = "The operator can see why in the logs."
# What the API's contract says of a prediction. A field of another name could take the place of one of ours, as a line's `row` or `error`.
FIELDS = {"label", "probability", "probabilities", "trust", "verdict", "value"}
LONGEST_TEXT = 1_000


def parse_predictions(body: bytes, count: int) -> tuple[list[dict[str, Any] | None], dict[str, Any]]:
    """Return one prediction for each instance, and the model that made them.

    A prediction has FIELDS and no others. It is None where the model's probabilities are no finite numbers, which JSON has null for: so a
    model answers to numbers that are too large for it. A value may be null by the contract.

    Args:    count: of the instances.
    Raises:  EndpointFailed: the body holds something else.
    """
    document = _decode_object(body, _DECODER)  # each number is looked at below, in less time than while it is read
    predictions, model = document.get("predictions"), document.get("model")
    if not isinstance(predictions, list) or not isinstance(model, dict) or [type(each) for each in predictions] != [dict] * count:
        raise EndpointFailed("the endpoint's response does not hold one prediction for each instance", advice=IN_THE_LOGS)
    try:
        return [_read_prediction(each) for each in predictions], {
            name: _read_text(model[name]) for name in ("name", "version") if name in model
        }
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise EndpointFailed("the endpoint's response holds what is neither a class nor a value", advice=IN_THE_LOGS) from error


def _read_prediction(said: dict[str, Any]) -> dict[str, Any] | None:
    """Return a class or a value; raise KeyError, TypeError, ValueError or OverflowError if it is neither."""
    if "value" in said:
        value = said["value"]
        numbers = 0 if value is None else value
    else:
        _read_text(said["label"])
        _read_text(said.get("verdict", ""))
        probability, trust, probabilities = said.get("probability", 0), said.get("trust", 0), said.get("probabilities", ())
        if isinstance(probabilities, dict):
            raise TypeError("the probabilities are an object, expected a list")
        if probability is None or trust is None or None in probabilities:
            return None
        numbers = probability + trust + sum(probabilities)
    if not isfinite(numbers):
        raise ValueError(f"{numbers} is not finite")
    return said if said.keys() <= FIELDS else {name: value for name, value in said.items() if name in FIELDS}


def _read_text(value: Any) -> Any:
    """Return a label or another short text, which may be a whole number; raise ValueError if it is neither."""
    if (type(value) is not str and type(value) is not int) or len(str(value)) > LONGEST_TEXT:
        raise ValueError(f"{str(value)[:60]!r} is no label")
    return value


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in the body; raise EndpointFailed if it holds something else, or a number that no double holds."""
    return _decode_object(body, _STRICT_DECODER)


def _decode_object(body: bytes, decoder: json.JSONDecoder) -> dict[str, Any]:
    try:
        document = decoder.decode(body.removeprefix(BYTE_ORDER_MARK).decode())
    except (ValueError, RecursionError) as error:
        raise EndpointFailed("the endpoint's response is not JSON", advice=IN_THE_LOGS) from error
    if not isinstance(document, dict):
        raise EndpointFailed("the endpoint's response is not a JSON object", advice=IN_THE_LOGS)
    return document


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and writes and no other JSON parser does."""
    raise ValueError(f"{name} is not JSON")


def _read_finite(text: str) -> float:
    """Refuse 1e999, which Python reads as infinity and then writes as Infinity."""
    number = float(text)
    return number if isfinite(number) else _refuse_constant(text)


# Made once, as json.loads makes one for each text.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
_STRICT_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_read_finite)
