"""Whether nothing waits: the queues are empty once their work is done, and no dead letter is left."""

from typing import Any

from cli.stage.aws import translate_aws_errors
from cli.verify.check import Check, require
from cli.verify.deployment import Deployment

LIMIT_S = 60
COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


def list_checks() -> list[Check]:
    """Return the checks."""
    return [
        Check(
            "queues",
            "no dead letter",
            check_dead_letters,
            "`inferstack jobs dead` lists them; see docs/uploads-for-operators.md, A dead letter",
        ),
        Check("queues", "nothing waits", check_queues, "see docs/uploads-for-operators.md, A backlog"),
    ]


def check_dead_letters(deployment: Deployment) -> str:
    """Count the messages of the dead-letter queues."""
    dead = [queue for queue in _read_queues(deployment) if not queue["has_dead_letter_queue"]]
    require(dead, "the stage has no dead-letter queue")
    full = [f"{queue['name']}: {queue['messages']}" for queue in dead if queue["messages"]]
    require(not full, f"dead letters in {', '.join(full)}")
    return f"{len(dead)} dead-letter queues are empty"


def check_queues(deployment: Deployment) -> str:
    """Wait until the other queues are empty."""

    def list_full() -> list[str]:
        queues = [queue for queue in _read_queues(deployment) if queue["has_dead_letter_queue"]]
        return [f"{queue['name']}: {queue['messages']}" for queue in queues if queue["messages"]]

    deployment.wait_until(lambda: not list_full(), LIMIT_S, pause_s=2)
    full = list_full()
    require(not full, f"messages wait in {', '.join(full)}")
    return "every queue is empty"


def _read_queues(deployment: Deployment) -> list[dict[str, Any]]:
    sqs, queues = deployment.clients("sqs"), []
    for url in deployment.list_resources("AWS::SQS::Queue"):
        with translate_aws_errors():
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        messages = sum(int(attributes.get(count, 0)) for count in COUNTS)
        queues.append({"name": url.rpartition("/")[2], "messages": messages, "has_dead_letter_queue": "RedrivePolicy" in attributes})
    return queues
