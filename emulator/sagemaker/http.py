"""SageMaker over HTTP: AWS JSON 1.1 for the control plane, REST for the runtime; for plain boto3 clients."""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote

from deployment.this_machine import REGION
from emulator.access import AccessDeniedError, Check
from emulator.sagemaker.control_plane import ControlPlane
from emulator.sagemaker.errors import SageMakerError, access_denied, model_error, validation_exception
from emulator.sagemaker.permissions.operations import list_checks

log = logging.getLogger("inferstack.sagemaker")
TARGET_PREFIX = "SageMaker."
JSON_TYPE = "application/x-amz-json-1.1"
INVOCATIONS = re.compile(r"^/endpoints/([^/]+)/invocations$")
CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
CONTAINER_HEADERS = ("content-type", "accept", CUSTOM_ATTRIBUTES)  # what the runtime passes on
MAX_INVOCATIONS = 256  # at once; each holds a thread while an endpoint starts, and the control plane must not wait for one
HttpResponse = tuple[int, dict[str, str], bytes]
RequireOfCaller = Callable[[Mapping[str, str], Check], None]  # (a request's headers, what its sender must be allowed)


class SageMakerHttp:
    """Answers requests to the control plane and to the runtime.

    Args:    require: raises AccessDeniedError unless the sender of a request may do what it asks for.
    """

    def __init__(self, control_plane: ControlPlane, require: RequireOfCaller = lambda *_: None) -> None:
        self._control_plane, self._require = control_plane, require
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
        except AccessDeniedError as denied:
            error = access_denied(str(denied))
        except SageMakerError as failure:
            error = failure
        return error.status, {"Content-Type": JSON_TYPE, "x-amzn-ErrorType": error.code}, json.dumps(error.body()).encode()

    def _call_operation(self, headers: Mapping[str, str], body: bytes) -> HttpResponse:
        name = headers.get("x-amz-target", "").removeprefix(TARGET_PREFIX)
        operation = self._operations.get(name)
        if operation is None:
            raise SageMakerError(400, "UnknownOperationException", f"The local SageMaker has no operation {name or '(none named)'}.")
        try:
            request = json.loads(body or b"{}")
            self._require_all(headers, name, request)
            response = operation(request)
        except KeyError as error:
            raise validation_exception(f"{name}: {error.args[0]} is required.") from error
        except json.JSONDecodeError as error:
            raise SageMakerError(400, "SerializationException", f"{name}: the body is not JSON: {error}") from error
        return 200, {"Content-Type": JSON_TYPE}, json.dumps(response).encode()

    def _invoke(self, name: str, headers: Mapping[str, str], body: bytes) -> HttpResponse:
        self._require_all(headers, "InvokeEndpoint", {"EndpointName": name})
        container_headers = {key: headers[key] for key in CONTAINER_HEADERS if key in headers}
        endpoint = self._control_plane.find_endpoint(name)
        variant, response = endpoint.traffic.invoke(headers.get("x-amzn-sagemaker-target-variant"), body, container_headers)
        if response.status >= 400:
            raise model_error(response.status, response.data.decode("utf-8", "replace"), name)
        response_headers = {
            "Content-Type": response.headers.get("content-type", "application/octet-stream"),
            "x-Amzn-Invoked-Production-Variant": variant.name,
        }
        if CUSTOM_ATTRIBUTES in response.headers:
            response_headers[CUSTOM_ATTRIBUTES] = response.headers[CUSTOM_ATTRIBUTES]
        return 200, response_headers, response.data

    def _require_all(self, headers: Mapping[str, str], operation: str, request: Mapping[str, Any]) -> None:
        _require_scope(headers)
        for check in list_checks(operation, request, self._control_plane.find_tags):
            self._require(headers, check)


def _require_scope(headers: Mapping[str, str]) -> None:
    """Refuse a signature that is right, but for another region; one for another service does not lead here."""
    scope = headers.get("authorization", "").partition("Credential=")[2].partition(",")[0].split("/")
    if len(scope) == 5 and scope[2] != REGION:
        raise SageMakerError(403, "InvalidSignatureException", "Credential should be scoped to a valid region.")
