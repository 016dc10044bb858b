"""The SageMaker endpoint: a model, an endpoint configuration and an endpoint, serverless or on instances."""

from collections.abc import Iterator, Sequence
from typing import Any

from aws_cdk import Acknowledgment, CfnCondition, CfnParameter, Fn, Stack, Validations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from deployment import model_archive
from deployment.settings import Settings, Variant
from functions.rollout.interface import PACKAGE_PARAMETER
from stacks.constructs.acknowledge import ENDPOINT_KEY, acknowledge
from stacks.constructs.alarms import ERRORS_PER_MIN, aws_metric, create_alarm
from stacks.constructs.encryption import find_key_arn
from stacks.constructs.inference.autoscaling import add_autoscaling
from stacks.constructs.inference.blue_green import blue_green_deployment
from stacks.constructs.inference.model_role import create_model_role
from stacks.constructs.inference.serving_image import ImageReference
from stacks.constructs.network import allow_network
from stacks.constructs.sagemaker import CONFIG, MODEL, allow, name_by_stage

MODEL_LATENCY_US = 1_000_000  # SageMaker measures in microseconds
GPU_AMI = "al2023-ami-sagemaker-inference-gpu-4-1"
PACKAGE_PATTERN = "^$|^arn:[a-z-]+:sagemaker:[a-z0-9-]+:[0-9]+:model-package/[A-Za-z0-9-]+/[0-9]+$"


def _overridden(settings: Settings) -> list[sagemaker.CfnEndpoint.VariantPropertyProperty]:
    """Return what a deployment takes from the new configuration instead of the running endpoint."""
    kinds = ["DesiredWeight"] + ([] if settings.keep_instances else ["DesiredInstanceCount"])
    return [sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type=kind) for kind in kinds]


class Endpoint(Construct):
    """The endpoint, under the name the settings give it; its model and configuration stay unnamed.

    A change of a model or of a configuration replaces it, and one with a fixed name could not be replaced.

    The first variant serves the model package that the stack's parameter PACKAGE_PARAMETER names; while that is empty, its archive or the
    recipe's shipped model. A rollout changes nothing but the parameter, and a later `cdk deploy` keeps it.

    alarms       on each variant's errors and latency: they roll a deployment back, and tell an operator
    config_name  the configuration that it is to have
    """

    alarms: Sequence[cloudwatch.Alarm]
    config_name: str

    def __init__(
        self, scope: Construct, name: str, *, settings: Settings, image: ImageReference, dump_bucket: s3.IBucket, results_bucket: s3.IBucket
    ) -> None:
        super().__init__(scope, name)
        self._settings, self._image, self._dump_bucket = settings, image, dump_bucket
        self._role = create_model_role(self, settings, image=image, dump_bucket=dump_bucket, results_bucket=results_bucket)
        if not settings.is_serverless:
            allow_network(self._role, settings)
        self._package, self._has_package = self._create_parameter()
        self.alarms = [alarm for variant in settings.variants for alarm in self._create_alarms(variant)]
        if not settings.is_serverless:  # its deployments are guarded by the alarms, which SageMaker reads as the model's role
            allow(self._role, ["cloudwatch:DescribeAlarms"], [alarm.alarm_arn for alarm in self.alarms])
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            production_variants=[self._variant(variant) for variant in settings.variants],
            # A shadow has no alarm, so it never rolls a deployment back, and no scaling.
            shadow_production_variants=[self._variant(shadow, settings.variants[0].weight) for shadow in settings.shadow] or None,
            kms_key_id=find_key_arn(self) if settings.is_volume_encrypted else None,
            data_capture_config=self._create_capture() if settings.capture_percent else None,
        )
        if config.kms_key_id is None:
            acknowledge(config, {ENDPOINT_KEY: "SageMaker encrypts the volume with a key of its own, and it holds a model and a log"})
        name_by_stage(config, settings, CONFIG)
        self.config_name = config.attr_endpoint_config_name
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=settings.endpoint_name,
            endpoint_config_name=self.config_name,
            deployment_config=None if settings.is_serverless else blue_green_deployment(settings, self.alarms),
            # Instances that autoscaling added stay through a deployment; the settings' weights take effect.
            retain_all_variant_properties=None if settings.is_serverless else True,
            exclude_retained_variant_properties=None if settings.is_serverless else _overridden(settings),
        )
        endpoint.node.add_dependency(self._role)
        if not settings.is_serverless:
            for variant in settings.variants:
                add_autoscaling(self, endpoint, variant, settings)

    def _create_alarms(self, variant: Variant) -> Iterator[cloudwatch.Alarm]:
        """Yield the variant's alarms. They name the endpoint, so they can exist before it."""
        endpoint = self._settings.endpoint_name
        dimensions = {"EndpointName": endpoint, "VariantName": variant.name}
        errors = aws_metric("AWS/SageMaker", "Invocation5XXErrors", dimensions, "Sum")
        latency = aws_metric("AWS/SageMaker", "ModelLatency", dimensions, "p99")
        about = f"{endpoint}: {variant.name}"
        yield create_alarm(
            self, f"{variant.name}Errors", errors, ERRORS_PER_MIN, f"{about} fails more than {ERRORS_PER_MIN} requests a minute"
        )
        yield create_alarm(
            self, f"{variant.name}Latency", latency, MODEL_LATENCY_US, f"{about} takes over {MODEL_LATENCY_US // 1_000_000} s at p99"
        )

    def _variant(self, variant: Variant, unit: float = 1.0) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
        """Return a variant; its weight is multiplied by the unit: SageMaker takes a shadow's weight relative to its variant's."""
        settings = self._settings
        serverless = sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
            memory_size_in_mb=settings.endpoint_memory_mb,
            max_concurrency=settings.serverless_concurrency,
            provisioned_concurrency=settings.serverless_provisioned or None,
        )
        return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=variant.name,
            model_name=self._create_model(variant).attr_model_name,
            initial_variant_weight=variant.weight * unit,
            serverless_config=serverless if settings.is_serverless else None,
            instance_type=settings.endpoint_instance_type or None,
            # The default image's driver is too old for the CUDA that requirements/serving-gpu.txt brings.
            inference_ami_version=GPU_AMI if settings.endpoint_kind == "gpu" else None,
            initial_instance_count=None if settings.is_serverless else settings.instances_min,
        )

    def _create_parameter(self) -> tuple[CfnParameter, CfnCondition]:
        """Return the parameter that names the model package to serve, and the condition that it names one."""
        package = CfnParameter(
            Stack.of(self),
            PACKAGE_PARAMETER,
            default="",
            allowed_pattern=PACKAGE_PATTERN,
            constraint_description="a model package's ARN with its version, or nothing",
            description="The model package that the first variant serves, set by rollouts; empty for the model of the deployment",
        )
        has_package = CfnCondition(Stack.of(self), "HasModelPackage", expression=Fn.condition_not(Fn.condition_equals(package, "")))
        return package, has_package

    def _create_model(self, variant: Variant) -> sagemaker.CfnModel:
        """Return the variant's model: a package, an archive, or the one the recipe ships, so that a first deployment answers."""
        if variant.archive:  # below models/, which the role reads all of
            bucket, key = self._dump_bucket, variant.archive
        else:
            asset = assets.Asset(
                self, f"{variant.name}Archive", path=str(model_archive.build(self._settings.recipe, self._settings.model_dir))
            )
            bucket, key = asset.bucket, asset.s3_object_key
            allow(self._role, ["s3:GetObject"], [bucket.arn_for_objects(key)])
        is_first = variant is self._settings.variants[0]
        container: dict[str, Any] = {
            "Image": self._image.uri,
            "ModelDataUrl": bucket.s3_url_for_object(key),
            "Environment": {"INFERSTACK_LOG_LEVEL": self._settings.log_level},
        }
        if is_first:
            package = {"ModelPackageName": self._package.value_as_string}
            container = {"Fn::If": [self._has_package.logical_id, package, container]}
        model = sagemaker.CfnModel(
            self,
            f"{variant.name}Model",
            execution_role_arn=self._role.role_arn,
            # The server calls nobody. Serverless endpoints do not offer the isolation.
            vpc_config=self._vpc_config(),
            enable_network_isolation=None if self._settings.is_serverless else True,
        )
        if self._settings.is_serverless:
            acknowledge(model, {"CKV_AWS_370": "a serverless endpoint does not offer it; the server calls nobody"})
        name_by_stage(model, self._settings, MODEL)
        model.add_property_override("PrimaryContainer", container)
        if is_first:
            reason = "the parameter is empty only where the condition takes the other branch"
            findings = ("CloudFormation-Validate::F3031", "CloudFormation-Validate::F3033")
            Validations.of(model).acknowledge(*(Acknowledgment(id=finding, reason=reason) for finding in findings))
        model.node.add_dependency(self._role)  # creating a model checks that its role can read the archive
        return model

    def _vpc_config(self) -> sagemaker.CfnModel.VpcConfigProperty | None:
        """Return where the model's machines are; a serverless endpoint is in no VPC of ours."""
        settings = self._settings
        if settings.is_serverless or not settings.vpc:
            return None
        return sagemaker.CfnModel.VpcConfigProperty(subnets=settings.subnets, security_group_ids=settings.security_groups)

    def _create_capture(self) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty:
        """Return the configuration that keeps a share of the traffic under capture/, and let the server write there."""
        prefix = f"capture/{self._settings.name}"
        self._role.add_to_policy(
            iam.PolicyStatement(actions=["s3:PutObject"], resources=[self._dump_bucket.arn_for_objects(f"{prefix}/*")])
        )
        return sagemaker.CfnEndpointConfig.DataCaptureConfigProperty(
            enable_capture=True,
            initial_sampling_percentage=self._settings.capture_percent,
            kms_key_id=find_key_arn(self),
            destination_s3_uri=self._dump_bucket.s3_url_for_object(prefix),
            capture_options=[sagemaker.CfnEndpointConfig.CaptureOptionProperty(capture_mode=mode) for mode in ("Input", "Output")],
        )
