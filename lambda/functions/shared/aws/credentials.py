"""The credentials of a function's role, as Lambda puts them into its environment.

They are of one execution environment and outlive it: Lambda ends an environment after some hours and starts another with its own.
"""

from collections.abc import Mapping
from typing import NamedTuple

from recipes.errors import InvalidSettings


class Credentials(NamedTuple):
    """What requests to AWS are signed with.

    Args:    token: of the session; empty for a user's own keys.
    """

    access_key: str
    secret_key: str
    token: str = ""

    def __repr__(self) -> str:
        """Return them without what is secret."""
        return f"Credentials(access_key={self.access_key!r})"


def read_credentials(environment: Mapping[str, str]) -> Credentials:
    """Return the credentials in an environment.

    Raises:  InvalidSettings: there are none. With SnapStart, Lambda offers others at an address, which are not read here.
    """
    access_key, secret_key = environment.get("AWS_ACCESS_KEY_ID", ""), environment.get("AWS_SECRET_ACCESS_KEY", "")
    if access_key and secret_key:
        return Credentials(access_key, secret_key, environment.get("AWS_SESSION_TOKEN", ""))
    advice = "SnapStart gives none: turn it off" if "AWS_CONTAINER_CREDENTIALS_FULL_URI" in environment else "Lambda sets both"
    raise InvalidSettings(f"the environment has no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; {advice}", advice=advice)
