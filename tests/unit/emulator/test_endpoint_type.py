"""What CloudFormation makes of an endpoint that does not come into service."""

from typing import Any

import pytest

from emulator.cloudformation.resource_type import ResourceRequest, ResourceType
from emulator.cloudformation.sagemaker_types import resource_types

NAMED = {"EndpointName": "digits", "EndpointConfigName": "a"}


class FakeSageMaker:
    """SageMaker's operations on an endpoint that is in one state whatever happens."""

    def __init__(self, **endpoint: str) -> None:
        self.calls: list[str] = []
        self.requests: list[dict[str, Any]] = []
        self._endpoint = endpoint

    @property
    def endpoint_type(self) -> ResourceType:
        names = ("CreateEndpoint", "UpdateEndpoint", "DeleteEndpoint")
        operations = {name: self._operation(name) for name in names}
        return resource_types({**operations, "DescribeEndpoint": lambda _: self._endpoint})["AWS::SageMaker::Endpoint"]

    def _operation(self, name: str) -> Any:
        def operation(request: dict[str, Any]) -> dict[str, str]:
            self.calls.append(name)
            self.requests.append(request)
            return {"EndpointArn": "arn:e"}

        return operation


def test_fails_an_endpoint_with_the_servers_message_and_deletes_it() -> None:
    sagemaker = FakeSageMaker(EndpointStatus="Failed", FailureReason="no such model")
    with pytest.raises(RuntimeError, match="no such model"):
        sagemaker.endpoint_type.create(ResourceRequest(NAMED))
    assert sagemaker.calls == ["CreateEndpoint", "DeleteEndpoint"]


def test_fails_an_update_that_was_rolled_back() -> None:
    sagemaker = FakeSageMaker(EndpointStatus="InService", FailureReason="the new model is broken")
    with pytest.raises(RuntimeError, match="the new model is broken"):
        sagemaker.endpoint_type.update(ResourceRequest({**NAMED, "EndpointConfigName": "b"}, NAMED, physical_id="arn:e"))


def test_does_not_wait_for_an_endpoint_that_is_being_deleted() -> None:
    sagemaker = FakeSageMaker(EndpointStatus="Deleting")
    with pytest.raises(RuntimeError, match="is Deleting; expected InService"):
        sagemaker.endpoint_type.create(ResourceRequest(NAMED))


def test_does_not_update_an_endpoint_whose_configuration_is_the_same() -> None:
    sagemaker = FakeSageMaker(EndpointStatus="InService")
    assert sagemaker.endpoint_type.update(ResourceRequest(dict(NAMED), NAMED, physical_id="arn:e"))[0] == "arn:e"
    assert sagemaker.calls == []


def test_passes_on_what_an_update_keeps_of_the_variants() -> None:
    sagemaker = FakeSageMaker(EndpointStatus="InService")
    kept = {"RetainAllVariantProperties": "true", "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}]}
    sagemaker.endpoint_type.update(ResourceRequest({**NAMED, "EndpointConfigName": "b", **kept}, NAMED, physical_id="arn:e"))
    assert sagemaker.requests == [{"EndpointName": "digits", "EndpointConfigName": "b", **kept, "RetainAllVariantProperties": True}]
