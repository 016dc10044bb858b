"""The function that tells operators what runs: it reads, each thing by its name where AWS takes one, and changes nothing."""

from collections.abc import Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deployment.settings import Settings
from functions.shared import areas
from functions.status.config import Config
from functions.status.interface import JOB_OBJECTS
from functions.status.routes import ROUTES
from stacks.constructs.alarms import list_names, write_name
from stacks.constructs.conditions import under
from stacks.constructs.function import ALARMS, Function
from stacks.constructs.sagemaker import CONFIG, MODEL, generated_arn, sagemaker_arn
from stacks.constructs.uploads.uploads import Uploads
from stacks.constructs.web.api import Api

NAME = "Status"


def add_status(
    scope: Construct, settings: Settings, *, api: Api, uploads: Uploads, results: s3.IBucket, other_alarms: Sequence[str]
) -> Function:
    """Add the function and its route to the API.

    Args:    other_alarms: the names of other stacks' alarms, which it tells of beside those of the API and the uploads.
    """
    own = [write_name(scope, f"{NAME}{alarm}") for alarm in ALARMS]
    alarms = [*list_names([*api.list_alarms(), *uploads.alarms]), *own, *other_alarms]
    function = Function(
        scope,
        NAME,
        settings=settings,
        function="status",
        config=Config(
            stage=settings.stage,
            recipes=tuple(each.recipe for each in settings.split()),
            auth=settings.auth,
            endpoint_names=tuple(each.endpoint_name for each in settings.split()),
            endpoint_kind=settings.endpoint_kind,
            model_groups=tuple(each.model_group for each in settings.split()),
            upload_queue_url=uploads.queue.queue_url,
            dead_letter_queue_url=uploads.dead_letters.queue_url,
            results_bucket=results.bucket_name,
            upload_days=settings.upload_days,
            alarms=tuple(alarms),
        ),
        allow=[
            *_model_statements(scope, settings),
            iam.PolicyStatement(actions=["sqs:GetQueueAttributes"], resources=[uploads.queue.queue_arn, uploads.dead_letters.queue_arn]),
            iam.PolicyStatement(actions=["cloudwatch:GetMetricStatistics"], resources=["*"]),  # takes no resource
            iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=[_alarm_arn(scope, name) for name in alarms]),
            iam.PolicyStatement(
                actions=["s3:ListBucket"], resources=[results.bucket_arn], conditions=under(f"{areas.JOBS}/*", f"{areas.INBOX}/*")
            ),
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[results.arn_for_objects(name) for name in JOB_OBJECTS]),
        ],
    )
    api.add_function(function, ROUTES)
    return function


def _model_statements(scope: Construct, settings: Settings) -> list[iam.PolicyStatement]:
    packages = [sagemaker_arn(scope, "model-package", f"{each.model_group}/*") for each in settings.split()]
    endpoints = [sagemaker_arn(scope, "endpoint", each.endpoint_name) for each in settings.split()]
    return [
        iam.PolicyStatement(actions=["sagemaker:DescribeEndpoint"], resources=endpoints),
        iam.PolicyStatement(actions=["sagemaker:DescribeEndpointConfig"], resources=[generated_arn(scope, settings, CONFIG)]),
        iam.PolicyStatement(actions=["sagemaker:DescribeModel"], resources=[generated_arn(scope, settings, MODEL)]),
        iam.PolicyStatement(actions=["sagemaker:ListModelPackages", "sagemaker:DescribeModelPackage"], resources=packages),
    ]


def _alarm_arn(scope: Construct, name: str) -> str:
    return Stack.of(scope).format_arn(service="cloudwatch", resource="alarm", resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME)
