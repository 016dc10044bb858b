"""SageMaker over HTTP: AWS JSON 1.1 for the control plane, REST for the runtime; for plain boto3 clients."""

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from emulator.sagemaker.control import ACCOUNT, REGION, Control
from emulator.sagemaker.errors import SageMakerError, invalid, model_error

log = logging.getLogger("inferstack.sagemaker")
TARGET_PREFIX = "SageMaker."
INVOCATIONS = re.compile(r"^/endpoints/([^/]+)/invocations$")
# The runtime's header and the container's, where they are not the same.
CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
Answer = tuple[int, dict[str, str], bytes]


class Service:
    """Answers requests of both planes."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._operations = control.operations

    async def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> Answer:  # noqa: ARG002
        """Return (status, headers, body). Nothing here waits on the emulator's event loop."""
        invoked = INVOCATIONS.match(path)
        try:
            if invoked and method == "POST":
                return await asyncio.to_thread(self._invoke, unquote(invoked.group(1)), headers, body)
            return await asyncio.to_thread(self._operate, headers, body)
        except SageMakerError as error:
            return (
                error.status,
                {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": error.code},
                json.dumps(error.body()).encode(),
            )

    def _operate(self, headers: Mapping[str, str], body: bytes) -> Answer:
        name = headers.get("x-amz-target", "").removeprefix(TARGET_PREFIX)
        operation = self._operations.get(name)
        if operation is None:
            raise SageMakerError(400, "UnknownOperationException", f"The local SageMaker has no operation {name or '(none named)'}.")
        try:
            answer = operation(json.loads(body or b"{}"))
        except KeyError as error:
            raise invalid(f"{name}: {error.args[0]} is required.") from error
        except json.JSONDecodeError as error:
            raise SageMakerError(400, "SerializationException", f"{name}: the body is not JSON: {error}") from error
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()

    def _invoke(self, name: str, headers: Mapping[str, str], body: bytes) -> Answer:
        passed = {key: headers[key] for key in ("content-type", "accept", CUSTOM_ATTRIBUTES) if key in headers}
        variant, answer = self._control.to_invoke(name).invoke(headers.get("x-amzn-sagemaker-target-variant"), body, passed)
        if answer.status >= 400:
            raise model_error(answer.status, answer.data.decode("utf-8", "replace"), name, ACCOUNT, REGION)
        returned = {
            "Content-Type": answer.headers.get("content-type", "application/octet-stream"),
            "x-Amzn-Invoked-Production-Variant": variant.name,
        }
        if CUSTOM_ATTRIBUTES in answer.headers:
            returned[CUSTOM_ATTRIBUTES] = answer.headers[CUSTOM_ATTRIBUTES]
        return 200, returned, answer.data


def authorization(path: str, region: str, account: str) -> tuple[str, str] | None:
    """Return the IAM action of an invocation and the endpoint's ARN; None for the control plane, whose target header names the action."""
    if (invoked := INVOCATIONS.match(path)) is None:
        return None
    return "sagemaker:InvokeEndpoint", f"arn:aws:sagemaker:{region}:{account}:endpoint/{unquote(invoked.group(1)).lower()}"
