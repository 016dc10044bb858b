"""The model package group: the only code here that meets SageMaker."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from functions.rollout.service import NotYet, Package

WAIT_FOR = {"ConflictException", "ThrottlingException", "Throttling", "RequestLimitExceeded", "TooManyRequestsException"}


class Registry:
    """A group's packages.

    Args:    sagemaker: botocore's client.
             group: the group's name.
    """

    def __init__(self, sagemaker: Any, group: str) -> None:
        self._sagemaker, self._group = sagemaker, group

    def newest_approved(self) -> Package | None:
        """Return the approved package of the highest version, or None."""
        newest = max(self._approved(), key=lambda each: int(each["ModelPackageVersion"]), default=None)
        if newest is None:
            return None
        arn = str(newest["ModelPackageArn"])
        found = self._ask("describe_model_package", ModelPackageName=arn)
        changed = found.get("LastModifiedTime") or found["CreationTime"]
        return Package(arn, int(newest["ModelPackageVersion"]), changed.isoformat())

    def reject(self, package: Package, why: str) -> None:
        """Reject the package; whoever looks at the group sees why."""
        self._ask("update_model_package", ModelPackageArn=package.arn, ModelApprovalStatus="Rejected", ApprovalDescription=why)

    def _approved(self) -> Iterator[dict[str, Any]]:
        more: dict[str, Any] = {"ModelPackageGroupName": self._group, "ModelApprovalStatus": "Approved", "MaxResults": 100}
        while True:
            page = self._ask("list_model_packages", **more)
            yield from (each for each in page["ModelPackageSummaryList"] if each.get("ModelPackageVersion"))
            if not page.get("NextToken"):
                return
            more["NextToken"] = page["NextToken"]

    def _ask(self, operation: str, **request: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._sagemaker, operation)(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] in WAIT_FOR:
                raise NotYet(str(error)) from error
            raise
        return answer
