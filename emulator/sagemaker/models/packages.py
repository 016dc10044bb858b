"""SageMaker's model registry: groups, the numbered model packages in them, and their approval."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from emulator.sagemaker.errors import SageMakerError, validation_exception
from emulator.sagemaker.models.listing import select_by_request, write_page
from emulator.sagemaker.operation import Operation, PutEvent, Request, Response, sagemaker_arn, select_fields

DETAIL_TYPE = "SageMaker Model Package State Change"
APPROVED, REJECTED, PENDING = "Approved", "Rejected", "PendingManualApproval"
COMPLETED = "Completed"
GROUP_FIELDS = ("ModelPackageGroupName", "ModelPackageGroupDescription")
GROUP_SUMMARY = (*GROUP_FIELDS, "ModelPackageGroupArn", "CreationTime", "ModelPackageGroupStatus")
PACKAGE_FIELDS = (
    "ModelPackageDescription",
    "InferenceSpecification",
    "ModelMetrics",
    "MetadataProperties",
    "DriftCheckBaselines",
    "CustomerMetadataProperties",
    "ModelApprovalStatus",
    "Domain",
    "Task",
    "SamplePayloadUrl",
    "SkipModelValidation",
    "SourceUri",
)
CHANGEABLE = ("ModelApprovalStatus", "ApprovalDescription", "InferenceSpecification", "SourceUri")
PACKAGE_SUMMARY = (
    "ModelPackageName",
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "ModelPackageStatus",
    "ModelApprovalStatus",
)
Package = dict[str, Any]


class ModelPackages:
    """The groups and their packages.

    Args:    add_tags: AddTags.
             kept: the packages of a run before; a group that is created again has them again.
    """

    def __init__(self, put_event: PutEvent, add_tags: Callable[[Request], object], kept: Sequence[Package] = ()) -> None:
        self._put_event, self._add_tags, self._kept = put_event, add_tags, kept
        self._created = set[str]()
        self._groups: dict[str, dict[str, Any]] = {}  # by ARN, as the packages
        self._packages: dict[str, Package] = {}
        self._lock = threading.RLock()

    @property
    def operations(self) -> dict[str, Operation]:
        """Each operation by its name in the API."""
        return {
            "CreateModelPackageGroup": self.create_group,
            "DescribeModelPackageGroup": lambda request: dict(self._group(request["ModelPackageGroupName"])),
            "ListModelPackageGroups": self.list_groups,
            "DeleteModelPackageGroup": self.delete_group,
            "CreateModelPackage": self.create,
            "DescribeModelPackage": lambda request: dict(self.find_package(request["ModelPackageName"])),
            "ListModelPackages": self.list_packages,
            "UpdateModelPackage": self.update,
            "DeleteModelPackage": self.delete,
        }

    def create_group(self, request: Request) -> Response:
        """CreateModelPackageGroup."""
        arn = sagemaker_arn("model-package-group", request["ModelPackageGroupName"])
        state = {"ModelPackageGroupArn": arn, "CreationTime": time.time(), "CreatedBy": {}, "ModelPackageGroupStatus": COMPLETED}
        with self._lock:
            if arn in self._groups:
                raise validation_exception(f"Model Package Group already exists: {arn}")
            self._groups[arn] = {**select_fields(request, *GROUP_FIELDS), **state}
            self._created.add(name := request["ModelPackageGroupName"])
            self._packages |= {each["ModelPackageArn"]: dict(each) for each in self._kept if each["ModelPackageGroupName"] == name}
        self._add_tags({"ResourceArn": arn, "Tags": request.get("Tags", [])})
        return {"ModelPackageGroupArn": arn}

    def list_all(self) -> list[Package]:
        """Return every package, for the next run; also those of a run before whose group this one has not created."""
        with self._lock:
            unclaimed = [each for each in self._kept if each["ModelPackageGroupName"] not in self._created]
            return [dict(package) for package in (*unclaimed, *self._packages.values())]

    def list_groups(self, request: Request) -> Response:
        """ListModelPackageGroups."""
        with self._lock:
            groups = [dict(group) for group in self._groups.values()]
        groups = select_by_request(groups, request, "ModelPackageGroupName")
        return write_page("ModelPackageGroupSummaryList", groups, request, GROUP_SUMMARY)

    def delete_group(self, request: Request) -> Response:
        """DeleteModelPackageGroup: refused while there are packages in it."""
        with self._lock:
            group = self._group(request["ModelPackageGroupName"])
            if packages := self._packages_of(group):
                reason = f"it contains {len(packages)} Model Package(s): delete them first."
                raise SageMakerError(
                    400, "ConflictException", f"Model Package Group {group['ModelPackageGroupArn']} cannot be deleted because {reason}"
                )
            del self._groups[group["ModelPackageGroupArn"]]
        return {}

    def create(self, request: Request) -> Response:
        """CreateModelPackage: the group's next version."""
        _require_known_status(request)
        with self._lock:
            group = self._group(request["ModelPackageGroupName"])
            name = group["ModelPackageGroupName"]
            version = 1 + max((package["ModelPackageVersion"] for package in self._packages_of(group)), default=0)
            arn = sagemaker_arn("model-package", f"{name}/{version}")
            now = time.time()
            self._packages[arn] = package = {
                "ModelApprovalStatus": PENDING,
                **select_fields(request, *PACKAGE_FIELDS),
                "ModelPackageName": name,
                "ModelPackageGroupName": name,
                "ModelPackageVersion": version,
                "ModelPackageArn": arn,
                "ModelPackageStatus": COMPLETED,
                "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
                "CertifyForMarketplace": False,
                "CreationTime": now,
                "LastModifiedTime": now,
            }
            snapshot = dict(package)
        self._add_tags({"ResourceArn": arn, "Tags": request.get("Tags", [])})
        self._announce(snapshot)
        return {"ModelPackageArn": arn}

    def list_packages(self, request: Request) -> Response:
        """ListModelPackages: a group's; without one, as in SageMaker, versioned packages only if ModelPackageType asks for them."""
        with self._lock:
            if "ModelPackageGroupName" in request:
                packages = self._packages_of(self._group(request["ModelPackageGroupName"]))
            else:
                packages = list(self._packages.values()) if request.get("ModelPackageType") in {"Versioned", "Both"} else []
            packages = [dict(package) for package in packages]
        status = request.get("ModelApprovalStatus")
        packages = [package for package in packages if status in {None, package["ModelApprovalStatus"]}]
        packages = select_by_request(packages, request, "ModelPackageName")
        return write_page("ModelPackageSummaryList", packages, request, PACKAGE_SUMMARY)

    def update(self, request: Request) -> Response:
        """UpdateModelPackage: the given fields change; a change of the approval puts an event."""
        _require_known_status(request)
        with self._lock:
            package = self.find_package(request["ModelPackageArn"])
            before = package["ModelApprovalStatus"]
            package.update(select_fields(request, *CHANGEABLE), LastModifiedTime=time.time())
            properties = {**package.get("CustomerMetadataProperties", {}), **request.get("CustomerMetadataProperties", {})}
            removed = request.get("CustomerMetadataPropertiesToRemove", [])
            package["CustomerMetadataProperties"] = {key: value for key, value in properties.items() if key not in removed}
            snapshot = dict(package)
        if snapshot["ModelApprovalStatus"] != before:
            self._announce(snapshot)
        return {"ModelPackageArn": snapshot["ModelPackageArn"]}

    def delete(self, request: Request) -> Response:
        """DeleteModelPackage."""
        with self._lock:
            del self._packages[self.find_package(request["ModelPackageName"])["ModelPackageArn"]]
        return {}

    def find_package(self, name: str) -> Package:
        """Return a package by its ARN, or by group/version; raise SageMakerError if there is none."""
        arn = name.lower() if name.startswith("arn:") else sagemaker_arn("model-package", name)
        with self._lock:
            if arn not in self._packages:
                raise validation_exception(f"ModelPackage {arn} does not exist.")
            return self._packages[arn]

    def resolve_container(self, container: Mapping[str, Any]) -> dict[str, Any]:
        """Return a model's container; one that names a package gets the package's, with its own environment over it.

        Raises:  SageMakerError: there is no such package, or it has no archive.
        """
        if "ModelPackageName" not in container:
            return dict(container)
        package = self.find_package(container["ModelPackageName"])
        package_container = (package.get("InferenceSpecification", {}).get("Containers") or [{}])[0]
        if "ModelDataUrl" not in package_container:
            raise validation_exception(
                f"ModelPackage {package['ModelPackageArn']} has no InferenceSpecification.Containers[0].ModelDataUrl to serve."
            )
        return {**package_container, "Environment": {**package_container.get("Environment", {}), **container.get("Environment", {})}}

    def _group(self, name: str) -> dict[str, Any]:
        arn = name.lower() if name.startswith("arn:") else sagemaker_arn("model-package-group", name)
        with self._lock:
            if arn not in self._groups:
                raise validation_exception(f"ModelPackageGroup {arn} does not exist.")
            return self._groups[arn]

    def _packages_of(self, group: Mapping[str, Any]) -> list[Package]:
        return [package for package in self._packages.values() if package["ModelPackageGroupName"] == group["ModelPackageGroupName"]]

    def _announce(self, package: Package) -> None:
        """Put the event of a package's state: DescribeModelPackage's response, with times as text."""
        times = {name: _format_time(package[name]) for name in ("CreationTime", "LastModifiedTime")}
        self._put_event("aws.sagemaker", DETAIL_TYPE, {**package, **times})


def _require_known_status(request: Request) -> None:
    status = request.get("ModelApprovalStatus", PENDING)
    if status not in {APPROVED, REJECTED, PENDING}:
        raise validation_exception(
            f"1 validation error detected: Value '{status}' at 'modelApprovalStatus' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{APPROVED}, {REJECTED}, {PENDING}]"
        )


def _format_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
