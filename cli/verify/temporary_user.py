"""A user of a stage's user pool that exists only while the stage is verified."""

import secrets
import time
from collections.abc import Callable, Mapping

from cli.aws import Clients, translate_aws_errors
from cli.user_token import UserSession
from local.demo_user import create_user, generate_password


class TemporaryUser:
    """A user, created when its token is first asked for.

    Args:    clients: the operator's, by service.
             outputs: of the stage's stacks.
             clock: seconds.
    """

    def __init__(self, clients: Clients, outputs: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        self._clients = clients
        pool, client = outputs["UserPoolId"], outputs["UserPoolClientId"]
        name = f"verify-{secrets.token_hex(8)}@example.com"
        self._user = {"user_pool_id": pool, "client_id": client, "username": name, "password": generate_password()}
        self._session = UserSession(clients("cognito-idp"), self._user, clock)
        self._exists = False

    def get_token(self) -> str:
        """Return an access token of the user's, valid for a minute at least.

        Raises:  AwsFailed, SignInFailed: the user cannot be created, or cannot sign in.
        """
        if not self._exists:
            self._exists = True  # perhaps, once the call is made
            with translate_aws_errors():
                create_user(self._clients("cognito-idp"), self._user["user_pool_id"], self._user["username"], self._user["password"])
        return self._session.get_token()

    def delete(self) -> None:
        """Remove the user, if there is one."""
        if self._exists:
            with translate_aws_errors():
                self._clients("cognito-idp").admin_delete_user(UserPoolId=self._user["user_pool_id"], Username=self._user["username"])
