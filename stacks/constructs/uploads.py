"""Where uploads arrive and how they are processed: bucket → queue → function, with a dead-letter queue for what is tried in vain."""

from collections.abc import Sequence

from aws_cdk import Aws, CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from deployment.settings import UPLOAD_REQUESTS, Settings
from functions.process_upload.config import Config
from stacks.constructs.acknowledged import acknowledge
from stacks.constructs.bucket import private_bucket
from stacks.constructs.events import Events
from stacks.constructs.function import Function

KEPT = Duration.days(14)  # the most a queue keeps
VISIBILITY_FACTOR = 6  # AWS's advice: a message must not come back while a throttled function is still asked to take it
BATCH_SIZE = 5
AREAS = ("uploads/", "inbox/")
POST_FROM_ANY_PAGE = s3.CorsRule(
    # A presigned form is its own permission, and S3 knows no cookies: which page sends it does not matter.
    allowed_methods=[s3.HttpMethods.POST],
    allowed_origins=["*"],
    allowed_headers=["*"],
    max_age=3600,
)


class Uploads(Construct):
    """The bucket, its queues and the function that empties them.

    bucket       for signing uploads
    queue        what waits
    dead_letters what was tried in vain
    function     for its metrics
    """

    bucket: s3.Bucket
    queue: sqs.Queue
    dead_letters: sqs.Queue
    function: lambda_.Function

    def __init__(
        self, scope: Construct, name: str, *, settings: Settings, endpoint_arn: str, results: s3.IBucket, events_api: Events
    ) -> None:
        super().__init__(scope, name)
        self._settings, self._results = settings, results
        self.dead_letters = sqs.Queue(
            self, "DeadLetters", encryption=sqs.QueueEncryption.SQS_MANAGED, enforce_ssl=True, retention_period=KEPT
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=KEPT,
            visibility_timeout=Duration.seconds(VISIBILITY_FACTOR * settings.upload_timeout_s),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=settings.upload_attempts),
        )
        acknowledge(self.dead_letters, {"SQS3": "this is the dead-letter queue"})
        self.bucket = self._bucket()
        self.function = self._function(endpoint_arn, events_api)
        self._take_transform_ends()
        for output, value in {
            "UploadsBucketName": self.bucket.bucket_name,
            "ResultsBucketName": results.bucket_name,
            "UploadQueueUrl": self.queue.queue_url,
            "DeadLetterQueueUrl": self.dead_letters.queue_url,
        }.items():
            CfnOutput(self, output, value=value).override_logical_id(output)

    def _bucket(self) -> s3.Bucket:
        """Return the bucket: versioned, so that an event's own version is read whatever comes after it under the same key."""
        settings = self._settings
        expiry = s3.LifecycleRule(
            id="expire",
            expiration=Duration.days(settings.upload_days),
            noncurrent_version_expiration=Duration.days(settings.upload_days),
        )
        bucket = private_bucket(
            self,
            "Bucket",
            removal_policy=RemovalPolicy.RETAIN if settings.retain_data else RemovalPolicy.DESTROY,
            versioned=True,
            lifecycle=[expiry],
            cors=[POST_FROM_ANY_PAGE],
        )
        acknowledge(bucket, {"S1": "each upload has a job of its own, which says when it came and what became of it"})
        # The bucket's own property, not CDK's custom resource, whose role may change the notifications of every bucket.
        rules = [s3.CfnBucket.FilterRuleProperty(name="prefix", value=area) for area in AREAS]
        resource = bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)  # noqa: S101 - for the type checker
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            queue_configurations=[
                s3.CfnBucket.QueueConfigurationProperty(
                    event="s3:ObjectCreated:*",
                    queue=self.queue.queue_arn,
                    filter=s3.CfnBucket.NotificationFilterProperty(s3_key=s3.CfnBucket.S3KeyFilterProperty(rules=[rule])),
                )
                for rule in rules
            ]
        )
        # The bucket is made after this policy, so the policy knows it by how CloudFormation names it: after the stack.
        name = f"arn:{Aws.PARTITION}:s3:::{Stack.of(self).stack_name.lower()}-*"
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={"ArnLike": {"aws:SourceArn": name}, "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
        policy = self.queue.node.find_child("Policy")
        resource.node.add_dependency(policy)
        return bucket

    def _function(self, endpoint_arn: str, events_api: Events) -> lambda_.Function:
        settings, results = self._settings, self._results
        prefix = f"inferstack-{settings.stage}"
        config = Config(
            endpoint_name=settings.endpoint_name,
            recipe=settings.recipe,
            uploads_bucket=self.bucket.bucket_name,
            results_bucket=results.bucket_name,
            upload_queue_url=self.queue.queue_url,
            events_url=events_api.url,
            chunk_bytes=settings.upload_chunk_bytes,
            in_flight=UPLOAD_REQUESTS,
            transform_over_bytes=settings.transform_over_mb * 1_000_000,
            transform_instance_type=settings.batch_instance_type,
            transform_prefix=prefix,
        )
        function = Function(
            self,
            "Process",
            settings=settings,
            function="process_upload",
            config=config,
            allow=[
                *self._data_statements(),
                iam.PolicyStatement(actions=["sagemaker:InvokeEndpoint"], resources=[endpoint_arn]),
                *self._transform_statements(endpoint_arn, prefix),
                iam.PolicyStatement(actions=["events:PutEvents"], resources=[self._arn("events", "event-bus", "default")]),
                events_api.publish_statement(),
                iam.PolicyStatement(
                    actions=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
                    resources=[self.queue.queue_arn],
                ),
            ],
            timeout_s=settings.upload_timeout_s,
            memory_mb=settings.upload_memory_mb,
        ).function
        lambda_.EventSourceMapping(
            self,
            "Source",
            target=function,
            event_source_arn=self.queue.queue_arn,
            batch_size=BATCH_SIZE,
            report_batch_item_failures=True,
            max_concurrency=settings.upload_functions,
        )
        return function

    def _data_statements(self) -> Sequence[iam.PolicyStatement]:
        """Return what the function may read and write: uploads are read, results are written, nothing is deleted."""
        uploads, results = self.bucket, self._results
        areas = [uploads.arn_for_objects(f"{area}*") for area in AREAS]
        written = [results.arn_for_objects(f"{area}/*") for area in ("jobs", "inbox", "transform")]
        return [
            iam.PolicyStatement(actions=["s3:GetObject", "s3:GetObjectVersion"], resources=areas),
            # Listing makes S3 say "not found" where it would say "forbidden".
            iam.PolicyStatement(actions=["s3:ListBucket", "s3:ListBucketVersions"], resources=[uploads.bucket_arn]),
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[results.bucket_arn]),
            iam.PolicyStatement(actions=["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], resources=written),
        ]

    def _transform_statements(self, endpoint_arn: str, prefix: str) -> Sequence[iam.PolicyStatement]:
        model = self._arn("sagemaker", "model", "*")  # which model the endpoint runs is known only when it is asked
        config = self._arn("sagemaker", "endpoint-config", "*")
        job = self._arn("sagemaker", "transform-job", f"{prefix}-*")
        return [
            iam.PolicyStatement(actions=["sagemaker:DescribeEndpoint"], resources=[endpoint_arn]),
            iam.PolicyStatement(actions=["sagemaker:DescribeEndpointConfig"], resources=[config]),
            iam.PolicyStatement(actions=["sagemaker:CreateTransformJob"], resources=[job, model]),
        ]

    def _take_transform_ends(self) -> None:
        """Let the end of a transform job come to the same queue, with the same retries and the same dead-letter queue."""
        events.Rule(
            self,
            "TransformEnds",
            description="Batch Transform has finished an upload that was too large for the function",
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=["SageMaker Transform Job State Change"],
                detail={
                    "TransformJobName": events.Match.prefix(f"inferstack-{self._settings.stage}-"),
                    "TransformJobStatus": ["Completed", "Failed", "Stopped"],
                },
            ),
            targets=[targets.SqsQueue(self.queue, dead_letter_queue=self.dead_letters)],
        )

    def _arn(self, service: str, resource: str, name: str) -> str:
        return Stack.of(self).format_arn(service=service, resource=resource, resource_name=name)
