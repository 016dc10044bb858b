"""The jobs function's environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from recipes.errors import InvalidSettings


@dataclass(frozen=True, slots=True)
class Config:
    """What a deployment tells the function.

    Args:    uploads_bucket, results_bucket: where uploads go and results come from.
             max_upload_bytes: of one upload.
    """

    uploads_bucket: str
    results_bucket: str
    max_upload_bytes: int

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Config":
        """Return the configuration in the environment.

        Raises:  InvalidSettings: a variable is missing or no number.
        """
        names = ("UPLOADS_BUCKET", "RESULTS_BUCKET", "MAX_UPLOAD_BYTES")
        if missing := [name for name in names if not environment.get(name)]:
            raise InvalidSettings(f"the environment has no {' and no '.join(missing)}", advice="Set it where the function is defined.")
        given = environment["MAX_UPLOAD_BYTES"]
        if not given.isdecimal() or int(given) == 0:
            raise InvalidSettings(f"MAX_UPLOAD_BYTES is {given[:20]!r}; expected a whole number above 0")
        return cls(environment["UPLOADS_BUCKET"], environment["RESULTS_BUCKET"], int(given))

    def to_env(self) -> dict[str, str]:
        """Return the environment that `from_env` reads."""
        return {
            "UPLOADS_BUCKET": self.uploads_bucket,
            "RESULTS_BUCKET": self.results_bucket,
            "MAX_UPLOAD_BYTES": str(self.max_upload_bytes),
        }
