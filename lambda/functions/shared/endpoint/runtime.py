"""SageMaker's InvokeEndpoint, without AWS's client: decisions/0038."""

import json
import time
from collections.abc import Mapping
from typing import Any

from functions.shared.aws.address import Address, find_runtime, read_region
from functions.shared.aws.connections import Connections
from functions.shared.aws.credentials import Keys
from functions.shared.aws.http_response import Answer
from functions.shared.aws.role import find_credentials
from functions.shared.aws.signature_v4 import sign_headers
from functions.shared.aws.trace import name_trace
from functions.shared.endpoint.interface import EndpointResponse
from recipes.errors import EndpointFailed

CONNECT_S = 1
MAX_RESPONSE_BYTES = 5_000_000  # a Lambda response may have 6 MB


class Refusal(Exception):
    """SageMaker responded with an error.

    Args:    code: the error's name in SageMaker's API; the status where it has none.
             original_status, original_message: the container's, where it is ModelError.
    """

    def __init__(self, code: str, message: str = "", *, status: int, original_status: int = 500, original_message: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status
        self.original_status, self.original_message = original_status, original_message


class Runtime:
    """Invokes endpoints; one request each, which is not repeated.

    Args:    address: of SageMaker's runtime API.
             region: that requests are signed for.
             keys: what returns the credentials that sign them.
             authorities: a file of the certificates to trust; "" for those that the system trusts.
    """

    def __init__(self, address: Address, region: str, keys: Keys, authorities: str = "") -> None:
        self._address, self._region, self._keys = address, region, keys
        self._connections = Connections(address, CONNECT_S, authorities)

    def invoke(self, name: str, body: bytes, *, content_type: str, accept: str, variant: str | None, wait_s: float) -> EndpointResponse:
        """Return the container's response.

        Args:    name: the endpoint's, of letters, digits and hyphens, as SageMaker's are.
                 variant: the production variant to ask; None for the one that SageMaker chooses.
                 wait_s: how long to wait for it.
        Raises:  Refusal: SageMaker or the container refused or failed.
                 TimeoutError: no response in time. ConnectionError: the connection was lost.
                 EndpointFailed: the response is larger than a function may pass on.
        """
        target = f"{self._address.path}/endpoints/{name}/invocations"
        headers = {"host": self._address.authority, "content-type": content_type, "accept": accept}
        if variant is not None:
            headers["x-amzn-sagemaker-target-variant"] = variant
        signed = sign_headers("POST", target, headers, body, self._keys(), region=self._region, service="sagemaker", now_s=time.time())
        signed |= name_trace()
        answer = self._connections.send("POST", target, signed, body, wait_s=wait_s, most_bytes=MAX_RESPONSE_BYTES + 1)
        if answer.status != 200:
            raise _read_refusal(answer)
        if len(answer.body) > MAX_RESPONSE_BYTES:
            raise EndpointFailed(f"the endpoint answered more than {MAX_RESPONSE_BYTES:,} bytes", advice="Send fewer instances at once.")
        return EndpointResponse(answer.body, answer.headers.get("x-amzn-invoked-production-variant", ""))

    def close(self) -> None:
        """Close the connections that are kept; a function never does."""
        self._connections.close()


def open_runtime(environment: Mapping[str, str]) -> Runtime:
    """Return the runtime API of the function's region, as the function's role; raise InvalidSettings if the environment does not say."""
    region = read_region(environment)
    return Runtime(find_runtime(environment, region), region, find_credentials(environment), environment.get("AWS_CA_BUNDLE", ""))


def _read_refusal(answer: Answer) -> Refusal:
    """Return the error in a response: its name is in a header, or in the body of a gateway, which may be anything."""
    try:
        document: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        document = None
    said = document if isinstance(document, dict) else {}
    code = answer.headers.get("x-amzn-errortype") or said.get("code") or said.get("Code") or said.get("__type") or answer.status
    return Refusal(
        str(code).partition(":")[0].rpartition("#")[2],
        str(said.get("message") or said.get("Message") or "")[:2000],
        status=answer.status,
        original_status=_read_status(said.get("OriginalStatusCode")),
        original_message=str(said.get("OriginalMessage") or ""),
    )


def _read_status(value: object) -> int:
    return value if isinstance(value, int) else 500
