"""The feedback function's environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from recipes.errors import InvalidSettings


@dataclass(frozen=True, slots=True)
class Config:
    """What a deployment tells the function.

    Args:    recipe: the folder in recipes/ whose labels there are.
             results_bucket: where feedback is kept.
    """

    recipe: str
    results_bucket: str

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Config":
        """Return the configuration in the environment.

        Raises:  InvalidSettings: a variable is missing.
        """
        if missing := [name for name in ("RECIPE", "RESULTS_BUCKET") if not environment.get(name)]:
            raise InvalidSettings(f"the environment has no {' and no '.join(missing)}", advice="Set it where the function is defined.")
        return cls(environment["RECIPE"], environment["RESULTS_BUCKET"])

    def to_env(self) -> dict[str, str]:
        """Return the environment that `from_env` reads."""
        return {"RECIPE": self.recipe, "RESULTS_BUCKET": self.results_bucket}
