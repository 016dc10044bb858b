"""The SageMaker endpoint: a model, an endpoint configuration and an endpoint, serverless or on instances."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Acknowledgment, Aws, CfnCondition, CfnParameter, Fn, RemovalPolicy, Stack, Validations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from deployment import model_archive
from deployment.settings import Settings, Variant
from stacks.constructs.acknowledged import acknowledge
from stacks.constructs.alarms import endpoint_alarms
from stacks.constructs.autoscaling import scale
from stacks.constructs.log_group import log_group
from stacks.constructs.serving_image import ServingImage

GPU_AMI = "al2023-ami-sagemaker-inference-gpu-4-1"
PACKAGE_PATTERN = "^$|^arn:[a-z-]+:sagemaker:[a-z0-9-]+:[0-9]+:model-package/[A-Za-z0-9-]+/[0-9]+$"


class Endpoint(Construct):
    """The endpoint, under the name the settings give it; its model and configuration stay unnamed.

    All properties of a model and of a configuration can only be set when they are made, and a named one could not be replaced.

    The first variant serves the model package that the stack's parameter ModelPackageArn names; while that is empty, its archive or the
    recipe's shipped model. A rollout changes nothing but the parameter, and a later `cdk deploy` keeps it.

    alarms  what rolls a deployment back, and what an operator should hear of
    """

    alarms: Sequence[cloudwatch.Alarm]

    def __init__(
        self, scope: Construct, name: str, *, settings: Settings, image: ServingImage, dump_bucket: s3.IBucket, results_bucket: s3.IBucket
    ) -> None:
        super().__init__(scope, name)
        self._settings, self._image, self._dump_bucket = settings, image, dump_bucket
        self._role = self._execution_role()
        self._let_transform(results_bucket)
        self._package, self._has_package = self._parameter()
        self.alarms = endpoint_alarms(self, settings)
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            production_variants=[self._variant(variant) for variant in settings.variants],
            # A shadow has no alarm, so what it does rolls nothing back, and no scaling: it gets what its instances bear.
            shadow_production_variants=[self._variant(shadow, settings.variants[0].weight) for shadow in settings.shadow] or None,
            data_capture_config=self._capture() if settings.capture_percent else None,
        )
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=settings.endpoint_name,
            endpoint_config_name=config.attr_endpoint_config_name,
            deployment_config=None if settings.serverless else guardrails(settings, self.alarms),
            # Instances that autoscaling added stay through a deployment.
            retain_all_variant_properties=None if settings.serverless else True,
        )
        endpoint.node.add_dependency(self._role)
        if not settings.serverless:
            for variant in settings.variants:
                scale(self, endpoint, variant, settings)

    def _variant(self, variant: Variant, unit: float = 1.0) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
        """Return a variant; its weight is in units of another's where that is what SageMaker compares it with."""
        settings = self._settings
        serverless = sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
            memory_size_in_mb=settings.endpoint_memory_mb, max_concurrency=settings.serverless_concurrency
        )
        return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=variant.name,
            model_name=self._model(variant).attr_model_name,
            initial_variant_weight=variant.weight * unit,
            serverless_config=serverless if settings.serverless else None,
            instance_type=settings.endpoint_instance_type or None,
            # The default image's driver is too old for the CUDA that requirements/serving-gpu.txt brings.
            inference_ami_version=GPU_AMI if settings.endpoint_kind == "gpu" else None,
            initial_instance_count=None if settings.serverless else settings.instances_min,
        )

    def _parameter(self) -> tuple[CfnParameter, CfnCondition]:
        """Return which model package serves, and whether one does; let the server read every package's archive, whose key comes later."""
        package = CfnParameter(
            Stack.of(self),
            "ModelPackageArn",
            default="",
            allowed_pattern=PACKAGE_PATTERN,
            constraint_description="a model package's ARN with its version, or nothing",
            description="The model package that the first variant serves, set by rollouts; empty for the model of the deployment",
        )
        has_package = CfnCondition(Stack.of(self), "HasModelPackage", expression=Fn.condition_not(Fn.condition_equals(package, "")))
        self._role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[self._dump_bucket.arn_for_objects("models/*")]))
        return package, has_package

    def _model(self, variant: Variant) -> sagemaker.CfnModel:
        """Return the variant's model: a package, an archive of the dump bucket, or what the recipe ships, so a first deploy answers."""
        if variant.archive:
            bucket, key = self._dump_bucket, variant.archive
        else:
            asset = assets.Asset(
                self, f"{variant.name}Archive", path=str(model_archive.build(self._settings.recipe, self._settings.model_dir))
            )
            bucket, key = asset.bucket, asset.s3_object_key
        self._role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[bucket.arn_for_objects(key)]))
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
            enable_network_isolation=None if self._settings.serverless else True,
        )
        model.add_property_override("PrimaryContainer", container)
        if is_first:
            reason = "the parameter is empty only where the condition takes the other branch"
            findings = ("CloudFormation-Validate::F3031", "CloudFormation-Validate::F3033")
            Validations.of(model).acknowledge(*(Acknowledgment(id=finding, reason=reason) for finding in findings))
        model.node.add_dependency(self._role)  # creating a model checks that its role can read the archive
        return model

    def _execution_role(self) -> iam.Role:
        """Return the container's role: its image, its log group, its metrics; each model adds its own archive."""
        settings = self._settings
        group = log_group(
            self, "Logs", settings, name=f"/aws/sagemaker/Endpoints/{settings.endpoint_name}", removal_policy=RemovalPolicy.DESTROY
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}),
            description=f"The model server behind {settings.endpoint_name}",
        )
        write = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        role.add_to_policy(iam.PolicyStatement(actions=write, resources=[group.log_group_arn]))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],  # takes no resource; the namespace is what narrows it
                conditions={"StringEquals": {"cloudwatch:namespace": "/aws/sagemaker/Endpoints"}},
            )
        )
        self._image.grant_pull(role)
        acknowledge(
            role,
            {
                "IAM5[Resource::*]": "metrics and registry tokens take no resource; a namespace narrows the first",
                "IAM5": "what Batch Transform reads and writes is named after jobs to come",
            },
        )
        return role

    def _let_transform(self, results_bucket: s3.IBucket) -> None:
        """Let Batch Transform, which runs as the model's role, read what is staged for it and write beside that."""
        staged, answered = (results_bucket.arn_for_objects(f"transform/*/{folder}/*") for folder in ("input", "output"))
        self._role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[staged]))
        self._role.add_to_policy(iam.PolicyStatement(actions=["s3:PutObject"], resources=[answered]))
        self._role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:ListBucket"],
                resources=[results_bucket.bucket_arn],
                conditions={"StringLike": {"s3:prefix": "transform/*"}},
            )
        )

    def _capture(self) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty:
        """Return what keeps a share of the traffic under capture/, and let the server write there."""
        prefix = f"capture/{self._settings.endpoint_name}"
        self._role.add_to_policy(
            iam.PolicyStatement(actions=["s3:PutObject"], resources=[self._dump_bucket.arn_for_objects(f"{prefix}/*")])
        )
        return sagemaker.CfnEndpointConfig.DataCaptureConfigProperty(
            enable_capture=True,
            initial_sampling_percentage=self._settings.capture_percent,
            destination_s3_uri=self._dump_bucket.s3_url_for_object(prefix),
            capture_options=[sagemaker.CfnEndpointConfig.CaptureOptionProperty(capture_mode=mode) for mode in ("Input", "Output")],
        )


def guardrails(settings: Settings, alarms: Sequence[cloudwatch.Alarm]) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
    """Return a blue/green deployment that any of the alarms rolls back.

    A canary is at most half of the fleet, so a fleet of one is exchanged whole.
    """
    sagemaker_endpoint = sagemaker.CfnEndpoint
    canary = sagemaker_endpoint.TrafficRoutingConfigProperty(
        type="CANARY",
        canary_size=sagemaker_endpoint.CapacitySizeProperty(type="INSTANCE_COUNT", value=1),
        wait_interval_in_seconds=settings.bake_s,
    )
    at_once = sagemaker_endpoint.TrafficRoutingConfigProperty(type="ALL_AT_ONCE", wait_interval_in_seconds=settings.bake_s)
    return sagemaker_endpoint.DeploymentConfigProperty(
        blue_green_update_policy=sagemaker_endpoint.BlueGreenUpdatePolicyProperty(
            traffic_routing_configuration=canary if settings.instances_min > 1 else at_once,
            termination_wait_in_seconds=settings.bake_s,
            maximum_execution_timeout_in_seconds=3600,
        ),
        auto_rollback_configuration=sagemaker_endpoint.AutoRollbackConfigProperty(
            alarms=[sagemaker_endpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in alarms]
        ),
    )
