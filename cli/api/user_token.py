"""The access token of a user of a user pool, by Cognito's USER_SRP_AUTH: the password is never sent, and no AWS credentials are needed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cli.api.srp import Exchange
from cli.stage.aws import translate_aws_errors
from recipes.errors import InferstackError

EARLY_S = 60


class SignInFailed(InferstackError):
    """Cognito asks for more than a password."""

    code = "sign-in-failed"
    title = "Sign-in failed"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token, and for how long it is one, in seconds."""

    text: str = field(repr=False)
    valid_s: int


class UserSession:
    """A user who stays signed in: a token is replaced before it ends.

    Args:    cognito, user: as `fetch_token` takes them.
             clock: seconds.
    """

    def __init__(self, cognito: Any, user: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        self._cognito, self._user, self._clock = cognito, user, clock
        self._token, self._renew_at_s = "", float("-inf")

    def get_token(self) -> str:
        """Return an access token that is valid for a minute at least; raises like `fetch_token`."""
        begin_s = self._clock()
        if begin_s >= self._renew_at_s:
            token = fetch_token(self._cognito, self._user)
            self._token, self._renew_at_s = token.text, begin_s + token.valid_s - EARLY_S
        return self._token

    def forget(self) -> None:
        """Let the next token be a new one: it says what has changed of the user."""
        self._renew_at_s = float("-inf")


def fetch_token(cognito: Any, user: Mapping[str, str]) -> AccessToken:
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
    result = answer["AuthenticationResult"]
    return AccessToken(str(result["AccessToken"]), int(result["ExpiresIn"]))


def _require(answer: Mapping[str, Any], expected: str | None) -> None:
    """Raise SignInFailed unless Cognito asks for exactly this challenge, or with None for no more."""
    if (got := answer.get("ChallengeName")) != expected:
        raise SignInFailed(
            f"Cognito asks for {got or 'nothing'}; expected {expected or 'an access token'}",
            advice="sign in on the page once to choose a password; a user with a second factor passes a token of the page's with --token",
        )
