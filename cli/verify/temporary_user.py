"""A user of a stage's user pool that exists only while the stage is verified."""

import secrets
import time
from collections.abc import Callable, Mapping

from cli.api.user_token import UserSession
from cli.stage.aws import Clients, translate_aws_errors
from local.demo_user import create_user, generate_password


class TemporaryUser:
    """A user, created when its token is first asked for.

    Args:    clients: the operator's, by service.
             outputs: of the stage's stacks.
             clock: seconds.
    """

    def __init__(self, clients: Clients, outputs: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        self._cognito = clients("cognito-idp")
        pool, client = outputs["UserPoolId"], outputs["UserPoolClientId"]
        name = f"verify-{secrets.token_hex(8)}@example.com"
        self._user = {"user_pool_id": pool, "client_id": client, "username": name, "password": generate_password()}
        self._session = UserSession(self._cognito, self._user, clock)
        self._exists = False

    def get_token(self) -> str:
        """Return an access token of the user's, valid for a minute at least.

        Raises:  AwsFailed, SignInFailed: the user cannot be created, or cannot sign in.
        """
        self._create()
        return self._session.get_token()

    def join(self, group: str) -> None:
        """Put the user into a group; the next token says so.

        Raises:  AwsFailed: Cognito refuses.
        """
        self._create()
        with translate_aws_errors():
            self._cognito.admin_add_user_to_group(UserPoolId=self._user["user_pool_id"], Username=self._user["username"], GroupName=group)
        self._session.forget()

    def _create(self) -> None:
        if not self._exists:
            self._exists = True  # perhaps, once the call is made
            with translate_aws_errors():
                create_user(self._cognito, self._user["user_pool_id"], self._user["username"], self._user["password"])

    def delete(self) -> None:
        """Remove the user, if there is one."""
        if self._exists:
            with translate_aws_errors():
                self._cognito.admin_delete_user(UserPoolId=self._user["user_pool_id"], Username=self._user["username"])
