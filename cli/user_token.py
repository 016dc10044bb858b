"""The access token of a user of a user pool, by Cognito's USER_SRP_AUTH: the password is never sent, and no AWS credentials are needed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cli.aws import translate_aws_errors
from cli.srp import Exchange
from recipes.errors import InferstackError


class SignInFailed(InferstackError):
    """Cognito asks for more than a password."""

    code = "sign-in-failed"
    title = "Sign-in failed"


def fetch_token(cognito: Any, user: Mapping[str, str]) -> str:
    """Return a new access token.

    Args:    cognito: the client of cognito-idp.
             user: user_pool_id, client_id, username and password.
    Raises:  SignInFailed: a second factor or a new password is asked for.
             AwsFailed: Cognito refuses, or does not answer.
    """
    exchange, client = Exchange(user["user_pool_id"]), user["client_id"]
    start = {"USERNAME": user["username"], "SRP_A": exchange.public}
    with translate_aws_errors():
        challenge = cognito.initiate_auth(ClientId=client, AuthFlow="USER_SRP_AUTH", AuthParameters=start)
        _require(challenge, "PASSWORD_VERIFIER")
        answer = cognito.respond_to_auth_challenge(
            ClientId=client,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=exchange.answer(challenge["ChallengeParameters"], user["password"], datetime.now(UTC)),
            **({"Session": challenge["Session"]} if "Session" in challenge else {}),
        )
    _require(answer, None)
    return str(answer["AuthenticationResult"]["AccessToken"])


def _require(answer: Mapping[str, Any], expected: str | None) -> None:
    """Raise SignInFailed unless Cognito asks for exactly this challenge, or with None for no more."""
    if (got := answer.get("ChallengeName")) != expected:
        raise SignInFailed(
            f"Cognito asks for {got or 'nothing'}; expected {expected or 'an access token'}",
            advice="sign in on the page once to choose a password; a user with a second factor passes a token of the page's with --token",
        )
