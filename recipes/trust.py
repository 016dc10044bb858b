"""How far an answer can be trusted: the name of the graph's output, and the words for it."""

from collections.abc import Mapping
from typing import Any

TRUST = "trust"
CERTAIN, UNSURE, NO_DIGIT = "certain", "unsure", "not a digit"
VERDICTS = (CERTAIN, UNSURE, NO_DIGIT)


def read_trust(prediction: Mapping[str, Any]) -> float:
    """Return how far a prediction can be trusted, from 0 to 1; 1 where a model gives no trust."""
    value = prediction.get(TRUST, prediction.get("probability"))
    return min(1.0, max(0.0, float(value))) if isinstance(value, (int, float)) else 1.0
