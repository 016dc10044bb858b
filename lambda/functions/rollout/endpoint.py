"""The endpoint, by SageMaker."""

from typing import Any

from functions.rollout.interface import EndpointState


class Endpoint:
    """One endpoint.

    Args:    sagemaker: botocore's client.
             name: the endpoint's.
    """

    def __init__(self, sagemaker: Any, name: str) -> None:
        self._sagemaker, self._name = sagemaker, name

    def describe(self) -> EndpointState:
        """Return how the endpoint is now."""
        endpoint = self._sagemaker.describe_endpoint(EndpointName=self._name)
        return EndpointState(endpoint["EndpointStatus"], endpoint["EndpointConfigName"], endpoint.get("FailureReason", ""))
