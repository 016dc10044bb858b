"""The deployment's alarms, by CloudWatch."""

from collections.abc import Sequence
from typing import Any

from functions.shared.object_store import format_time

MOST = 100  # that CloudWatch describes at once
ORDER = ("ALARM", "INSUFFICIENT_DATA", "OK")


class Alarms:
    """Alarms by their names.

    Args:    cloudwatch: botocore's client.
             names: the alarms'; a policy allows each of them and no others, so they are asked for by name.
    """

    def __init__(self, cloudwatch: Any, names: Sequence[str]) -> None:
        self._cloudwatch, self._names = cloudwatch, names

    def describe(self) -> dict[str, Any]:
        """Return each alarm's state and since when, the raised ones first; and which of the names have no alarm."""
        parts = [self._names[start : start + MOST] for start in range(0, len(self._names), MOST)]
        found = [each for part in parts for each in self._describe(part)]
        alarms = [
            {
                "name": each["AlarmName"],
                "description": each.get("AlarmDescription", ""),
                "state": each["StateValue"],
                "since": format_time(each["StateUpdatedTimestamp"].timestamp()),
            }
            for each in found
        ]
        missing = sorted({*self._names} - {each["name"] for each in alarms})
        return {"alarms": sorted(alarms, key=lambda each: (ORDER.index(each["state"]), each["name"])), "missing": missing}

    def _describe(self, names: Sequence[str]) -> list[dict[str, Any]]:
        alarms: list[dict[str, Any]] = self._cloudwatch.describe_alarms(AlarmNames=list(names), MaxRecords=MOST)["MetricAlarms"]
        return alarms
