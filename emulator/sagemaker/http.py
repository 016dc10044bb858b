"""SageMaker over HTTP: AWS JSON 1.1 for the control plane, REST for the runtime; for plain boto3 clients."""

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

from emulator.sagemaker.control_plane import ControlPlane
from emulator.sagemaker.errors import SageMakerError, model_error, validation_exception

log = logging.getLogger("inferstack.sagemaker")
TARGET_PREFIX = "SageMaker."
JSON_TYPE = "application/x-amz-json-1.1"
INVOCATIONS = re.compile(r"^/endpoints/([^/]+)/invocations$")
CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
CONTAINER_HEADERS = ("content-type", "accept", CUSTOM_ATTRIBUTES)  # what the runtime passes on
MAX_INVOCATIONS = 256  # at once; each holds a thread while an endpoint starts, and the control plane must not wait for one
HttpResponse = tuple[int, dict[str, str], bytes]


class SageMakerHttp:
    """Answers requests to the control plane and to the runtime."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self._control_plane = control_plane
        self._operations = control_plane.operations
        self._invocations = ThreadPoolExecutor(MAX_INVOCATIONS, thread_name_prefix="invocation")

    async def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> HttpResponse:
        """Return (status, headers, body). Nothing here waits on the emulator's event loop."""
        invocation = INVOCATIONS.match(path)
        try:
            if invocation and method == "POST":
                name = unquote(invocation.group(1))
                return await asyncio.get_running_loop().run_in_executor(self._invocations, self._invoke, name, headers, body)
            return await asyncio.to_thread(self._call_operation, headers, body)
        except SageMakerError as error:
            return error.status, {"Content-Type": JSON_TYPE, "x-amzn-ErrorType": error.code}, json.dumps(error.body()).encode()

    def _call_operation(self, headers: Mapping[str, str], body: bytes) -> HttpResponse:
        name = headers.get("x-amz-target", "").removeprefix(TARGET_PREFIX)
        operation = self._operations.get(name)
        if operation is None:
            raise SageMakerError(400, "UnknownOperationException", f"The local SageMaker has no operation {name or '(none named)'}.")
        try:
            response = operation(json.loads(body or b"{}"))
        except KeyError as error:
            raise validation_exception(f"{name}: {error.args[0]} is required.") from error
        except json.JSONDecodeError as error:
            raise SageMakerError(400, "SerializationException", f"{name}: the body is not JSON: {error}") from error
        return 200, {"Content-Type": JSON_TYPE}, json.dumps(response).encode()

    def _invoke(self, name: str, headers: Mapping[str, str], body: bytes) -> HttpResponse:
        container_headers = {key: headers[key] for key in CONTAINER_HEADERS if key in headers}
        endpoint = self._control_plane.find_endpoint(name)
        variant, response = endpoint.invoke(headers.get("x-amzn-sagemaker-target-variant"), body, container_headers)
        if response.status >= 400:
            raise model_error(response.status, response.data.decode("utf-8", "replace"), name)
        response_headers = {
            "Content-Type": response.headers.get("content-type", "application/octet-stream"),
            "x-Amzn-Invoked-Production-Variant": variant.name,
        }
        if CUSTOM_ATTRIBUTES in response.headers:
            response_headers[CUSTOM_ATTRIBUTES] = response.headers[CUSTOM_ATTRIBUTES]
        return 200, response_headers, response.data


def find_action(path: str, region: str, account: str) -> tuple[str, str] | None:
    """Return the IAM action of an invocation and the endpoint's ARN; None for the control plane, whose target header names the action."""
    if (invocation := INVOCATIONS.match(path)) is None:
        return None
    return "sagemaker:InvokeEndpoint", f"arn:aws:sagemaker:{region}:{account}:endpoint/{unquote(invocation.group(1)).lower()}"
