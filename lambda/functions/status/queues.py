"""The queue of uploads and its dead letters, by SQS; how long the oldest has waited, by CloudWatch."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

PERIOD_S = 60
LATELY = timedelta(minutes=5)  # SQS tells CloudWatch once a minute, and some minutes late
COUNTS = {
    "waiting": "ApproximateNumberOfMessages",
    "in_progress": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


class Queues:
    """The queue and its dead-letter queue.

    Args:    sqs, cloudwatch: botocore's clients.
             queue_url, dead_letter_queue_url: the queues'.
             now: replaced in tests.
    """

    def __init__(
        self,
        sqs: Any,
        cloudwatch: Any,
        *,
        queue_url: str,
        dead_letter_queue_url: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sqs, self._cloudwatch, self._now = sqs, cloudwatch, now
        self._queue_url, self._dead_letter_queue_url = queue_url, dead_letter_queue_url

    def describe(self) -> dict[str, Any]:
        """Return how many uploads wait, are worked on and have failed for good, and the age of the oldest; None where none is known."""
        counts, oldest_s = self._count(self._queue_url), self._read_oldest_s()
        dead_letters = sum(self._count(self._dead_letter_queue_url).values())
        waiting = counts["waiting"] + counts.pop("delayed")
        return {
            **counts,
            "waiting": waiting,
            "dead_letters": dead_letters,
            "oldest_s": oldest_s if waiting + counts["in_progress"] else None,  # CloudWatch's last word is of a message that has gone
        }

    def _count(self, url: str) -> dict[str, int]:
        attributes: Mapping[str, str] = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTS.values()))["Attributes"]
        return {name: int(attributes.get(attribute, 0)) for name, attribute in COUNTS.items()}

    def _read_oldest_s(self) -> int | None:
        now = self._now()
        points = self._cloudwatch.get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName="ApproximateAgeOfOldestMessage",
            Dimensions=[{"Name": "QueueName", "Value": self._queue_url.rpartition("/")[2]}],
            StartTime=now - LATELY,
            EndTime=now + timedelta(seconds=PERIOD_S),
            Period=PERIOD_S,
            Statistics=["Maximum"],
        )["Datapoints"]
        newest = max(points, key=lambda point: point["Timestamp"], default=None)
        return int(newest["Maximum"]) if newest else None
