"""Service Quotas as a new AWS account has them: 0 of most machines. moto knows only those of VPC."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

QUOTAS = {
    "sagemaker": {
        "Maximum total concurrency that can be allocated across all serverless endpoints": ("L-96300102", 10.0),
        "ml.c7i.large for endpoint usage": ("L-0000C71A", 0.0),
        "ml.g4dn.xlarge for endpoint usage": ("L-00000640", 0.0),
        "ml.m5.large for transform job usage": ("L-236AE59F", 0.0),
        "ml.m5.xlarge for processing job usage": ("L-0307F515", 0.0),
        "ml.m5.xlarge for training job usage": ("L-00000371", 4.0),
        "ml.m5.xlarge for spot training job usage": ("L-4CEE6BA6", 0.0),
        "ml.t3.medium for notebook instance usage": ("L-0000073A", 1.0),
    },
    "lambda": {"Concurrent executions": ("L-B99A9384", 10.0)},
    "codebuild": {"Concurrently running builds for Linux/Small environment": ("L-0000B11D", 1.0)},
}


class NewAccountQuotas:
    """A client of Service Quotas; `lists` counts how often a whole service was listed."""

    def __init__(self) -> None:
        self.quotas: dict[str, dict[str, tuple[str, float]]] = {service: dict(of_service) for service, of_service in QUOTAS.items()}
        self.lists = 0

    def get_service_quota(self, ServiceCode: str, QuotaCode: str) -> dict[str, Any]:  # noqa: N803 - AWS's names
        for quota in self._describe(ServiceCode):
            if quota["QuotaCode"] == QuotaCode:
                return {"Quota": quota}
        raise ClientError({"Error": {"Code": "NoSuchResourceException", "Message": "no such quota"}}, "GetServiceQuota")

    def get_paginator(self, operation: str) -> "NewAccountQuotas":
        assert operation == "list_service_quotas"
        return self

    def paginate(self, ServiceCode: str, PaginationConfig: dict[str, int]) -> Iterator[dict[str, Any]]:  # noqa: N803 - AWS's names
        assert PaginationConfig["PageSize"] <= 100
        self.lists += 1
        for quota in self._describe(ServiceCode):
            yield {"Quotas": [quota]}

    def _describe(self, service: str) -> list[dict[str, Any]]:
        return [{"QuotaName": name, "QuotaCode": code, "Value": value} for name, (code, value) in self.quotas[service].items()]
