"""A user of a stage's user pool that exists only while the stage is verified."""

import secrets
import time
from collections.abc import Callable, Mapping

from cli.aws import Clients, translate_aws_errors
from cli.user_token import fetch_token
from local.demo_user import create_user, generate_password

RENEW_AFTER_S = 45 * 60  # of the hour that a token is valid


class TemporaryUser:
    """A user, created when its token is first asked for.

    Args:    clients: the operator's, by service.
             outputs: of the stage's stacks.
             clock: seconds.
    """

    def __init__(self, clients: Clients, outputs: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        self._clients, self._clock = clients, clock
        pool, client = outputs["UserPoolId"], outputs["UserPoolClientId"]
        name = f"verify-{secrets.token_hex(8)}@example.com"
        self._user = {"user_pool_id": pool, "client_id": client, "username": name, "password": generate_password()}
        self._token, self._renew_at_s = "", 0.0
        self._exists = False

    def get_token(self) -> str:
        """Return an access token of the user's, valid for some minutes at least.

        Raises:  AwsFailed, SignInFailed: the user cannot be created, or cannot sign in.
        """
        cognito = self._clients("cognito-idp")
        if not self._exists:
            self._exists = True  # perhaps, once the call is made
            with translate_aws_errors():
                create_user(cognito, self._user["user_pool_id"], self._user["username"], self._user["password"])
        if not self._token or self._clock() > self._renew_at_s:
            self._renew_at_s = self._clock() + RENEW_AFTER_S
            self._token = fetch_token(cognito, self._user)
        return self._token

    def delete(self) -> None:
        """Remove the user, if there is one."""
        if self._exists:
            with translate_aws_errors():
                self._clients("cognito-idp").admin_delete_user(UserPoolId=self._user["user_pool_id"], Username=self._user["username"])
