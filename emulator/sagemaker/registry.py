"""SageMaker's model registry: groups, the numbered model packages in them, and who may serve them."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from emulator.sagemaker.errors import SageMakerError, invalid

DETAIL_TYPE = "SageMaker Model Package State Change"
APPROVED, REJECTED, PENDING = "Approved", "Rejected", "PendingManualApproval"
COMPLETED = "Completed"
MAX_RESULTS = 100
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
Request = Mapping[str, Any]
Package = dict[str, Any]


class Registry:
    """The groups and packages there are.

    Args:    arn_of: (resource type, name) → its ARN.
             emit: puts an event of a service on the default bus: (source, detail type, detail).
             tag: AddTags.
    """

    def __init__(
        self,
        arn_of: Callable[[str, str], str],
        emit: Callable[[str, str, Mapping[str, Any]], None] = lambda *_: None,
        tag: Callable[[Request], object] = lambda _: None,
    ) -> None:
        self._arn_of, self._emit, self._tag = arn_of, emit, tag
        self._groups: dict[str, dict[str, Any]] = {}  # by ARN, as the packages
        self._packages: dict[str, Package] = {}
        self._lock = threading.RLock()

    @property
    def operations(self) -> dict[str, Callable[[Request], dict[str, Any]]]:
        """Each operation by its name in the API."""
        return {
            "CreateModelPackageGroup": self.create_group,
            "DescribeModelPackageGroup": lambda request: dict(self._group(request["ModelPackageGroupName"])),
            "ListModelPackageGroups": self.list_groups,
            "DeleteModelPackageGroup": self.delete_group,
            "CreateModelPackage": self.create,
            "DescribeModelPackage": lambda request: dict(self.package(request["ModelPackageName"])),
            "ListModelPackages": self.list_packages,
            "UpdateModelPackage": self.update,
            "DeleteModelPackage": self.delete,
        }

    def create_group(self, request: Request) -> dict[str, Any]:
        """CreateModelPackageGroup."""
        arn = self._arn_of("model-package-group", request["ModelPackageGroupName"])
        made = {"ModelPackageGroupArn": arn, "CreationTime": time.time(), "CreatedBy": {}, "ModelPackageGroupStatus": COMPLETED}
        with self._lock:
            if arn in self._groups:
                raise invalid(f"Model Package Group already exists: {arn}")
            self._groups[arn] = {**_picked(request, GROUP_FIELDS), **made}
        self._tag({"ResourceArn": arn, "Tags": request.get("Tags", [])})
        return {"ModelPackageGroupArn": arn}

    def list_groups(self, request: Request) -> dict[str, Any]:
        """ListModelPackageGroups."""
        with self._lock:
            groups = [dict(group) for group in self._groups.values()]
        found = _sorted(_filtered(groups, request, "ModelPackageGroupName"), request, "ModelPackageGroupName")
        return _page("ModelPackageGroupSummaryList", found, request, GROUP_SUMMARY)

    def delete_group(self, request: Request) -> dict[str, Any]:
        """DeleteModelPackageGroup: refused while there are packages in it."""
        with self._lock:
            group = self._group(request["ModelPackageGroupName"])
            if held := self._packages_of(group):
                words = f"it contains {len(held)} Model Package(s): delete them first."
                raise SageMakerError(
                    400, "ConflictException", f"Model Package Group {group['ModelPackageGroupArn']} cannot be deleted because {words}"
                )
            del self._groups[group["ModelPackageGroupArn"]]
        return {}

    def create(self, request: Request) -> dict[str, Any]:
        """CreateModelPackage: the group's next version."""
        _require_known_status(request)
        with self._lock:
            group = self._group(request["ModelPackageGroupName"])
            name = group["ModelPackageGroupName"]
            version = 1 + max((held["ModelPackageVersion"] for held in self._packages_of(group)), default=0)
            arn = self._arn_of("model-package", f"{name}/{version}")
            now = time.time()
            self._packages[arn] = package = {
                "ModelApprovalStatus": PENDING,
                **_picked(request, PACKAGE_FIELDS),
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
            told = dict(package)
        self._tag({"ResourceArn": arn, "Tags": request.get("Tags", [])})
        self._tell(told)
        return {"ModelPackageArn": arn}

    def list_packages(self, request: Request) -> dict[str, Any]:
        """ListModelPackages: a group's; without one, as in SageMaker, versioned packages only if ModelPackageType asks for them."""
        with self._lock:
            if "ModelPackageGroupName" in request:
                packages = self._packages_of(self._group(request["ModelPackageGroupName"]))
            else:
                packages = list(self._packages.values()) if request.get("ModelPackageType") in {"Versioned", "Both"} else []
            packages = [dict(package) for package in packages]
        status = request.get("ModelApprovalStatus")
        found = [package for package in packages if status in {None, package["ModelApprovalStatus"]}]
        found = _sorted(_filtered(found, request, "ModelPackageName"), request, "ModelPackageName")
        return _page("ModelPackageSummaryList", found, request, PACKAGE_SUMMARY)

    def update(self, request: Request) -> dict[str, Any]:
        """UpdateModelPackage: what is given changes; a change of the approval is told."""
        _require_known_status(request)
        with self._lock:
            package = self.package(request["ModelPackageArn"])
            before = package["ModelApprovalStatus"]
            package.update(_picked(request, CHANGEABLE), LastModifiedTime=time.time())
            properties = {**package.get("CustomerMetadataProperties", {}), **request.get("CustomerMetadataProperties", {})}
            removed = request.get("CustomerMetadataPropertiesToRemove", [])
            package["CustomerMetadataProperties"] = {key: value for key, value in properties.items() if key not in removed}
            told = dict(package)
        if told["ModelApprovalStatus"] != before:
            self._tell(told)
        return {"ModelPackageArn": told["ModelPackageArn"]}

    def delete(self, request: Request) -> dict[str, Any]:
        """DeleteModelPackage."""
        with self._lock:
            del self._packages[self.package(request["ModelPackageName"])["ModelPackageArn"]]
        return {}

    def package(self, name: str) -> Package:
        """Return a package by its ARN, or by group/version; raise SageMakerError if there is none."""
        arn = name.lower() if name.startswith("arn:") else self._arn_of("model-package", name)
        with self._lock:
            if arn not in self._packages:
                raise invalid(f"ModelPackage {arn} does not exist.")
            return self._packages[arn]

    def served(self, container: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a model's container runs: itself, or what the package it names says, with its own environment over it.

        Raises:  SageMakerError: there is no such package, or nothing in it to serve.
        """
        if "ModelPackageName" not in container:
            return dict(container)
        package = self.package(container["ModelPackageName"])
        packed = (package.get("InferenceSpecification", {}).get("Containers") or [{}])[0]
        if "ModelDataUrl" not in packed:
            raise invalid(f"ModelPackage {package['ModelPackageArn']} has no InferenceSpecification.Containers[0].ModelDataUrl to serve.")
        return {**packed, "Environment": {**packed.get("Environment", {}), **container.get("Environment", {})}}

    def _group(self, name: str) -> dict[str, Any]:
        arn = name.lower() if name.startswith("arn:") else self._arn_of("model-package-group", name)
        with self._lock:
            if arn not in self._groups:
                raise invalid(f"ModelPackageGroup {arn} does not exist.")
            return self._groups[arn]

    def _packages_of(self, group: Mapping[str, Any]) -> list[Package]:
        return [package for package in self._packages.values() if package["ModelPackageGroupName"] == group["ModelPackageGroupName"]]

    def _tell(self, package: Package) -> None:
        """Put the event of a package's state: what DescribeModelPackage answers, with times as text."""
        times = {name: _text(package[name]) for name in ("CreationTime", "LastModifiedTime")}
        self._emit("aws.sagemaker", DETAIL_TYPE, {**package, **times})


def _require_known_status(request: Request) -> None:
    status = request.get("ModelApprovalStatus", PENDING)
    if status not in {APPROVED, REJECTED, PENDING}:
        raise invalid(
            f"1 validation error detected: Value '{status}' at 'modelApprovalStatus' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{APPROVED}, {REJECTED}, {PENDING}]"
        )


def _filtered(found: Iterable[dict[str, Any]], request: Request, name: str) -> list[dict[str, Any]]:
    after, before = request.get("CreationTimeAfter", float("-inf")), request.get("CreationTimeBefore", float("inf"))
    return [each for each in found if after < each["CreationTime"] < before and request.get("NameContains", "") in each[name]]


def _sorted(found: list[dict[str, Any]], request: Request, name: str) -> list[dict[str, Any]]:
    """Return them by the time or the name, oldest or first one first unless asked otherwise; versions decide a tie."""
    by = name if request.get("SortBy") == "Name" else "CreationTime"
    return sorted(found, key=lambda each: (each[by], each.get("ModelPackageVersion", 0)), reverse=request.get("SortOrder") == "Descending")


def _page(listed: str, found: list[dict[str, Any]], request: Request, names: tuple[str, ...]) -> dict[str, Any]:
    """Return a page of summaries, and where the next begins if there is one."""
    token = request.get("NextToken", "0")
    if not token.isdecimal():
        raise invalid("Invalid NextToken: give the one that the page before answered.")
    start, end = int(token), int(token) + int(request.get("MaxResults", MAX_RESULTS))
    more = {"NextToken": str(end)} if end < len(found) else {}
    return {listed: [_picked(each, names) for each in found[start:end]], **more}


def _picked(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
