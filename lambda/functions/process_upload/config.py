"""The process_upload function's environment."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from recipes.errors import InvalidSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a deployment tells the function.

    Args:    endpoint_name: the one endpoint it may invoke.
             recipe: the folder in recipes/ that reads pictures.
             uploads_bucket, results_bucket: where uploads come from and results go.
             upload_queue_url: for putting back early what is to be tried again.
             events_url: the Event API's address for publishing, with its path.
             chunk_bytes: the most a request to the endpoint holds.
             in_flight: requests to the endpoint at once.
             transform_over_bytes: larger uploads go to Batch Transform.
             transform_instance_type: the instances of Batch Transform.
             transform_prefix: what its jobs' names begin with.
    """

    endpoint_name: str
    recipe: str
    uploads_bucket: str
    results_bucket: str
    upload_queue_url: str
    events_url: str
    chunk_bytes: int
    in_flight: int
    transform_over_bytes: int
    transform_instance_type: str
    transform_prefix: str

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Config":
        """Return the configuration in the environment.

        Raises:  InvalidSettings: a variable is missing or no number.
        """
        values: dict[str, str | int] = {}
        for field in fields(cls):
            name = field.name.upper()
            given = environment.get(name, "")
            if not given:
                raise InvalidSettings(f"the environment has no {name}", advice="Set it where the function is defined.")
            if field.type in {int, "int"} and (not given.isdecimal() or int(given) == 0):
                raise InvalidSettings(f"{name} is {given[:20]!r}; expected a whole number above 0")
            values[field.name] = int(given) if field.type in {int, "int"} else given
        return cls(**values)  # type: ignore[arg-type]  # each read by its field's type above

    def to_env(self) -> dict[str, str]:
        """Return the environment that `from_env` reads."""
        return {name.upper(): str(value) for name, value in asdict(self).items()}
