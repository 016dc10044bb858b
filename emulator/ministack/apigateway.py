"""ministack's API Gateway: an HTTP API's CORS configuration, how packed bodies travel, whom it may invoke, and its authorizers."""

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core import iam_evaluator, router
from ministack.services import apigateway, lambda_svc

from deployment.this_machine import ACCOUNT, REGION
from emulator.cloudformation.resource_type import Attributes, Resource
from emulator.cloudformation.spelling import to_api_spelling

log = logging.getLogger("inferstack.api")
HEADERS_PLACE, ROUTE_PLACE = 5, 8  # among the arguments with which ministack invokes a function
SERVICE = "apigateway.amazonaws.com"
REFUSAL = b'{"message":"Internal Server Error"}'


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


def ask_functions_policies() -> None:
    """Invoke a function only if its own policy lets API Gateway do so for the route; else answer AWS's 500, and log the reason."""
    invoke = apigateway._invoke_lambda_proxy

    async def invoke_function(*arguments: Any, **options: Any) -> Any:
        integration, api, stage = arguments[:3]
        method, _, path = arguments[ROUTE_PLACE].partition(" ")
        source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/{stage}/{method}{path}"
        reference = apigateway._extract_lambda_ref_from_integration_uri(integration.get("integrationUri", ""))
        function, _, name = lambda_svc._get_func_record_for_ref_in_scope(reference, account_id=ACCOUNT, region=REGION)
        if function is not None and not _lets_invoke(function["policy"], reference, source):
            log.warning("the policy of %s does not let %s invoke it for %s", name, SERVICE, source)
            return 500, {"Content-Type": "application/json"}, REFUSAL
        return await invoke(*arguments, **options)

    apigateway._invoke_lambda_proxy = invoke_function


def refuse_what_is_not_signed() -> None:
    """Answer AWS's 403 where a route asks for a signature and none came: ministack takes any Authorization header for one."""
    enforce = app._enforce_execute_api

    def enforce_signature(  # noqa: PLR0917 - ministack's own signature
        api: str, stage: str, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, Any], **options: Any
    ) -> Any:
        asks = app._execute_api_authorization_type(api, stage, method, path) == "AWS_IAM"
        if asks and not router.extract_access_key_id(headers, query):
            return apigateway._jwt_forbidden()
        return enforce(api, stage, method, path, headers, query, **options)

    app._enforce_execute_api = enforce_signature


def _lets_invoke(policy: dict[str, Any], function: str, source: str) -> bool:
    sender = {"aws:sourcearn": source, "aws:sourceaccount": ACCOUNT}
    context = iam_evaluator.EvalContext("*", "Service", "", "lambda:InvokeFunction", function, REGION, service_context=sender)
    return bool(iam_evaluator.evaluate_resource_policy(policy, context, service=SERVICE).decision == "Allow")


async def verify_token(token: str, issuer: str) -> dict[str, Any] | None:
    """Return the claims of a token that the issuer signed and that has not expired, or None."""
    authorizer = {"identitySource": ["$request.header.authorization"], "jwtConfiguration": {"issuer": issuer}}
    claims, _, refusal = await apigateway._validate_jwt_authorizer({}, authorizer, {"authorization": token}, {})
    return None if refusal else claims
