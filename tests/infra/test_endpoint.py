"""The endpoint in each of its kinds."""

import json
from typing import Any

import pytest

from deployment.rules import MOST_BAKE_S
from emulator.sagemaker.endpoints.blue_green import plan_deployment


def container(model: dict[str, Any]) -> dict[str, Any]:
    """Return what a model runs when no package is named."""
    said: dict[str, Any] = model["PrimaryContainer"]
    found: dict[str, Any] = said["Fn::If"][2] if "Fn::If" in said else said
    return found


def test_scales_to_zero_unless_told_otherwise(stage: Any) -> None:
    (variant,) = stage.one("AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["ServerlessConfig"]["MemorySizeInMB"] == 2048
    assert "InstanceType" not in variant
    assert not stage.properties("AWS::ApplicationAutoScaling::ScalableTarget")


def test_keeps_containers_ready_only_where_asked(synthesize: Any, stage: Any) -> None:
    assert "ProvisionedConcurrency" not in stage.one("AWS::SageMaker::EndpointConfig")["ProductionVariants"][0]["ServerlessConfig"]
    (variant,) = synthesize("dev", serverless_provisioned=1).one("AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["ServerlessConfig"]["ProvisionedConcurrency"] == 1


def test_answers_from_the_first_deploy_on(stage: Any) -> None:
    model = stage.one("AWS::SageMaker::Model")
    url = "".join(part if isinstance(part, str) else "…" for part in container(model)["ModelDataUrl"]["Fn::Join"][1])
    assert url.startswith("s3://")
    assert url.endswith(".gz")
    assets = json.loads(next(stage.folder.glob("*-Inference.assets.json")).read_text())
    assert url.rsplit("/", 1)[1].removesuffix(".gz") in assets["files"]


@pytest.mark.parametrize("kind", ["serverless", "cpu", "gpu"])
def test_never_names_what_can_only_be_replaced(synthesize: Any, kind: str) -> None:
    stage = synthesize("dev", endpoint_kind=kind)
    assert "ModelName" not in stage.one("AWS::SageMaker::Model")
    assert "EndpointConfigName" not in stage.one("AWS::SageMaker::EndpointConfig")
    endpoint = stage.one("AWS::SageMaker::Endpoint")
    assert endpoint["EndpointName"] == stage.settings.endpoint_name
    assert endpoint["EndpointConfigName"]["Fn::GetAtt"][1] == "EndpointConfigName"


def test_leaves_a_deployment_time_to_start_its_machines_even_with_the_longest_waits(synthesize: Any) -> None:
    endpoint = synthesize("prod", endpoint_kind="cpu", bake_s=MOST_BAKE_S).one("AWS::SageMaker::Endpoint")
    config = endpoint["DeploymentConfig"]
    waits_s = plan_deployment(config, [{"InitialInstanceCount": 2}]).duration_s
    assert config["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] - waits_s >= 600


@pytest.mark.parametrize(("kind", "instance_type"), [("cpu", "ml.c7i.large"), ("gpu", "ml.g4dn.xlarge")])
def test_follows_the_traffic_with_instances(synthesize: Any, kind: str, instance_type: str) -> None:
    stage = synthesize("prod", endpoint_kind=kind)
    (variant,) = stage.one("AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["InstanceType"] == instance_type
    assert variant["InitialInstanceCount"] == 2
    assert "ServerlessConfig" not in variant
    target = stage.one("AWS::ApplicationAutoScaling::ScalableTarget")
    assert target["ResourceId"] == f"endpoint/{stage.settings.endpoint_name}/variant/{variant['VariantName']}"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 6)
    scaling = stage.one("AWS::ApplicationAutoScaling::ScalingPolicy")["TargetTrackingScalingPolicyConfiguration"]
    assert scaling["PredefinedMetricSpecification"]["PredefinedMetricType"] == "SageMakerVariantInvocationsPerInstance"
    assert stage.one("AWS::SageMaker::Endpoint")["RetainAllVariantProperties"] is True
    assert stage.one("AWS::SageMaker::Model")["EnableNetworkIsolation"] is True


def test_also_follows_what_waits_in_the_instances_when_asked(synthesize: Any) -> None:
    """Every 10 seconds, where requests a minute are looked at by the minute: a doubled load has its instances two minutes sooner."""
    policies = synthesize("prod", endpoint_kind="cpu", concurrent_requests_per_instance="8").properties(
        "AWS::ApplicationAutoScaling::ScalingPolicy"
    )
    targets = [policy["TargetTrackingScalingPolicyConfiguration"] for policy in policies]
    assert {target["PredefinedMetricSpecification"]["PredefinedMetricType"]: target["TargetValue"] for target in targets} == {
        "SageMakerVariantInvocationsPerInstance": 6000,
        "SageMakerVariantConcurrentRequestsPerModelHighResolution": 8,
    }
    assert len({policy["PolicyName"] for policy in policies}) == len(policies)


@pytest.mark.parametrize(("keep", "counts"), [(True, set()), (False, {"DesiredInstanceCount"})])
def test_lets_the_settings_weights_take_effect_and_keeps_scaled_instances_unless_asked(
    synthesize: Any, keep: bool, counts: set[str]
) -> None:
    """With everything retained, UpdateEndpoint ignores a new weight; without, it takes away what autoscaling added."""
    endpoint = synthesize("prod", endpoint_kind="cpu", keep_instances=keep).one("AWS::SageMaker::Endpoint")
    excluded = {each["VariantPropertyType"] for each in endpoint["ExcludeRetainedVariantProperties"]}
    assert excluded == {"DesiredWeight"} | counts  # DataCaptureConfig is a value that SageMaker does not support


def test_builds_the_gpu_image_for_a_gpu(synthesize: Any) -> None:
    commands = {
        kind: synthesize("dev", endpoint_kind=kind).one("Custom::CDKContainerImageBuild")["buildCommand"] for kind in ("cpu", "gpu")
    }
    assert "DEVICE=cuda" in commands["gpu"]
    assert "cuda" not in commands["cpu"]


def test_builds_from_the_base_that_is_named_by_its_digest(synthesize: Any) -> None:
    base = f"r.example/python@sha256:{'a' * 64}"
    stage = synthesize("dev", image_base=base)
    assert f"--build-arg BASE={base} " in stage.one("Custom::CDKContainerImageBuild")["buildCommand"]
    assert base in json.dumps(stage.templates["Inference"]["Resources"])
    assert "BASE=" not in synthesize("dev").one("Custom::CDKContainerImageBuild")["buildCommand"]


@pytest.mark.parametrize(("stage_name", "routing"), [("dev", "ALL_AT_ONCE"), ("prod", "CANARY")])
def test_rolls_a_bad_deployment_back(synthesize: Any, stage_name: str, routing: str) -> None:
    stage = synthesize(stage_name, endpoint_kind="cpu")
    config = stage.one("AWS::SageMaker::Endpoint")["DeploymentConfig"]
    assert config["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["Type"] == routing
    alarms = [alarm["AlarmName"]["Ref"] for alarm in config["AutoRollbackConfiguration"]["Alarms"]]
    assert 1 <= len(alarms) <= 10
    watched = [stage.templates["Inference"]["Resources"][alarm]["Properties"] for alarm in alarms]
    assert {alarm["MetricName"] for alarm in watched} == {"Invocation5XXErrors", "ModelLatency"}
    for alarm in watched:
        assert {d["Name"]: d["Value"] for d in alarm["Dimensions"]} == {
            "EndpointName": stage.settings.endpoint_name,
            "VariantName": "AllTraffic",
        }


def test_shares_the_traffic_between_variants(synthesize: Any) -> None:
    stage = synthesize("dev", endpoint_kind="cpu", variants="champion:0.9,challenger:0.1:models/digits/new.tar.gz")
    variants = stage.one("AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert {variant["VariantName"]: variant["InitialVariantWeight"] for variant in variants} == {"champion": 0.9, "challenger": 0.1}
    urls = [json.dumps(container(model)["ModelDataUrl"]) for model in stage.properties("AWS::SageMaker::Model")]
    assert len([url for url in urls if "/models/digits/new.tar.gz" in url]) == 1
    assert len(stage.properties("AWS::ApplicationAutoScaling::ScalableTarget")) == 2


def test_copies_a_share_of_the_requests_to_a_shadow_that_rolls_nothing_back(synthesize: Any, stage: Any) -> None:
    assert "ShadowProductionVariants" not in stage.one("AWS::SageMaker::EndpointConfig")
    shadowed = synthesize("dev", endpoint_kind="cpu", variants="champion:2", shadow="challenger:0.25:models/digits/new.tar.gz")
    config = shadowed.one("AWS::SageMaker::EndpointConfig")
    (champion,), (challenger,) = config["ProductionVariants"], config["ShadowProductionVariants"]
    assert challenger["InitialVariantWeight"] / champion["InitialVariantWeight"] == 0.25
    assert (challenger["VariantName"], challenger["InstanceType"]) == ("challenger", champion["InstanceType"])
    (model,) = [m for m in shadowed.properties("AWS::SageMaker::Model") if "/models/digits/new.tar.gz" in json.dumps(m["PrimaryContainer"])]
    assert model["EnableNetworkIsolation"] is True
    assert "challenger" not in json.dumps(shadowed.properties("AWS::CloudWatch::Alarm"))
    assert "challenger" not in json.dumps(shadowed.properties("AWS::ApplicationAutoScaling::ScalableTarget"))


def test_captures_traffic_into_the_dump_bucket_where_asked(every_option: Any, stage: Any) -> None:
    assert "DataCaptureConfig" not in stage.one("AWS::SageMaker::EndpointConfig")
    config = every_option.one("AWS::SageMaker::EndpointConfig")["DataCaptureConfig"]
    assert config["InitialSamplingPercentage"] == 10
    assert "/capture/inferstack-dev-digits" in json.dumps(config["DestinationS3Uri"])
    role = every_option.one("AWS::SageMaker::Model")["ExecutionRoleArn"]["Fn::GetAtt"][0]
    written = [json.dumps(s["Resource"]) for s in every_option.statements(role) if s["Action"] == "s3:PutObject"]
    assert sum("/capture/inferstack-dev-digits/*" in resource for resource in written) == 1


def test_takes_an_image_that_is_there_already(synthesize: Any) -> None:
    address = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/server:1"
    stage = synthesize("dev", serving_image=address)
    model = stage.one("AWS::SageMaker::Model")
    assert container(model)["Image"] == address
    assert not stage.properties("AWS::CodeBuild::Project")
    (pull,) = [s for s in stage.statements(model["ExecutionRoleArn"]["Fn::GetAtt"][0]) if "ecr:BatchGetImage" in s["Action"]]
    assert "ecr:eu-west-1:123456789012:repository/team/server" in json.dumps(pull["Resource"])


def test_wakes_somebody_when_the_endpoint_the_api_or_the_function_fails(stage: Any) -> None:
    watched = {alarm["MetricName"] for alarm in stage.properties("AWS::CloudWatch::Alarm")}
    assert watched == {
        "Invocation5XXErrors",
        "ModelLatency",
        "5xx",
        "Latency",
        "Errors",
        "Throttles",
        "ApproximateNumberOfMessagesVisible",
        "ApproximateAgeOfOldestMessage",
    }


def test_sends_alarms_where_the_settings_say(every_option: Any) -> None:
    assert {s["Endpoint"] for s in every_option.properties("AWS::SNS::Subscription")} == {"someone@example.com"}


def test_sends_every_alarm_to_its_stacks_topic(stage: Any) -> None:
    """Without an address too: a pager or a chat can subscribe to the topic."""
    topics = {tuple(name.split("/")) for name in stage.resources("AWS::SNS::Topic")}
    sent = {
        (stack, action["Ref"])
        for stack, _, resource in stage.all()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
        for action in resource["Properties"].get("AlarmActions", [{"Ref": "nobody"}])
    }
    assert sent == topics


def test_lets_alarms_publish_to_their_topic(every_option: Any) -> None:
    """A topic's own policy, here the one that asks for TLS, takes the place of the default that lets the account's alarms publish."""
    topics = {name.split("/")[1] for name in every_option.resources("AWS::SNS::Topic")}
    policies = every_option.properties("AWS::SNS::TopicPolicy")
    assert topics == {topic["Ref"] for policy in policies for topic in policy["Topics"]}
    for policy in policies:
        (allowed,) = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
        assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        assert (allowed["Action"], allowed["Resource"]) == ("sns:Publish", policy["Topics"][0])
        assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
