"""What the port of AWS's APIs takes without a signature. Everything else has to be signed."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from emulator.front.senders import Headers, is_below_localhost, is_this_machine

ALGORITHM, S3_SCOPE = "AWS4-HMAC-SHA256", "/s3/aws4_request"
SIGN_IN = {  # Cognito's pages and its OAuth 2.0 endpoints
    "GET": r"/oauth2/(authorize|userInfo)|/logout|/[\w-]+/\.well-known/(jwks\.json|openid-configuration)",
    "POST": r"/(oauth2/)?login|/oauth2/(token|userInfo|revoke)",
}
SIGN_IN_TARGET = "AWSCognitoIdentityProviderService."
# Whether the emulator is ready, and a deployment's progress, at addresses that only it knows; AWS's are presigned.
OWN = {"GET": r"/_ministack/health", "PUT": r"/_ministack/cfn-(response|signal)/[\w-]+"}
BUCKET = {"POST": r"/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/?"}


@dataclass(frozen=True, slots=True)
class Request:
    """The head of a request; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Headers


@dataclass(frozen=True, slots=True)
class AwsRequests:
    """The rules.

    Args:    find_service: which service the emulator lets answer a request.
             unsigned_operations: those of a user pool that clients call before anybody has signed in.
    """

    find_service: Callable[[Request], str]
    unsigned_operations: Collection[str]

    def may_pass(self, request: Request) -> bool:
        """Return whether a request is one of those that need no signature, or claims one; whether that is valid is checked later."""
        host, is_own = request.headers.get("host", ""), request.path.startswith("/_")
        if not is_own and _is_signed(request):
            return is_below_localhost(host) and (not is_s3_link(request) or self.find_service(request) == "s3")
        if not is_this_machine(host):
            return False
        return _has_path(OWN, request) if is_own else _is_preflight(request) or self._is_sign_in(request) or self._is_s3_form(request)

    def _is_sign_in(self, request: Request) -> bool:
        target, is_root = request.headers.get("x-amz-target", ""), (request.method, request.path, request.query) == ("POST", "/", "")
        is_unsigned = target.startswith(SIGN_IN_TARGET) and target.removeprefix(SIGN_IN_TARGET) in self.unsigned_operations
        return is_sign_in_page(request) or (is_root and is_unsigned)

    def _is_s3_form(self, request: Request) -> bool:
        """Return whether it is a form for S3, which holds its signature in a field."""
        is_form = request.headers.get("content-type", "").startswith("multipart/form-data") and not request.query
        return is_form and _has_path(BUCKET, request) and self.find_service(request) == "s3"


def is_sign_in_page(request: Request) -> bool:
    """Return whether it is for the pages that people sign in on, or for what those and clients call."""
    return _has_path(SIGN_IN, request)


def is_s3_link(request: Request) -> bool:
    """Return whether its address says that S3 presigned it: whoever has such an address may use it, wherever they are."""
    credential = _read_query(request).get("X-Amz-Credential", [""])[0]
    return credential.endswith(S3_SCOPE) and not is_sign_in_page(request)  # where nobody would look at the signature


def _is_signed(request: Request) -> bool:
    if authorization := request.headers.get("authorization"):
        return authorization.startswith(f"{ALGORITHM} ")
    query = _read_query(request)
    return query.get("X-Amz-Algorithm") == [ALGORITHM] and "X-Amz-Signature" in query


def _is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def _has_path(paths: Mapping[str, str], request: Request) -> bool:
    return request.method in paths and re.fullmatch(paths[request.method], request.path) is not None


def _read_query(request: Request) -> dict[str, list[str]]:
    return parse_qs(request.query, keep_blank_values=True)
