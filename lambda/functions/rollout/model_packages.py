"""The model package group, by SageMaker."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from functions.rollout.interface import NotYet, Package

PAGE_SIZE = 100  # the most that SageMaker lists at once
ENDS_BY_ITSELF = {"ConflictException", "ThrottlingException", "Throttling", "RequestLimitExceeded", "TooManyRequestsException"}


class ModelPackages:
    """The packages of one group.

    Args:    sagemaker: botocore's client.
             group: the group's name.
    """

    def __init__(self, sagemaker: Any, group: str) -> None:
        self._sagemaker, self._group = sagemaker, group

    def find_newest_approved(self) -> Package | None:
        """Return the approved package of the highest version, or None."""
        with _translate_errors():
            pages = self._sagemaker.get_paginator("list_model_packages").paginate(
                ModelPackageGroupName=self._group, ModelApprovalStatus="Approved", PaginationConfig={"PageSize": PAGE_SIZE}
            )
            versions = [each for page in pages for each in page["ModelPackageSummaryList"] if each.get("ModelPackageVersion")]
            newest = max(versions, key=lambda each: int(each["ModelPackageVersion"]), default=None)
            if newest is None:
                return None
            package = self._sagemaker.describe_model_package(ModelPackageName=newest["ModelPackageArn"])
        changed_at = package.get("LastModifiedTime") or package["CreationTime"]
        return Package(newest["ModelPackageArn"], int(newest["ModelPackageVersion"]), changed_at.isoformat())

    def reject(self, package: Package, reason: str) -> None:
        """Reject the package; whoever looks at the group sees the reason."""
        with _translate_errors():
            self._sagemaker.update_model_package(ModelPackageArn=package.arn, ModelApprovalStatus="Rejected", ApprovalDescription=reason)


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Raise NotYet for what ends by itself."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in ENDS_BY_ITSELF:
            raise NotYet(str(error)) from error
        raise
