"""The notebook instance: there when it is asked for, and able to reach the dump bucket and nothing else."""

import json
from typing import Any

from tests.grants import as_list


def statements(stage: Any) -> list[dict[str, Any]]:
    """Return what the instance's role may do."""
    return stage.statements(role(stage))


def role(stage: Any) -> str:
    return str(stage.one("AWS::SageMaker::NotebookInstance")["RoleArn"]["Fn::GetAtt"][0])


def test_is_absent_unless_every_option(stage: Any) -> None:
    assert stage.properties("AWS::SageMaker::NotebookInstance") == []
    assert "NotebookInstance" not in json.dumps(stage.templates)


def test_is_an_instance_of_the_settings_without_root_that_demands_imdsv2(every_option: Any) -> None:
    instance = every_option.one("AWS::SageMaker::NotebookInstance")
    assert instance["NotebookInstanceName"] == "inferstack-dev-digits"
    assert instance["InstanceType"] == "ml.t3.large"
    assert instance["RootAccess"] == "Disabled"
    assert instance["InstanceMetadataServiceConfiguration"] == {"MinimumInstanceMetadataServiceVersion": "2"}


def pieces(resource: Any) -> list[Any]:
    """Return what a resource's ARN is joined of."""
    found: list[Any] = resource["Fn::Join"][1] if "Fn::Join" in resource else [resource]
    return found


def is_dump_bucket(stage: Any, value: Any) -> bool:
    """Return whether a value is the dump bucket's ARN, from the other stack."""
    outputs = stage.templates["Storage"]["Outputs"]
    name = value.get("Fn::GetStackOutput", {}).get("OutputName") if isinstance(value, dict) else None
    return name is not None and outputs[name]["Value"] == {"Fn::GetAtt": [outputs["DumpBucketName"]["Value"]["Ref"], "Arn"]}


def test_reaches_the_dump_bucket_and_its_log_and_nothing_else(every_option: Any) -> None:
    reached = set()
    for statement in statements(every_option):
        for resource in as_list(statement["Resource"]):
            first, last = pieces(resource)[0], str(pieces(resource)[-1])
            services = {action.split(":")[0] for action in as_list(statement["Action"])}
            assert services == ({"s3"} if is_dump_bucket(every_option, first) else {"logs"})
            assert services == {"s3"} or last.startswith(":log-group:/aws/sagemaker/NotebookInstances")
            reached |= services
    assert reached == {"s3", "logs"}


def test_writes_no_log_of_another_instance(every_option: Any) -> None:
    (writes,) = [s for s in statements(every_option) if "logs:PutLogEvents" in as_list(s["Action"])]
    assert pieces(writes["Resource"])[-1].endswith(":log-stream:inferstack-dev-digits/*")


def test_writes_neither_what_endpoints_serve_nor_what_versions_are_compared_on(every_option: Any) -> None:
    (writes,) = [s for s in statements(every_option) if "s3:PutObject" in as_list(s["Action"])]
    assert sorted(pieces(resource)[-1] for resource in writes["Resource"]) == ["/notebooks/*", "/raw/*"]
    actions = {action for s in statements(every_option) for action in as_list(s["Action"]) if action.startswith("s3:")}
    assert actions == {"s3:ListBucket", "s3:GetObject", "s3:PutObject"}


def test_is_trusted_to_sagemaker_for_this_account_only(every_option: Any) -> None:
    properties = every_option.templates["Training"]["Resources"][role(every_option)]["Properties"]
    (trust,) = properties["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert "ManagedPolicyArns" not in properties
