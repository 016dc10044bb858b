"""The comparisons of condition steps."""

from collections.abc import Callable, Mapping
from typing import Any

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "GreaterThanOrEqualTo": lambda left, right: left >= right,
    "GreaterThan": lambda left, right: left > right,
    "LessThanOrEqualTo": lambda left, right: left <= right,
    "LessThan": lambda left, right: left < right,
    "Equals": lambda left, right: left == right,
}


def is_met(conditions: list[dict[str, Any]]) -> bool:
    """Return whether all conditions hold; their values are resolved."""
    return all(COMPARISONS[each["Type"]](each["LeftValue"], each["RightValue"]) for each in conditions)
