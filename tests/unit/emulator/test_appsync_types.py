"""Event APIs in templates."""

from typing import Any
from unittest.mock import Mock

import pytest

from emulator.cloudformation.appsync_types import resource_types
from emulator.cloudformation.resource_type import ResourceRequest
from emulator.cloudformation.spelling import to_api_spelling


def test_spells_a_templates_properties_as_the_api_does_and_leaves_its_tags() -> None:
    template = {"Name": "x", "EventConfig": {"AuthProviders": [{"AuthType": "AWS_IAM"}]}, "Tags": [{"Key": "a", "Value": "b"}]}
    assert to_api_spelling(template) == {"name": "x", "eventConfig": {"authProviders": [{"authType": "AWS_IAM"}]}}


@pytest.mark.parametrize("handlers", [{"CodeS3Location": "s3://b/k"}, {"HandlerConfigs": {"OnSubscribe": {"Behavior": "DIRECT"}}}])
def test_deploys_no_namespace_whose_handler_it_would_not_run(handlers: dict[str, Any]) -> None:
    apis = Mock()
    namespace = resource_types(apis, Mock())["AWS::AppSync::ChannelNamespace"]
    with pytest.raises(ValueError, match="give their code inline"):
        namespace.create(ResourceRequest({"ApiId": "a", "Name": "jobs", **handlers}))
    apis.create_namespace.assert_not_called()


def test_gives_subscribers_the_apis_default_modes_and_not_those_of_publishers() -> None:
    apis = Mock()
    apis.read_config.return_value = {"defaultPublishAuthModes": ["role"], "defaultSubscribeAuthModes": ["key"]}
    apis.create_namespace.return_value = {"channelNamespaceArn": "arn"}
    namespace = resource_types(apis, Mock())["AWS::AppSync::ChannelNamespace"]
    assert namespace.create(ResourceRequest({"ApiId": "a", "Name": "jobs"})) == ("arn", {"ChannelNamespaceArn": "arn"})
    body = {"name": "jobs", "apiId": "a", "publishAuthModes": ["role"], "subscribeAuthModes": ["key"], "codeHandlers": None}
    apis.create_namespace.assert_called_once_with("a", body)
