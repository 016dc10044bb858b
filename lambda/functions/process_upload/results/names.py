"""Names that an endpoint answers, as far as they are counted: a model of ours has few, and another's may have one for each row."""

from collections.abc import Collection

MOST_NAMES = 5_000
OTHERS = "(others)"


def bound_name(name: object, counted: Collection[str]) -> str:
    """Return a name as it is counted: a new one beside MOST_NAMES others is one of OTHERS."""
    text = str(name)
    return text if text in counted or len(counted) < MOST_NAMES else OTHERS
