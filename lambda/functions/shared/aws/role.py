"""The credentials of a function's role: Lambda puts them into its environment, or with SnapStart offers them at an address.

Those in an environment outlive it: Lambda ends one after some hours and starts another with credentials of its own.
"""

from collections.abc import Mapping

from functions.shared.aws.credentials import Credentials, Keys
from recipes.errors import InvalidSettings


def find_credentials(environment: Mapping[str, str]) -> Keys:
    """Return a function that gives the credentials of the environment's role.

    Raises:  InvalidSettings: there are none, or their address is none that they may be asked from.
    """
    access_key, secret_key = environment.get("AWS_ACCESS_KEY_ID", ""), environment.get("AWS_SECRET_ACCESS_KEY", "")
    if access_key and secret_key:
        credentials = Credentials(access_key, secret_key, environment.get("AWS_SESSION_TOKEN", ""))
        return lambda: credentials
    if environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        from functions.shared.aws.container_credentials import open_container_credentials  # noqa: PLC0415 - SnapStart alone needs it

        return open_container_credentials(environment)
    advice = "Lambda sets both, or with SnapStart AWS_CONTAINER_CREDENTIALS_FULL_URI"
    raise InvalidSettings(f"the environment has no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; {advice}", advice=advice)
