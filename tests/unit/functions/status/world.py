"""A deployment as AWS tells it, by fakes that answer in AWS's words."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

AT = datetime(2026, 11, 29, 14, 0, tzinfo=UTC)
GROUP_ARN = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/any-group"


class AwsError(Exception):
    """botocore's ClientError, as far as it is looked at."""

    def __init__(self, code: str, operation: str) -> None:
        super().__init__(f"{operation}: {code} for arn:aws:any:secret")
        self.response, self.operation_name = {"Error": {"Code": code}}, operation


class FakeSageMaker:
    """An endpoint of one variant.

    Args:    version: of the package behind it; None for a model without one.
             approved: the numbers of the approved packages.
             refusal: raised in place of the endpoint's description.
    """

    def __init__(
        self, version: int | None = None, approved: tuple[int, ...] = (), refusal: Exception | None = None, **endpoint: Any
    ) -> None:
        self._version, self._approved, self._refusal, self._endpoint = version, approved, refusal, endpoint
        self.looks = 0

    def describe_endpoint(self, **_: Any) -> dict[str, Any]:
        self.looks += 1
        if self._refusal:
            raise self._refusal
        serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
        variant = {"VariantName": "AllTraffic", "CurrentWeight": 1.0, "CurrentServerlessConfig": serverless}
        described = {
            "EndpointStatus": "InService",
            "EndpointConfigName": "any-config",
            "LastModifiedTime": AT,
            "ProductionVariants": [variant],
        }
        return {**described, **self._endpoint}

    def describe_endpoint_config(self, **request: str) -> dict[str, Any]:
        assert request == {"EndpointConfigName": "any-config"}
        return {"ProductionVariants": [{"VariantName": "AllTraffic", "ModelName": "any-model"}]}

    def describe_model(self, **request: str) -> dict[str, Any]:
        assert request == {"ModelName": "any-model"}
        return {"PrimaryContainer": {"ModelPackageName": f"{GROUP_ARN}/{self._version}"} if self._version else {"ModelDataUrl": "s3://any"}}

    def get_paginator(self, name: str) -> Any:
        assert name == "list_model_packages"
        return SimpleNamespace(paginate=self._list_packages)

    def _list_packages(self, **request: Any) -> Iterator[dict[str, Any]]:
        assert request["ModelApprovalStatus"] == "Approved"
        for number in self._approved:  # a page each
            yield {"ModelPackageSummaryList": [{"ModelPackageVersion": number, "ModelPackageArn": f"{GROUP_ARN}/{number}"}]}

    def describe_model_package(self, **_: str) -> dict[str, Any]:
        return {"LastModifiedTime": AT, "CreationTime": AT, "ApprovalDescription": "better on photos"}


class FakeSqs:
    """Queues by their URLs, each with its attributes."""

    def __init__(self, **queues: dict[str, str]) -> None:
        self._queues = queues

    def get_queue_attributes(self, **request: Any) -> dict[str, Any]:
        return {"Attributes": self._queues[request["QueueUrl"].rpartition("/")[2]]}


class FakeCloudWatch:
    """Alarms by their names, each with its state; datapoints of any metric."""

    def __init__(self, alarms: dict[str, str] | None = None, ages_s: tuple[float, ...] = ()) -> None:
        self._alarms, self._ages_s = alarms or {}, ages_s
        self.asked: list[list[str]] = []

    def describe_alarms(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request["AlarmNames"])
        known = [name for name in request["AlarmNames"] if name in self._alarms]
        return {
            "MetricAlarms": [
                {"AlarmName": name, "AlarmDescription": f"{name} happens", "StateValue": self._alarms[name], "StateUpdatedTimestamp": AT}
                for name in known
            ]
        }

    def get_metric_statistics(self, **_: Any) -> dict[str, Any]:
        points = [{"Timestamp": AT.replace(minute=minute), "Maximum": age_s} for minute, age_s in enumerate(self._ages_s)]
        return {"Datapoints": points[::-1]}  # CloudWatch promises no order
