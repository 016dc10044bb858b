"""A stage's model registry: its versions, which one serves, and how a change of that is followed."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cli.aws import AwsFailed, asking, model_group
from cli.parallel import in_parallel
from functions.rollout.service import SETTLED
from pipeline.runner.s3_url import split_s3_url

POLL_S = 2.0
LONGEST_WAIT_S = 3 * 3600  # a rollout that waits for another's end
READ_AT_ONCE = 8
CHANGING = "_IN_PROGRESS"
SHIPPED = "the endpoint serves the model it was deployed with"


@dataclass(frozen=True, slots=True)
class Version:
    """A model package.

    Args:    status: Approved, Rejected or PendingManualApproval.
             why: the approval's description, such as why it was rolled back.
             created_at: like 2026-11-21T08:00:00+00:00.
             archive_url, statistics_url: s3:// of its model.tar.gz and of its figures; empty where it has none.
             serves: whether the endpoint's stack names it.
    """

    number: int
    arn: str
    status: str
    why: str
    created_at: str
    archive_url: str
    statistics_url: str
    serves: bool


@dataclass(frozen=True, slots=True)
class Serving:
    """What the endpoint's stack says: its status, and the package it names, empty for the deployment's own model."""

    status: str
    arn: str

    @property
    def changes(self) -> bool:
        """Whether an update is under way."""
        return self.status.endswith(CHANGING)


class Registry:
    """The registry of a stage.

    Args:    clients: the stage's, by service.
    """

    def __init__(self, stage: str, clients: Callable[[str], Any]) -> None:
        self._stage, self._cloudformation = stage, clients("cloudformation")
        self._sagemaker, self._s3 = clients("sagemaker"), clients("s3")
        self._group = model_group(stage, self._cloudformation)

    def versions(self, limit: int | None = None) -> list[Version]:
        """Return the newest versions, the newest first."""
        with asking():
            serving = self.serving()
            summaries = sorted(self._summaries(), key=lambda each: -int(each["ModelPackageVersion"]))[:limit]
            return in_parallel(lambda each: self._described(str(each["ModelPackageArn"]), serving), summaries, READ_AT_ONCE)

    def version(self, number: int) -> Version:
        """Return a version; raise AwsFailed if there is none of this number."""
        with asking():
            numbers = {int(each["ModelPackageVersion"]): str(each["ModelPackageArn"]) for each in self._summaries()}
            if number not in numbers:
                known = f"there are {min(numbers)} to {max(numbers)}" if numbers else "there is none yet"
                raise AwsFailed(f"{self._group} has no version {number}; {known}", advice="`inferstack models list` shows them")
            return self._described(numbers[number], self.serving())

    def approved(self) -> list[int]:
        """Return the numbers of the approved versions, the highest first: that one is to serve."""
        with asking():
            return sorted((int(each["ModelPackageVersion"]) for each in self._summaries(ModelApprovalStatus="Approved")), reverse=True)

    def decide(self, version: Version, status: str, why: str) -> None:
        """Approve or reject a version."""
        with asking():
            self._sagemaker.update_model_package(ModelPackageArn=version.arn, ModelApprovalStatus=status, ApprovalDescription=why[:1024])

    def serving(self) -> Serving:
        """Return what the endpoint's stack says."""
        with asking():
            stack = self._cloudformation.describe_stacks(StackName=f"Inferstack-{self._stage}-Inference")["Stacks"][0]
        named = {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])}
        return Serving(stack["StackStatus"], named.get("ModelPackageArn", ""))

    def statistics(self, version: Version) -> dict[str, float]:
        """Return the version's figures, like accuracy; none where its pipeline left none or somebody removed them."""
        if not version.statistics_url:
            return {}
        try:
            said = json.loads(self.read(version.statistics_url))
        except (AwsFailed, ValueError):
            return {}
        figures = {name: value for kind in said.values() if isinstance(kind, dict) for name, value in kind.items()}
        return {name: float(each["value"]) for name, each in figures.items() if isinstance(each, dict) and "value" in each}

    def read(self, url: str) -> bytes:
        """Return an object by its s3:// address."""
        bucket, key = split_s3_url(url)
        with asking():
            content: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def _summaries(self, **more: Any) -> Iterator[dict[str, Any]]:
        while True:
            page = self._sagemaker.list_model_packages(ModelPackageGroupName=self._group, MaxResults=100, **more)
            yield from (each for each in page["ModelPackageSummaryList"] if each.get("ModelPackageVersion"))
            if not page.get("NextToken"):
                return
            more["NextToken"] = page["NextToken"]

    def _described(self, arn: str, serving: Serving) -> Version:
        found = self._sagemaker.describe_model_package(ModelPackageName=arn)
        containers = found.get("InferenceSpecification", {}).get("Containers") or [{}]
        return Version(
            number=int(found["ModelPackageVersion"]),
            arn=arn,
            status=found["ModelApprovalStatus"],
            why=found.get("ApprovalDescription", ""),
            created_at=found["CreationTime"].isoformat(timespec="seconds"),
            archive_url=containers[0].get("ModelDataUrl", ""),
            statistics_url=found.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {}).get("S3Uri", ""),
            serves=arn == serving.arn,
        )


class NotServed(AwsFailed):
    """A version that does not come to serve: it was rolled back, another came first, or the stack is stuck."""

    code = "not-served"
    title = "Not served"


def follow(
    registry: Registry,
    number: int,
    *,
    sleep: Callable[[float], object],
    clock: Callable[[], float],
    told: Callable[[str], object] = lambda _: None,
) -> Version:
    """Wait until the endpoint serves a version, and return it.

    Args:    told: how it stands, at each look.
    Raises:  NotServed: it was rejected (with the reason), a newer one was approved, the stack needs a person, or it takes too long.
    """
    deadline = clock() + LONGEST_WAIT_S
    while True:
        version, serving = registry.version(number), registry.serving()
        told(f"{serving.status.lower().replace('_', ' ')}" if serving.changes else "waiting for the rollout to begin")
        if version.status != "Approved":
            raise NotServed(
                f"version {number} is {version.status}: {version.why or 'no reason was given'}", advice="approve it again to try again"
            )
        if not serving.changes:
            if serving.status not in SETTLED:
                raise NotServed(f"the endpoint's stack is {serving.status}", advice="see docs/operating.md, Rollouts")
            if serving.arn == version.arn:
                return version
        if (newest := max(registry.approved(), default=0)) > number:
            raise NotServed(f"version {newest} is approved and newer, so it serves", advice="`inferstack models list` shows how it stands")
        if clock() > deadline:
            raise NotServed(
                f"version {number} does not serve after {LONGEST_WAIT_S // 3600} hours", advice="see docs/operating.md, Rollouts"
            )
        sleep(POLL_S)
