"""How a call of the API says who asks: by a user's token, or by a signature with AWS credentials."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli.api.user_token import UserSession
from cli.services import Services
from cli.stage.aws import AwsFailed, translate_aws_errors
from local.run_state import RunState

if TYPE_CHECKING:
    import httpx

SignIn = Callable[["httpx.Request"], "httpx.Request"]  # adds to a request what the API asks for; httpx calls it before it sends
API_SERVICE = "execute-api"
SIGNED_HEADERS = ("host", "content-type", "content-encoding")
API_HOST = re.compile(r"https://[^/]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com")


def send_token(get_token: Callable[[], str]) -> SignIn:
    """Return the sign-in with a user's access token, which is asked for at each request: it may have been replaced."""

    def add_token(request: "httpx.Request") -> "httpx.Request":
        request.headers["authorization"] = f"Bearer {get_token()}"
        return request

    return add_token


@dataclass(frozen=True, slots=True)
class Keys:
    """AWS credentials, botocore's, and the region that they sign for."""

    credentials: Any = field(repr=False)
    region: str


def sign_requests(keys: Keys, service: str = API_SERVICE) -> SignIn:
    """Return the sign-in with AWS credentials (Signature Version 4)."""
    from botocore.auth import SigV4Auth  # noqa: PLC0415 - 150 ms that no other command need pay
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415

    def sign(request: "httpx.Request") -> "httpx.Request":
        signed_headers = {name: request.headers[name] for name in SIGNED_HEADERS if name in request.headers}
        copy = AWSRequest(request.method, str(request.url), headers=signed_headers, data=request.content)
        SigV4Auth(keys.credentials, service, keys.region).add_auth(copy)
        request.headers.update(dict(copy.headers))
        return request

    return sign


def find_keys(profile: str | None, url: str) -> Keys:
    """Return the credentials of a profile, or those of the environment, for the region of the API.

    Raises:  AwsFailed: there is no such profile, or it has no credentials or no region.
    """
    import boto3  # noqa: PLC0415 - as above

    with translate_aws_errors():
        session = boto3.Session(profile_name=profile)
        credentials = session.get_credentials()
    host = API_HOST.match(url)
    region = host[1] if host else os.environ.get("AWS_REGION") or session.region_name  # boto3 does not read the variable
    if credentials is None or region is None:
        missing = "AWS credentials" if credentials is None else "region"
        raise AwsFailed(f"no {missing} to sign with", advice="sign in with `aws sso login`, and name the profile with --profile")
    return Keys(credentials, region)


def read_keys(state: RunState) -> Keys:
    """Return the credentials of the stack on this machine."""
    from botocore.credentials import Credentials  # noqa: PLC0415 - as above

    return Keys(Credentials(state.aws["AWS_ACCESS_KEY_ID"], state.aws["AWS_SECRET_ACCESS_KEY"]), state.aws["AWS_REGION"])


def sign_in_here(state: RunState, services: Services) -> SignIn | None:
    """Return the sign-in of the stack on this machine: its demo user's tokens, a signature, or None where it asks nobody."""
    match state.auth:
        case "jwt":
            return send_token(UserSession(services.connect_aws("local")("cognito-idp"), state.demo_user, services.clock).get_token)
        case "iam":
            return sign_requests(read_keys(state))
    return None
