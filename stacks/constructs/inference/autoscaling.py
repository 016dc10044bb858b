"""Instances that follow the traffic."""

from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from deployment.settings import Settings, Variant

DIMENSION = "sagemaker:variant:DesiredInstanceCount"


def add_autoscaling(scope: Construct, endpoint: sagemaker.CfnEndpoint, variant: Variant, settings: Settings) -> None:
    """Keep the variant's requests per instance near the settings' targets, between the settings' bounds.

    Level 1, since the level 2 construct makes a role that nothing uses: the service has its own.
    """
    target = autoscaling.CfnScalableTarget(
        scope,
        f"{variant.name}Instances",
        service_namespace="sagemaker",
        scalable_dimension=DIMENSION,
        resource_id=f"endpoint/{settings.endpoint_name}/variant/{variant.name}",
        min_capacity=settings.instances_min,
        max_capacity=settings.instances_max,
    )
    target.add_dependency(endpoint)

    def follow(id_: str, name: str, metric: str, value: int) -> None:
        autoscaling.CfnScalingPolicy(
            scope,
            f"{variant.name}{id_}",
            policy_name=f"{settings.endpoint_name}-{variant.name}-{name}",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=autoscaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
                target_value=value,
                predefined_metric_specification=autoscaling.CfnScalingPolicy.PredefinedMetricSpecificationProperty(
                    predefined_metric_type=metric
                ),
                scale_out_cooldown=60,
                scale_in_cooldown=300,
            ),
        )

    follow("Scaling", "invocations", "SageMakerVariantInvocationsPerInstance", settings.invocations_per_instance_per_min)
    if settings.concurrent_requests_per_instance:  # AWS takes the larger of the two policies' counts
        metric = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
        follow("QuickScaling", "concurrency", metric, settings.concurrent_requests_per_instance)
