"""ministack's API Gateway: an HTTP API's CORS configuration, and the check of its JWT authorizer."""

from typing import Any

from ministack.services import apigateway

from emulator.cloudformation.resource_type import Attributes, Resource
from emulator.cloudformation.spelling import to_api_spelling


def store_cors_configuration(api: Resource) -> Attributes:
    """Store an API's CORS configuration as the API spells it: ministack stores the template's spelling and then finds nothing in it."""
    if cors := api.properties.get("CorsConfiguration"):
        apigateway._apis[api.physical_id]["corsConfiguration"] = to_api_spelling(cors)
    return api.attributes


async def verify_token(token: str, issuer: str) -> dict[str, Any] | None:
    """Return the claims of a token that the issuer signed and that has not expired, or None."""
    authorizer = {"identitySource": ["$request.header.authorization"], "jwtConfiguration": {"issuer": issuer}}
    claims, _, refusal = await apigateway._validate_jwt_authorizer({}, authorizer, {"authorization": token}, {})
    return None if refusal else claims
