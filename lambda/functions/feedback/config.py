"""The feedback function's environment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Config:
    """What a deployment tells the function.

    Args:    recipe: the folder in recipes/ whose labels there are.
             results_bucket: where feedback is kept.
    """

    recipe: str
    results_bucket: str
