"""The user that a stack with sign-in has on this machine, where no administrator creates one: an operator, like who runs the stack."""

import secrets
from dataclasses import replace
from typing import Any

from functions.status.interface import OPERATORS
from local.run_state import RunState

USERNAME = "demo@example.com"
SIGN_IN_OUTPUTS = {"user_pool_id": "UserPoolId", "client_id": "UserPoolClientId"}


def add_demo_user(state: RunState) -> RunState:
    """Return the state with a new user of its user pool and a password of its own; unchanged where the stack has no user pool."""
    if "user_pool_id" not in state.demo_user:
        return state
    import boto3  # noqa: PLC0415 - 300 ms that `--help` need not pay

    user = {**state.demo_user, "username": USERNAME, "password": generate_password()}
    cognito = boto3.client("cognito-idp", **state.client_options())
    create_user(cognito, user["user_pool_id"], user["username"], user["password"])
    cognito.admin_add_user_to_group(UserPoolId=user["user_pool_id"], Username=user["username"], GroupName=OPERATORS)
    return replace(state, demo_user=user)


def generate_password() -> str:
    """Return a random password that every policy of a user pool takes: lower and upper case, a digit and a symbol."""
    return f"{secrets.token_urlsafe(12)}-aA1"


def create_user(cognito: Any, pool: str, username: str, password: str) -> None:
    """Create a user whose mail counts as verified, who gets no message and may sign in at once."""
    cognito.admin_create_user(
        UserPoolId=pool,
        Username=username,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": username}, {"Name": "email_verified", "Value": "true"}],
    )
    cognito.admin_set_user_password(UserPoolId=pool, Username=username, Password=password, Permanent=True)
