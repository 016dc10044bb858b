"""The whole emulator as one ASGI application: ministack, and what it lacks for this stack."""

from pathlib import Path

from deployment.this_machine import HOST
from emulator.aws_client import connect
from emulator.cloudformation import appsync_types, autoscaling_types, bucket_deployment, sagemaker_types
from emulator.event_api_access import EVENT_APIS, authorize
from emulator.front_doors import Application, FrontDoors
from emulator.ministack import apigateway, appsync_events, cloudformation, eventbridge, iam, s3, services
from emulator.ports import Ports
from emulator.sagemaker.control_plane import ControlPlane
from emulator.sagemaker.http import TARGET_PREFIX, SageMakerHttp, find_action


def build_application(ports: Ports, state_dir: Path) -> tuple[Application, ControlPlane]:
    """Return the application, and SageMaker's control plane, which has to be closed at the end.

    Args:    state_dir: where logs and pipelines' files go.
    """
    get_client = connect(f"http://{HOST}:{ports.gateway}")
    scalable_targets: set[str] = set()
    sagemaker = ControlPlane(get_client, state_dir, put_event=eventbridge.put_event, scalable_targets=scalable_targets)
    doors = FrontDoors(ports)
    _serve_sagemaker(sagemaker)
    cloudformation.register_types(
        {
            **sagemaker_types.resource_types(sagemaker.operations),
            **autoscaling_types.resource_types(scalable_targets),
            **appsync_types.resource_types(EVENT_APIS, doors.open_event_api),
            **bucket_deployment.resource_types(get_client),
        }
    )
    cloudformation.after_change("AWS::S3::Bucket", s3.store_lifecycle_rules)
    cloudformation.delete_with("AWS::S3::Bucket", s3.delete_bucket)
    cloudformation.after_change("AWS::ApiGatewayV2::Api", apigateway.store_cors_configuration)
    cloudformation.after_change("AWS::ApiGatewayV2::Api", doors.open_api)
    cloudformation.after_change("AWS::CloudFront::Distribution", doors.open_distribution)
    appsync_events.authorize_with(authorize)
    iam.count_loopback_as_tls()
    s3.answer_ranges_of_versions()
    return doors.wrap(services.load_application()), sagemaker


def _serve_sagemaker(sagemaker: ControlPlane) -> None:
    path_pattern = r"^/endpoints/[^/]+/invocations$"
    services.register_service("sagemaker", target_prefix=TARGET_PREFIX, path_pattern=path_pattern, handle=SageMakerHttp(sagemaker).handle)
    iam.register_actions("sagemaker", find_action)
    eventbridge.register_pipeline_targets(sagemaker.start_pipeline)
