"""The predict function's environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from recipes.errors import InvalidSettings

MAX_BODY_BYTES, MAX_INSTANCES = 1_000_000, 1_000


@dataclass(frozen=True, slots=True)
class Config:
    """What a deployment tells the function; the limits have defaults that fit the API.

    Args:    endpoint_name: the one endpoint it may invoke.
             recipe: the folder in recipes/ that reads pictures.
             max_body_bytes: of a request.
             max_instances: in a request: what is answered well within the time and the 6 MB of a Lambda answer.
    """

    endpoint_name: str
    recipe: str
    max_body_bytes: int = MAX_BODY_BYTES
    max_instances: int = MAX_INSTANCES

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Config":
        """Return the configuration in the environment.

        Raises:  InvalidSettings: a variable is missing or no number.
        """

        def limit(name: str, default: int) -> int:
            given = environment.get(name, str(default))
            if not given.isdecimal() or int(given) == 0:
                raise InvalidSettings(f"{name} is {given[:20]!r}; expected a whole number above 0")
            return int(given)

        if missing := [name for name in ("ENDPOINT_NAME", "RECIPE") if not environment.get(name)]:
            raise InvalidSettings(f"the environment has no {' and no '.join(missing)}", advice="Set it where the function is defined.")
        return cls(
            endpoint_name=environment["ENDPOINT_NAME"],
            recipe=environment["RECIPE"],
            max_body_bytes=limit("MAX_BODY_BYTES", MAX_BODY_BYTES),
            max_instances=limit("MAX_INSTANCES", MAX_INSTANCES),
        )

    def to_env(self) -> dict[str, str]:
        """Return the environment that `from_env` reads."""
        return {
            "ENDPOINT_NAME": self.endpoint_name,
            "RECIPE": self.recipe,
            "MAX_BODY_BYTES": str(self.max_body_bytes),
            "MAX_INSTANCES": str(self.max_instances),
        }
