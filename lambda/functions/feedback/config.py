"""The feedback function's environment."""

from typing import NamedTuple


class Config(NamedTuple):
    """What a deployment tells the function.

    Args:    recipes: the folders in recipes/ whose labels there are, the default first.
             results_bucket: where feedback is kept.
             id_keys: what ids of predictions may be signed with: the stage's key, and the one before it.
             labels_per_hour: the most that one caller may give.
    """

    recipes: tuple[str, ...]
    results_bucket: str
    id_keys: tuple[str, ...]
    labels_per_hour: int

    def __repr__(self) -> str:
        """Return it without the keys."""
        return f"Config(recipes={self.recipes!r}, results_bucket={self.results_bucket!r}, labels_per_hour={self.labels_per_hour})"
