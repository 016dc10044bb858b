"""Where uploads arrive and how they are processed: bucket → queue → function, with a dead-letter queue for uploads that failed."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from deployment.settings import UPLOAD_REQUESTS, Settings, takes_volume_key
from functions.process_upload.config import Config
from functions.process_upload.interface import DETAIL_TYPE, SOURCE, TRANSFORM_STATE_CHANGE
from functions.shared import areas
from stacks.constructs.acknowledge import SOURCE_DESTINATION, acknowledge
from stacks.constructs.alarms import create_alarm, oldest_message_s, waiting_messages
from stacks.constructs.conditions import AS_A_PART, UNLESS_IT_IS_THERE, only, under
from stacks.constructs.encryption import find_key_arn
from stacks.constructs.function import Function, QueueAlarm
from stacks.constructs.queues import QueuePair, wake_every
from stacks.constructs.sagemaker import AS_PART_OF_CREATION, CONFIG, MODEL, generated_arn, sagemaker_arn
from stacks.constructs.uploads.bucket import UPLOAD_AREAS, create_uploads_bucket
from stacks.constructs.web.events import Events

VISIBILITY_FACTOR = 6  # AWS's advice: a message must not come back while Lambda still retries a throttled function
BATCH_SIZE = 1  # Lambda gives a whole batch back when a function is stopped: one file must not hold up others
OLDEST_UPLOAD_S = 900


class Uploads(Construct):
    """The bucket, the queues of its events and the function that processes them.

    bucket       for signing uploads
    queue        what waits
    dead_letters messages that failed too often
    function     for its metrics
    alarms       on uploads that failed or wait too long, and the function's
    """

    bucket: s3.Bucket
    queue: sqs.Queue
    dead_letters: sqs.Queue
    function: Function
    alarms: list[cloudwatch.Alarm]

    def __init__(
        self, scope: Construct, name: str, *, settings: Settings, endpoint_arns: Sequence[str], results: s3.IBucket, events_api: Events
    ) -> None:
        super().__init__(scope, name)
        self._settings, self._results = settings, results
        visibility_timeout_s = VISIBILITY_FACTOR * settings.upload_timeout_s
        self._queues = QueuePair(self, visibility_timeout_s=visibility_timeout_s, max_receives=settings.upload_attempts + 1)
        self.queue, self.dead_letters = self._queues.queue, self._queues.dead_letters
        self.bucket = create_uploads_bucket(self, settings, self.queue)
        self.function = self._create_function(endpoint_arns, events_api)
        self._add_transform_rule()
        self.alarms = self._create_alarms()
        for output, value in {
            "UploadsBucketName": self.bucket.bucket_name,
            "ResultsBucketName": results.bucket_name,
            "UploadQueueUrl": self.queue.queue_url,
            "DeadLetterQueueUrl": self.dead_letters.queue_url,
        }.items():
            CfnOutput(Stack.of(self), output, value=value)

    def _create_alarms(self) -> list[cloudwatch.Alarm]:
        stack, name = Stack.of(self), f"inferstack-{self._settings.stage}"
        failed, oldest = waiting_messages(self.dead_letters), oldest_message_s(self.queue)
        return [
            create_alarm(stack, "DeadLetters", failed, 0, f"{name}: failed uploads wait in the dead-letter queue", at_once=True),
            create_alarm(
                stack, "OldestUpload", oldest, OLDEST_UPLOAD_S, f"{name}: an upload has waited over {OLDEST_UPLOAD_S // 60} minutes"
            ),
            *self.function.alarms,
        ]

    def _create_function(self, endpoint_arns: Sequence[str], events_api: Events) -> Function:
        settings, results = self._settings, self._results
        key = find_key_arn(self) or ""
        config = Config(
            endpoint_names=tuple(each.endpoint_name for each in settings.split()),
            endpoint_kind=settings.endpoint_kind,
            recipes=tuple(each.recipe for each in settings.split()),
            uploads_bucket=self.bucket.bucket_name,
            results_bucket=results.bucket_name,
            upload_queue_url=self.queue.queue_url,
            upload_attempts=settings.upload_attempts,
            events_url=events_api.url,
            in_flight=UPLOAD_REQUESTS,
            transform_over_bytes=settings.transform_over_mb * 1_000_000,
            transform_instance_type=settings.batch_instance_type,
            transform_prefix=settings.transform_prefix,
            transform_output_key=key,
            transform_volume_key=key if takes_volume_key(settings.batch_instance_type) else "",
            transform_tags=settings.tags,
        )
        function = Function(
            self,
            "Process",
            settings=settings,
            function="process_upload",
            config=config,
            allow=[
                *self._data_statements(),
                iam.PolicyStatement(actions=["sagemaker:InvokeEndpoint"], resources=endpoint_arns),
                *self._transform_statements(endpoint_arns),
                iam.PolicyStatement(
                    actions=["events:PutEvents"],
                    resources=[Stack.of(self).format_arn(service="events", resource="event-bus", resource_name="default")],
                    conditions=only({"events:source": [SOURCE], "events:detail-type": [DETAIL_TYPE]}),
                ),
                events_api.publish_statement(),
                self._queues.consume_statement(),
                self._queues.send_statement(),
            ],
            timeout_s=settings.upload_timeout_s,
            memory_mb=settings.upload_memory_mb,
            # Not fewer than the queue's source runs at once: it does not look at what is reserved, and messages would be thrown back.
            reserved=settings.upload_functions if settings.reserved_concurrency else 0,
            queue_alarm=QueueAlarm("the process_upload function crashes or runs out of time"),
        )
        source = lambda_.EventSourceMapping(
            self,
            "Source",
            target=function.function,
            event_source_arn=self.queue.queue_arn,
            batch_size=BATCH_SIZE,
            report_batch_item_failures=True,
            max_concurrency=settings.upload_functions,
        )
        acknowledge(source, {SOURCE_DESTINATION: "only streams have one; what this queue gives up goes to its dead-letter queue"})
        return function

    def _data_statements(self) -> Sequence[iam.PolicyStatement]:
        """Return what the function may read and write: uploads are read, results are written once, nothing is deleted."""
        uploads, results = self.bucket, self._results
        arrived = [f"{area}/*" for area in UPLOAD_AREAS]
        jobs = [results.arn_for_objects(f"{area}/*") for area in (areas.JOBS, areas.INBOX)]
        staged = results.arn_for_objects(f"{areas.TRANSFORM}/*")
        listed = under(*(f"{area}/*" for area in (areas.JOBS, areas.INBOX, areas.TRANSFORM)))
        return [
            # An event names the version.
            iam.PolicyStatement(actions=["s3:GetObjectVersion"], resources=[uploads.arn_for_objects(prefix) for prefix in arrived]),
            # To tell an upload that was deleted from one that may not be read.
            iam.PolicyStatement(
                actions=["s3:ListBucket", "s3:ListBucketVersions"], resources=[uploads.bucket_arn], conditions=under(*arrived)
            ),
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[results.bucket_arn], conditions=listed),
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[*jobs, staged]),
            iam.PolicyStatement(actions=["s3:PutObject"], resources=jobs, conditions=UNLESS_IT_IS_THERE),
            # The parts of a large result, of which only the end makes an object.
            iam.PolicyStatement(actions=["s3:PutObject"], resources=jobs, conditions=AS_A_PART),
            iam.PolicyStatement(actions=["s3:AbortMultipartUpload"], resources=jobs),
            # Staging a job again writes the same.
            iam.PolicyStatement(actions=["s3:PutObject"], resources=[staged]),
        ]

    def _transform_statements(self, endpoint_arns: Sequence[str]) -> Sequence[iam.PolicyStatement]:
        settings = self._settings
        transform_jobs = sagemaker_arn(self, "transform-job", f"{settings.transform_prefix}-*")
        tag = iam.PolicyStatement(actions=["sagemaker:AddTags"], resources=[transform_jobs], conditions=AS_PART_OF_CREATION)
        return [
            *([tag] if settings.tags else []),
            iam.PolicyStatement(actions=["sagemaker:DescribeEndpoint"], resources=endpoint_arns),
            iam.PolicyStatement(actions=["sagemaker:DescribeEndpointConfig"], resources=[generated_arn(self, settings, CONFIG)]),
            iam.PolicyStatement(actions=["sagemaker:DescribeTransformJob"], resources=[transform_jobs]),
            iam.PolicyStatement(
                actions=["sagemaker:CreateTransformJob"],
                resources=[transform_jobs],
                conditions={
                    **only({"sagemaker:InstanceTypes": [settings.batch_instance_type]}),
                    "ForAnyValue:ArnLike": {"sagemaker:ModelArn": generated_arn(self, settings, MODEL)},
                },
            ),
        ]

    def _add_transform_rule(self) -> None:
        """Send the end of a transform job to the same queue, with the same retries and the same dead-letter queue."""
        events.Rule(
            self,
            "TransformEnds",
            description="Batch Transform has finished an upload that was too large for the function",
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=[TRANSFORM_STATE_CHANGE],
                detail={
                    "TransformJobName": events.Match.prefix(f"{self._settings.transform_prefix}-"),
                    "TransformJobStatus": ["Completed", "Failed", "Stopped"],
                },
            ),
            targets=[targets.SqsQueue(self.queue, dead_letter_queue=self.dead_letters)],
        )
        wake_every(self, "LostEnds", Duration.hours(1), self._queues, "Looks for transform jobs of whose end no event came")
