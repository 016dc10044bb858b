"""A queue with its dead-letter queue: encrypted, over TLS only, and messages are kept for as long as SQS offers."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.acknowledge import QUEUE_KEY, REDRIVE, acknowledge
from stacks.constructs.encryption import find_key

RETENTION = Duration.days(14)  # the longest that SQS offers


class QueuePair:
    """A queue, and the dead-letter queue for the messages that were received too often. Both are children of the given scope.

    queue, dead_letters
    """

    queue: sqs.Queue
    dead_letters: sqs.Queue

    def __init__(self, scope: Construct, *, visibility_timeout_s: int, max_receives: int) -> None:
        key = find_key(scope)
        encryption = sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED
        self.dead_letters = sqs.Queue(
            scope, "DeadLetters", encryption=encryption, encryption_master_key=key, enforce_ssl=True, retention_period=RETENTION
        )
        acknowledge(self.dead_letters, {REDRIVE: "this is the dead-letter queue"})
        self.queue = sqs.Queue(
            scope,
            "Queue",
            encryption=encryption,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=RETENTION,
            visibility_timeout=Duration.seconds(visibility_timeout_s),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=max_receives),
        )
        for queue in () if key else (self.queue, self.dead_letters):
            acknowledge(queue, {QUEUE_KEY: "a message names an object and holds none of it; SQS encrypts it with a key of its own"})

    def send_statement(self) -> iam.PolicyStatement:
        """Return the statement that lets a function send messages to the queue."""
        return iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self.queue.queue_arn])

    def consume_statement(self) -> iam.PolicyStatement:
        """Return the statement that lets a function receive, postpone and delete messages of the queue."""
        return iam.PolicyStatement(
            actions=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
            resources=[self.queue.queue_arn],
        )


def wake_every(scope: Construct, id_: str, time: Duration, queues: QueuePair, description: str) -> None:
    """Send a message to the queue once in a while, for what no event told: AWS promises to deliver none of SageMaker's."""
    events.Rule(
        scope,
        id_,
        description=description,
        schedule=events.Schedule.rate(time),
        targets=[targets.SqsQueue(queues.queue, dead_letter_queue=queues.dead_letters)],
    )
