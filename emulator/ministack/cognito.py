"""What ministack's sign-in pages lack: the address at which a client revokes its refresh token (RFC 7009)."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from ministack import app
from ministack.services import cognito

Response = tuple[int, dict[str, str], bytes]
REVOKE = "POST", "/oauth2/revoke"


def serve_revocation() -> None:
    """Answer POST /oauth2/revoke like Cognito; everything else as before."""
    handle_others = app._handle_cognito_body_request

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query_params: Mapping[str, Any]) -> Any:
        if (method, path) == REVOKE:
            return revoke_token({name: values[0] for name, values in parse_qs(body.decode()).items()})
        return await handle_others(method, path, headers, body, query_params)

    app._handle_cognito_body_request = handle


def revoke_token(form: Mapping[str, str]) -> Response:
    """Return the answer to a form with `token`, a refresh token, and `client_id`, a public client: revoked with all that came from it."""
    _, _, client = cognito._find_pool_by_client_id(form.get("client_id", ""))
    if client is None or client.get("ClientSecret"):
        return _refuse("invalid_client", 401)
    token = form.get("token", "")
    if not token or not client.get("EnableTokenRevocation"):
        return _refuse("invalid_request")
    claims = cognito._token_claims(token)
    if claims.get("token_use", "refresh") != "refresh":
        return _refuse("unsupported_token_type")
    if claims.get("client_id", client["ClientId"]) == client["ClientId"]:  # what a client does not have counts as revoked
        cognito._revoke_token({"Token": token})
    return 200, {}, b""


def _refuse(error: str, status: int = 400) -> Response:
    return status, {"Content-Type": "application/json"}, json.dumps({"error": error}).encode()
