"""`inferstack destroy` over stacks of ours and an S3 of moto's: what goes, in which order, and what stays."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import Result

from cli.main import app
from cli.services import Services
from local.cdk import CdkFailed
from tests.command import CliRunner
from tests.fakes import FakeClock
from tests.moto_aws import Bucket, create_client, empty_account

WEB_ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b"
GROUP = "arn:aws:sagemaker:eu-west-1:123456789012:model-package-group/inferstack-dev-digits"
ORDER = [f"Inferstack-dev-{part}" for part in ("Web", "Training", "Inference", "Registry", "Storage")]
BUCKETS = {"uploads": "Web", "dump": "Storage"}


def pages(name: str, *found: Any) -> Any:
    return SimpleNamespace(paginate=lambda **_: iter([{name: list(found)}]))


@dataclass
class OtherRegion:
    """CloudFormation in us-east-1, where a stage with a firewall has one more stack."""

    done: list[str]
    stacks: list[str] = field(default_factory=list)
    protected_pages: list[str] = field(default_factory=list)
    exceptions = SimpleNamespace(ClientError=ClientError)

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - boto3's spelling
        if StackName not in self.stacks:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": f"{StackName} does not exist"}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE", "Outputs": [{"OutputKey": "WebAclArn", "OutputValue": WEB_ACL}]}]}

    def list_distributions_by_web_acl_id(self, WebACLId: str) -> Any:  # noqa: N803
        assert WebACLId == WEB_ACL
        return {"DistributionList": {"Items": [{"DomainName": name} for name in self.protected_pages]} if self.protected_pages else {}}

    def get_template(self, StackName: str) -> Any:  # noqa: N803
        return {"TemplateBody": {"Resources": {}}}

    def get_paginator(self, operation: str) -> Any:
        resource = {"LogicalResourceId": "WebAcl", "PhysicalResourceId": "acl", "ResourceStatus": "CREATE_COMPLETE"}
        return pages("StackResourceSummaries", {**resource, "ResourceType": "AWS::WAFv2::WebACL"})

    def delete_stack(self, StackName: str) -> None:  # noqa: N803
        self.done.append(f"delete {StackName}")

    def get_waiter(self, name: str) -> Any:
        return SimpleNamespace(wait=lambda StackName, WaiterConfig: self.stacks.remove(StackName))  # noqa: N803


@dataclass
class World:
    """A deployed stage. `done` are the calls that delete or stop something, in their order; `failures` are of the CLI, one a call."""

    policy: str = "Delete"
    is_protected: bool = False
    status: str = "UPDATE_COMPLETE"
    failures: list[CdkFailed] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    clock: FakeClock = field(default_factory=FakeClock)
    looks: list[str] = field(default_factory=lambda: ["Executing", "Stopping", "Stopped"])
    versions: list[str] = field(default_factory=lambda: ["model-package/a/1", "model-package/a/2"])

    def __post_init__(self) -> None:
        self.stacks, self.firewall = list(ORDER), OtherRegion(self.done)
        self.buckets = {name: Bucket(name) for name in BUCKETS}
        for bucket in self.buckets.values():
            bucket.put("a", b"1")
            bucket.put("a", b"2")
            bucket.put("b", b"1")
            bucket.delete("b")

    # CloudFormation
    exceptions = SimpleNamespace(ClientError=ClientError)
    meta = SimpleNamespace(region_name="eu-west-1")

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - boto3's spelling
        if StackName not in self.stacks:
            message = f"Stack with id {StackName} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks")
        protected = self.is_protected and StackName.endswith("Storage")
        return {"Stacks": [{"StackStatus": self.status, "EnableTerminationProtection": protected}]}

    def resources(self, stack: str) -> Iterator[tuple[str, str, str]]:
        """Give the type, the physical id and the policy of each resource of a stack."""
        part = stack.rsplit("-", 1)[1]
        yield from (("AWS::S3::Bucket", name, self.policy) for name, of in BUCKETS.items() if of == part)
        if part == "Storage":
            yield "AWS::SageMaker::ModelPackageGroup", GROUP, self.policy
        if part == "Training":
            yield "AWS::SageMaker::Pipeline", "inferstack-dev-digits", "Delete"

    def get_template(self, StackName: str) -> Any:  # noqa: N803
        assert self.status != "REVIEW_IN_PROGRESS"
        return {"TemplateBody": {"Resources": {id_: {"DeletionPolicy": policy} for _, id_, policy in self.resources(StackName)}}}

    # SageMaker
    def stop_transform_job(self, TransformJobName: str) -> None:  # noqa: N803
        self.done.append(f"stop {TransformJobName}")

    def stop_pipeline_execution(self, PipelineExecutionArn: str) -> None:  # noqa: N803
        self.done.append(f"stop {PipelineExecutionArn}")

    def delete_model_package(self, ModelPackageName: str) -> None:  # noqa: N803
        self.versions.remove(ModelPackageName)
        self.done.append(f"delete {ModelPackageName}")

    def get_paginator(self, operation: str) -> Any:
        match operation:
            case "list_stack_resources":
                keys = ("ResourceType", "PhysicalResourceId", "LogicalResourceId", "ResourceStatus")
                return SimpleNamespace(
                    paginate=lambda StackName: [  # noqa: N803
                        {
                            "StackResourceSummaries": [
                                dict(zip(keys, (kind, id_, id_, self.status), strict=True)) for kind, id_, _ in self.resources(StackName)
                            ]
                        }
                    ]
                )
            case "list_transform_jobs":
                return pages("TransformJobSummaries", {"TransformJobName": "inferstack-dev-1"})
            case "list_pipeline_executions":
                look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
                return pages("PipelineExecutionSummaries", {"PipelineExecutionArn": "execution/1", "PipelineExecutionStatus": look})
            case _:
                return pages("ModelPackageSummaryList", *({"ModelPackageArn": arn} for arn in self.versions))

    # The CLI
    def open_toolkit(self, stage: str, region: str, other_recipes: Any) -> Any:
        assert (stage, region) == ("dev", "eu-west-1")
        self.other_recipes = other_recipes
        return self.delete_stack

    def delete_stack(self, name: str) -> None:
        self.done.append(f"cdk destroy {name}")
        if self.failures:
            raise self.failures.pop(0)
        for bucket in (bucket for bucket, part in BUCKETS.items() if name.endswith(part)):
            if self.policy == "Delete":
                create_client("s3").delete_bucket(Bucket=bucket)
        self.stacks.remove(name)

    def run(self, *arguments: str, answer: str = "") -> Result:
        clients = {"s3": create_client("s3")}
        services = Services(
            connect_aws=lambda _, region="": lambda name: self.firewall if region else clients.get(name, self),
            open_toolkit=self.open_toolkit,
            sleep=self.clock.sleep,
        )
        return CliRunner().invoke(app, ["destroy", "--stage", "dev", *arguments], obj=services, input=answer)


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with empty_account():
        yield


def test_stops_empties_and_deletes_all_in_the_order_that_cloudformation_takes() -> None:
    world = World()
    result = world.run("--yes", "--json")
    assert json.loads(result.stdout) == {"deleted": ORDER, "retained": []}
    web, training, *_ = cdk = [f"cdk destroy {name}" for name in ORDER]
    versions = ["delete model-package/a/1", "delete model-package/a/2"]
    assert world.done == ["stop inferstack-dev-1", web, "stop execution/1", training, *cdk[2:4], *versions, cdk[4]]
    assert create_client("s3").list_buckets()["Buckets"] == []


def test_deletes_a_firewall_of_the_other_region_after_what_uses_it() -> None:
    world, name = World(), "Inferstack-dev-Firewall"
    world.firewall.stacks = [name]
    assert json.loads(world.run("--yes", "--json").stdout)["deleted"] == [*ORDER, name]
    assert (world.done[-1], world.firewall.stacks) == (f"delete {name}", [])


def test_keeps_a_firewall_that_the_same_stage_of_another_region_uses() -> None:
    """WAF would refuse, and leave a stack that only another deletion could end."""
    world, name = World(), "Inferstack-dev-Firewall"
    world.firewall.stacks, world.firewall.protected_pages = [name], ["d1.cloudfront.net"]
    result = world.run("--yes", "--json")
    shown = json.loads(result.stdout)
    assert (shown["deleted"], [each["id"] for each in shown["retained"]], world.firewall.stacks) == (ORDER, ["acl"], [name])
    assert f"keep {name}: the same stage of another region uses it, at d1.cloudfront.net" in world.run("--yes").stderr


def test_keeps_a_stack_that_is_protected_with_all_its_data_and_says_what_stays() -> None:
    world = World(policy="Retain", is_protected=True)
    shown = json.loads(world.run("--yes", "--json").stdout)
    assert (shown["deleted"], world.stacks) == (ORDER[:4], ORDER[4:])
    assert {each["id"] for each in shown["retained"]} == {"uploads", "dump", GROUP}
    assert len(world.versions) == 2
    assert all(bucket.count_writes() == {"a": 2, "b": 1} for bucket in world.buckets.values())


@pytest.mark.parametrize("answer", ["", "no\n", "y\n", "prod\n"])
def test_deletes_nothing_unless_the_stages_name_is_typed(answer: str) -> None:
    world = World()
    result = world.run(answer=answer)
    assert (result.exit_code, world.done, world.stacks) == (130, [], ORDER)
    assert "everything in the bucket dump" in result.stderr
    assert "every version of the model" in result.stderr


def test_deletes_once_the_stages_name_is_typed() -> None:
    world = World()
    assert "deleted Inferstack-dev-Storage" in world.run(answer="dev\n").stdout
    assert world.stacks == []


def test_never_asks_into_json() -> None:
    world = World()
    assert (world.run("--json").exit_code, world.done) == (2, [])


def test_empties_again_what_filled_up_meanwhile_and_gives_up_with_the_reason() -> None:
    full = CdkFailed("The bucket you tried to delete is not empty")
    world = World(failures=[full])
    assert world.run("--yes").exit_code == 0
    assert world.done.count("cdk destroy Inferstack-dev-Web") == 2
    world = World(failures=[full] * 3)
    result = world.run("--yes")
    assert result.exit_code == 1
    assert "is not empty" in result.stderr
    assert "run the command again" in result.stderr
    assert world.stacks == ORDER


def test_gives_up_on_an_execution_that_does_not_stop() -> None:
    world = World(looks=["Stopping"])
    result = world.run("--yes")
    assert (result.exit_code, sum(world.clock.slept_s)) == (1, 900)
    assert "still runs after 900 s" in result.stderr


def test_leaves_alone_what_is_being_changed() -> None:
    world = World(status="UPDATE_IN_PROGRESS")
    result = world.run("--yes")
    assert (result.exit_code, world.done) == (1, [])
    assert "Inferstack-dev-Web is being changed" in result.stderr


def test_deletes_a_stack_that_was_never_created() -> None:
    """Its first change set waits for somebody: nothing goes on, and there is no template."""
    world = World(status="REVIEW_IN_PROGRESS")
    assert json.loads(world.run("--yes", "--json").stdout)["deleted"] == ORDER


def test_goes_on_where_an_earlier_run_ended() -> None:
    world = World()
    world.stacks = ORDER[3:]
    assert json.loads(world.run("--yes", "--json").stdout)["deleted"] == ORDER[3:]
    world.stacks = []
    assert "nothing to delete" in world.run("--yes").stdout


def test_deletes_the_stacks_of_other_recipes_before_the_first_s() -> None:
    world = World()
    others = [f"Inferstack-dev-stop-search-{part}" for part in ("Training", "Inference", "Registry")]
    world.stacks += others
    assert world.run("--yes").exit_code == 0
    deleted = [each.removeprefix("cdk destroy ") for each in world.done if each.startswith("cdk destroy")]
    first = {part: f"Inferstack-dev-{part}" for part in ("Web", "Training", "Inference", "Registry", "Storage")}
    assert deleted == [first["Web"], *(name for other in others for name in (other, first[other.rpartition("-")[2]])), first["Storage"]]
    assert world.other_recipes == ["stop_search"]
    assert world.stacks == []
