"""The rollout function's environment."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from recipes.errors import InvalidSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a deployment tells the function.

    Args:    model_group: the model package group whose newest approved package serves.
             stack_name: the stack of the endpoint.
             stack_role_arn: what CloudFormation acts as while it updates that stack.
             queue_url: for bringing back early what is not finished.
             poll_s: seconds between two looks at a rollout under way.
    """

    model_group: str
    stack_name: str
    stack_role_arn: str
    queue_url: str
    poll_s: int

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Config":
        """Return the configuration in the environment.

        Raises:  InvalidSettings: a variable is missing, or POLL_S is no whole number above 0.
        """
        given = {field.name: environment.get(field.name.upper(), "") for field in fields(cls)}
        if missing := [name.upper() for name, value in given.items() if not value]:
            raise InvalidSettings(f"the environment has no {', '.join(missing)}", advice="Set it where the function is defined.")
        poll_s = given.pop("poll_s")
        if not poll_s.isdecimal() or int(poll_s) == 0:
            raise InvalidSettings(f"POLL_S is {poll_s[:20]!r}; expected a whole number above 0")
        return cls(**given, poll_s=int(poll_s))

    def to_env(self) -> dict[str, str]:
        """Return the environment that `from_env` reads."""
        return {name.upper(): str(value) for name, value in asdict(self).items()}
