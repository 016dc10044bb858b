"""Conditions of statements: what the request of an allowed action must look like. Each key is one that the action's service documents."""

from collections.abc import Mapping, Sequence
from typing import Any

Conditions = dict[str, Any]
# A write that makes an object appear, and replaces none: S3 refuses the condition where there is one.
UNLESS_IT_IS_THERE: Conditions = {"Null": {"s3:if-none-match": "false"}}
# A write that replaces what was read, and nothing newer.
UNLESS_IT_CHANGED: Conditions = {"Null": {"s3:if-match": "false"}}
# A write of a part, which makes no object appear.
AS_A_PART: Conditions = {"Bool": {"s3:ObjectCreationOperation": "false"}}


def under(*prefixes: str) -> Conditions:
    """Return the condition that a listing is of one of the prefixes, like `jobs/*`."""
    return {"StringLike": {"s3:prefix": list(prefixes)}}


def only(values: Mapping[str, Sequence[str]]) -> Conditions:
    """Return the conditions that a request names keys that may have several values, and none but the given."""
    return {
        "ForAllValues:StringEquals": {key: list(allowed) for key, allowed in values.items()},
        "Null": dict.fromkeys(values, "false"),  # without a value all of none would be equal
    }
