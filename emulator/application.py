"""The whole emulator as one ASGI application: ministack, and what it lacks for this stack."""

from collections.abc import Callable
from pathlib import Path

from deployment.this_machine import HOST
from emulator.aws_client import connect, connect_as
from emulator.cloudformation import appsync_types, autoscaling_types, bucket_deployment, sagemaker_types
from emulator.cloudformation.handler_permissions import check_operations
from emulator.event_api_access import EVENT_APIS, authorize
from emulator.front.aws_requests import AwsRequests
from emulator.front.front_doors import Application, FrontDoors, read_sent_request
from emulator.front.ports import Ports
from emulator.kept import KeptState
from emulator.ministack import (
    apigateway,
    appsync_events,
    cloudformation,
    cloudwatch,
    cloudwatch_logs,
    cognito,
    eventbridge,
    fair_queues,
    generated_secrets,
    kept_buckets,
    s3,
    s3_limits,
    services,
    sqs_limits,
    stack_waits,
)
from emulator.ministack.access import condition_keys, iam, signatures, trace
from emulator.ministack.access.roles import Roles, require_of_caller
from emulator.ministack.access.stack_roles import StackRoles
from emulator.ministack.functions import concurrency, environment, function_roles, logs, memory
from emulator.sagemaker.conditions import ConditionsFile
from emulator.sagemaker.control_plane import ControlPlane
from emulator.sagemaker.http import TARGET_PREFIX, SageMakerHttp


def build_application(ports: Ports, state_dir: Path, kept: KeptState) -> tuple[Application, ControlPlane, Callable[[], KeptState]]:
    """Return the application, SageMaker's control plane, which has to be closed at the end, and what collects what is to be kept then.

    Args:    state_dir: where logs, the trace of calls and pipelines' files go.
             kept: what is kept of a run before.
    """
    address = f"http://{HOST}:{ports.gateway}"
    get_client, roles = connect(address), Roles(connect_as(address))
    stack_roles, scalable_targets = StackRoles(roles.assume), set[str]()
    sagemaker = ControlPlane(
        get_client,
        state_dir,
        put_event=eventbridge.put_event,
        assume=roles.assume,
        scalable_targets=scalable_targets,
        kept_packages=kept.packages,
    )
    doors = FrontDoors(ports, AwsRequests(signatures.find_service, signatures.list_unsigned_operations("cognito-idp")))
    trace.record_calls(state_dir / "logs" / "calls.jsonl")
    _serve_sagemaker(sagemaker, roles)
    cloudformation.register_types(
        {
            **sagemaker_types.resource_types(check_operations(sagemaker.operations, stack_roles.require, sagemaker.find_tags)),
            **autoscaling_types.resource_types(scalable_targets),
            **appsync_types.resource_types(EVENT_APIS, doors.open_event_api),
            **bucket_deployment.resource_types(get_client),
        }
    )
    kept_buckets.fill_buckets(kept)
    secrets = generated_secrets.keep_values(kept.secrets)
    _follow_changes(doors)
    _hold_to_aws(roles, stack_roles, state_dir)

    def collect_state() -> KeptState:
        return KeptState(kept_buckets.collect_buckets(kept.buckets), sagemaker.list_packages(), secrets)

    return doors.wrap(services.load_application()), sagemaker, collect_state


def _serve_sagemaker(sagemaker: ControlPlane, roles: Roles) -> None:
    path_pattern = r"^/endpoints/[^/]+/invocations$"
    handle = SageMakerHttp(sagemaker, require_of_caller).handle
    services.register_service("sagemaker", target_prefix=TARGET_PREFIX, path_pattern=path_pattern, handle=handle)
    eventbridge.register_pipeline_targets(sagemaker.start_pipeline, roles.assume)


def _follow_changes(doors: FrontDoors) -> None:
    """Do what AWS does beside a change of a stack's resource: open a door to it, store what was asked for, take it away."""
    cloudformation.after_change("AWS::S3::Bucket", s3.store_lifecycle_rules)
    cloudformation.delete_with("AWS::S3::Bucket", s3.delete_bucket)
    cloudformation.after_change("AWS::ApiGatewayV2::Api", apigateway.store_cors_configuration)
    cloudformation.after_change("AWS::ApiGatewayV2::Api", doors.open_api)
    cloudformation.after_change("AWS::CloudFront::Distribution", doors.open_distribution)


def _hold_to_aws(roles: Roles, stack_roles: StackRoles, state_dir: Path) -> None:
    """Have ministack do what AWS does where it does something else, or nothing."""
    apigateway.hand_on_packed_bodies()
    apigateway.ask_functions_policies()
    apigateway.refuse_what_is_not_signed()
    appsync_events.authorize_with(authorize)
    cloudwatch.check_each_alarm()
    cloudwatch.measure_oldest_messages()
    cloudwatch.hold_limits()
    cognito.serve_revocation()
    iam.count_loopback_as_tls()
    iam.match_line_feeds()
    iam.ask_for_batches_as_for_one()
    condition_keys.read_more_condition_keys()
    signatures.check_signatures_of(read_sent_request)
    function_roles.act_as_function_roles(roles)
    environment.set_runtime_variables()
    cloudwatch_logs.filter_as_aws_does()
    cloudwatch_logs.name_groups_as_aws_does()
    logs.end_logs_with_invocations()
    memory.hold_memory_limits()
    concurrency.hold_reserved_concurrency(ConditionsFile(state_dir / "sagemaker.json"))
    fair_queues.deliver_fairly()
    generated_secrets.hold_to_allowed_characters()
    stack_roles.install()
    stack_waits.answer_when_created()
    s3.answer_ranges_of_versions()
    s3.encode_listed_versions()
    s3.forbid_what_is_missing()
    s3_limits.hold_limits()
    sqs_limits.hold_limits()
