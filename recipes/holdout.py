"""The hold-out: which share of a table's rows a model is measured on, and not fitted on."""

from recipes.errors import InvalidSettings


def parse_test_share(text: str) -> float:
    """Return the share that a text says; raise InvalidSettings if it says none."""
    try:
        share = float(text)
    except ValueError as error:
        raise InvalidSettings(f"the test share is {text!r}; expected a number more than 0 and less than 1", advice="e.g. 0.3") from error
    require_test_share(share)
    return share


def require_test_share(share: float) -> None:
    """Raise InvalidSettings if a share leaves no rows to measure on, or none beside them."""
    if not 0 < share < 1:  # NaN is refused too
        raise InvalidSettings(f"the test share is {share:g}; expected more than 0 and less than 1", advice="e.g. 0.3")
