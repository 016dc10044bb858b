"""The endpoint as the functions see it: what they send, what comes back."""

from typing import NamedTuple, Protocol


class EndpointResponse(NamedTuple):
    """An endpoint's response.

    Args:    body: the container's.
             variant: the production variant that responded.
    """

    body: bytes
    variant: str


class EndpointClient(Protocol):
    """Invokes one endpoint; `functions.shared.endpoint.client.Endpoint` is one."""

    def invoke(self, body: bytes, *, content_type: str, accept: str, remaining_s: float, variant: str | None = None) -> EndpointResponse:
        """Return the container's response.

        Args:    remaining_s: seconds until the caller must have responded itself.
                 variant: the production variant to ask; None for the one that SageMaker chooses.
        Raises:  EndpointError: no response.
                 InvalidInput: the container refused the input.
        """
