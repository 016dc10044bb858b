"""ministack's API Gateway: an HTTP API's CORS configuration, how packed bodies travel, and the check of its JWT authorizer."""

from contextvars import ContextVar
from typing import Any

from ministack.services import apigateway

from emulator.cloudformation.resource_type import Attributes, Resource
from emulator.cloudformation.spelling import to_api_spelling

HEADERS_PLACE = 5  # among the arguments with which ministack invokes a function


def store_cors_configuration(api: Resource) -> Attributes:
    """Store an API's CORS configuration as the API spells it: ministack stores the template's spelling and then finds nothing in it."""
    if cors := api.properties.get("CorsConfiguration"):
        apigateway._apis[api.physical_id]["corsConfiguration"] = to_api_spelling(cors)
    return api.attributes


def hand_on_packed_bodies() -> None:
    """Hand a body with a Content-Encoding on in base64, whatever its type: as text it would lose the bytes that are no UTF-8.

    AWS documents that for a load balancer, whose types of text are those of an HTTP API; of an HTTP API it documents neither.
    """
    is_packed = ContextVar("is_packed", default=False)
    invoke, is_text = apigateway._invoke_lambda_proxy, apigateway._v2_request_body_is_text

    async def invoke_function(*arguments: Any, **options: Any) -> Any:
        headers = arguments[HEADERS_PLACE]
        outer = is_packed.set("content-encoding" in headers)
        try:
            return await invoke(*arguments, **options)
        finally:
            is_packed.reset(outer)

    apigateway._invoke_lambda_proxy = invoke_function
    apigateway._v2_request_body_is_text = lambda content_type: not is_packed.get() and is_text(content_type)


async def verify_token(token: str, issuer: str) -> dict[str, Any] | None:
    """Return the claims of a token that the issuer signed and that has not expired, or None."""
    authorizer = {"identitySource": ["$request.header.authorization"], "jwtConfiguration": {"issuer": issuer}}
    claims, _, refusal = await apigateway._validate_jwt_authorizer({}, authorizer, {"authorization": token}, {})
    return None if refusal else claims
