"""How a new model takes over from the old one, and when it is rolled back."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk.aws_sagemaker import CfnEndpoint

from deployment.settings import Settings


def blue_green_deployment(settings: Settings, alarms: Sequence[cloudwatch.Alarm]) -> CfnEndpoint.DeploymentConfigProperty:
    """Return a blue/green deployment that any of the alarms rolls back.

    A canary is at most half of the fleet, so a fleet of one is replaced as a whole.
    """
    canary = CfnEndpoint.TrafficRoutingConfigProperty(
        type="CANARY",
        canary_size=CfnEndpoint.CapacitySizeProperty(type="INSTANCE_COUNT", value=1),
        wait_interval_in_seconds=settings.bake_s,
    )
    at_once = CfnEndpoint.TrafficRoutingConfigProperty(type="ALL_AT_ONCE", wait_interval_in_seconds=settings.bake_s)
    return CfnEndpoint.DeploymentConfigProperty(
        blue_green_update_policy=CfnEndpoint.BlueGreenUpdatePolicyProperty(
            traffic_routing_configuration=canary if settings.instances_min > 1 else at_once,
            termination_wait_in_seconds=settings.bake_s,
            maximum_execution_timeout_in_seconds=3600,
        ),
        auto_rollback_configuration=CfnEndpoint.AutoRollbackConfigProperty(
            alarms=[CfnEndpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in alarms]
        ),
    )
