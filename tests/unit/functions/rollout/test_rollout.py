"""Messages in any number and order, and what serves in the end: the real handler and adapters over moto's group and a stack of ours."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.rollout.config import Config
from functions.rollout.endpoint import Endpoint
from functions.rollout.endpoint_stack import EndpointStack
from functions.rollout.handler import Handler
from functions.rollout.interface import NeedsPerson
from functions.rollout.model_packages import ModelPackages
from functions.rollout.service import Service
from tests.moto_aws import empty_account
from tests.rollout_world import ENDPOINT, GROUP, ROLE, STACK, FailsFirst, FakeCloudFormation, PackageGroup, arn, refuse

CONFIG = Config(
    model_group=GROUP, endpoint_name=ENDPOINT, stack_name=STACK, stack_role_arn=ROLE, queue_url="https://sqs.example/rollout", poll_s=60
)
ENDPOINT_IN_SERVICE = json.dumps({"detail-type": "SageMaker Endpoint State Change", "detail": {"EndpointStatus": "IN_SERVICE"}})
WOKEN = {"detail-type": "SageMaker Model Package State Change", "detail": {"ModelPackageGroupName": GROUP}}


@dataclass
class Sqs:
    pauses: list[int] = field(default_factory=list)

    def change_message_visibility(self, **request: Any) -> None:
        assert (request["QueueUrl"], request["ReceiptHandle"]) == (CONFIG.queue_url, "any handle")
        self.pauses.append(request["VisibilityTimeout"])


class World:
    """Everything around the function."""

    def __init__(self) -> None:
        self.group, self.stack, self.sqs = PackageGroup(), FakeCloudFormation(), Sqs()

    def wake(self, body: str = json.dumps(WOKEN), *, sagemaker: Any = None, cloudformation: Any = None) -> bool:
        """Deliver a message and return whether nothing is left to do for it.

        Args:    sagemaker, cloudformation: clients to meet in place of the world's own.
        """
        packages = ModelPackages(sagemaker or self.group.client, GROUP)
        handler = Handler(
            CONFIG, Service(packages, EndpointStack(cloudformation or self.stack, STACK, ROLE), Endpoint(self.stack, ENDPOINT)), self.sqs
        )
        response = handler({"Records": [{"messageId": "any id", "receiptHandle": "any handle", "body": body}]}, None)
        assert response["batchItemFailures"] in ([], [{"itemIdentifier": "any id"}])
        return not response["batchItemFailures"]

    @property
    def serves(self) -> str:
        return self.stack.parameters["ModelPackageArn"]

    @property
    def targets(self) -> list[str]:
        """What the stack was updated to, in order."""
        updates = [{each["ParameterKey"]: each.get("ParameterValue") for each in update["Parameters"]} for update in self.stack.updates]
        return [str(each["ModelPackageArn"]) for each in updates]


@pytest.fixture
def empty_world() -> Iterator[World]:
    """Return a group without versions, while the deployment's own model serves."""
    with empty_account():
        yield World()


@pytest.fixture
def world(empty_world: World) -> World:
    """Return a group whose first version serves."""
    empty_world.group.add(1, "Approved")
    empty_world.wake()
    empty_world.stack.end()
    assert empty_world.wake()
    return empty_world


def test_leaves_what_serves_while_nothing_is_approved(empty_world: World) -> None:
    empty_world.group.add(1)
    empty_world.group.add(2, "Rejected")
    assert empty_world.wake()
    assert (empty_world.serves, empty_world.targets) == ("", [])


def test_goes_back_to_the_deployments_own_model_when_the_only_approval_is_taken_back(world: World) -> None:
    world.group.decide(1, "Rejected")
    assert not world.wake()
    assert world.targets[-1] == ""
    world.stack.end()
    assert world.wake()
    assert (world.serves, len(world.targets)) == ("", 2)


def test_calls_a_person_once_where_the_deployments_own_model_cannot_be_rolled_out(world: World) -> None:
    world.group.decide(1, "Rejected")
    world.wake()
    world.stack.roll_back(("EndpointEndpoint", "no capacity"))
    for _ in range(2):
        with pytest.raises(NeedsPerson, match="the deployment's own model cannot be rolled out: EndpointEndpoint: no capacity"):
            world.wake()
    assert len(world.targets) == 2
    world.group.add(2, "Approved")
    assert not world.wake()
    assert world.targets[-1] == arn(2)


def test_serves_the_deployments_own_model_again_where_sagemaker_took_the_first_version_back(empty_world: World) -> None:
    empty_world.group.add(1, "Approved")
    empty_world.wake()
    empty_world.stack.roll_back_silently()
    assert empty_world.wake()
    assert empty_world.group.status(1)[0] == "Rejected"
    assert not empty_world.wake()
    empty_world.stack.end()
    assert empty_world.wake()
    assert empty_world.serves == ""


def test_changes_nothing_of_the_stack_but_the_package(world: World) -> None:
    (update,) = world.stack.updates
    assert {name: value for name, value in update.items() if name != "ClientRequestToken"} == {
        "StackName": STACK,
        "UsePreviousTemplate": True,
        "Parameters": [
            {"ParameterKey": "BootstrapVersion", "UsePreviousValue": True},
            {"ParameterKey": "ModelPackageArn", "ParameterValue": arn(1)},
        ],
        "Capabilities": ["CAPABILITY_IAM"],
        "RoleARN": ROLE,
    }


@pytest.mark.parametrize("status", ["Updating", "SystemUpdating", "RollingBack"])
def test_waits_while_the_endpoint_is_scaled_or_maintained(world: World, status: str) -> None:
    """SageMaker updates no endpoint that changes: the version would be rejected for what it has nothing to do with."""
    world.group.add(2, "Approved")
    world.stack.endpoint_status = status
    assert not world.wake()
    assert world.targets == [arn(1)]
    world.stack.endpoint_status = "InService"
    assert not world.wake()
    assert world.targets == [arn(1), arn(2)]


def test_follows_a_rollout_to_its_end_with_one_message(world: World) -> None:
    world.group.add(2, "Approved")
    world.sqs.pauses.clear()
    assert [world.wake(), world.wake(), world.wake()] == [False, False, False]
    assert world.sqs.pauses == [60, 60, 60]
    world.stack.end()
    assert world.wake()
    assert (world.serves, world.targets) == (arn(2), [arn(1), arn(2)])
    assert world.sqs.pauses == [60, 60, 60]


def test_updates_once_however_many_copies_of_a_message_come(world: World) -> None:
    world.group.add(2, "Approved")
    assert [world.wake() for _ in range(3)] == [False] * 3
    world.stack.end()
    assert [world.wake() for _ in range(3)] == [True] * 3
    assert world.targets == [arn(1), arn(2)]


def test_serves_the_newest_whatever_the_order_of_approvals(world: World) -> None:
    for version in (4, 2, 3):
        world.group.add(version, "Approved")
        world.wake()
        world.stack.end()
    assert world.wake()
    assert (world.serves, world.targets) == (arn(4), [arn(1), arn(4)])


def test_knows_10_as_newer_than_9(world: World) -> None:
    for version in (10, 9):
        world.group.add(version, "Approved")
    world.wake()
    assert world.serves == arn(10)


def test_rejects_what_was_rolled_back_with_its_first_reason(world: World) -> None:
    world.group.add(2, "Approved")
    world.wake()
    reasons = [("EndpointEndpoint", "ModelLatency went over 1 s"), ("EndpointConfig", "Resource update cancelled"), ("Later", "Another")]
    world.stack.roll_back(*reasons)
    assert world.wake()
    assert world.group.status(2) == ("Rejected", "rolled back: EndpointEndpoint: ModelLatency went over 1 s")
    assert world.wake()  # the event of that change
    assert (world.serves, world.targets) == (arn(1), [arn(1), arn(2)])


def test_deploys_the_next_newest_approved_after_a_rollback(world: World) -> None:
    for version in (2, 3):
        world.group.add(version, "Approved")
    world.wake()
    world.stack.roll_back(("EndpointEndpoint", "it does not answer"))
    assert world.wake()
    assert not world.wake()
    world.stack.end()
    assert world.wake()
    assert (world.serves, world.group.status(3)[0]) == (arn(2), "Rejected")


def test_rejects_what_sagemaker_rolled_back_without_a_word(world: World) -> None:
    world.group.add(2, "Approved")
    world.wake()
    world.stack.roll_back_silently()  # the stack is UPDATE_COMPLETE and names version 2, the endpoint serves what it did before
    assert world.wake()
    status, reason = world.group.status(2)
    assert (status, reason) == (
        "Rejected",
        "rolled back: the endpoint is InService with config-1, not with config-2, and SageMaker gave no reason",
    )
    assert not world.wake()
    world.stack.end()
    assert world.wake()
    assert (world.serves, world.stack.serving_config) == (arn(1), world.stack.config)


def test_calls_a_person_where_the_endpoint_lost_a_deployment_that_was_not_the_packages(world: World) -> None:
    world.stack.deploy_silently_fails("config-of-a-new-server-image")
    with pytest.raises(
        NeedsPerson, match="version 1 is in the stack, but the endpoint is InService with config-1, not with config-of-a-new"
    ):
        world.wake()
    assert world.group.status(1)[0] == "Approved"


def test_calls_a_person_where_the_endpoint_lost_a_deployment_and_nothing_is_approved(empty_world: World) -> None:
    empty_world.stack.deploy_silently_fails("config-of-a-new-server-image")
    with pytest.raises(NeedsPerson, match="the endpoint is InService with config-0, not with config-of-a-new"):
        empty_world.wake(ENDPOINT_IN_SERVICE)


def test_waits_for_the_end_of_a_deploy_while_nothing_is_approved(empty_world: World) -> None:
    empty_world.stack.status = "UPDATE_IN_PROGRESS"
    assert not empty_world.wake()


def test_waits_for_a_stack_that_is_not_there_yet(empty_world: World) -> None:
    """The group outlives the endpoint's stack where data is retained, and its rules are there before the next one."""
    empty_world.group.add(1, "Approved")
    missing = FailsFirst(empty_world.stack, refuse("DescribeStacks", "ValidationError", f"Stack with id {STACK} does not exist"))
    assert not empty_world.wake(cloudformation=missing)


def test_serves_what_is_approved_once_the_stack_is_created(empty_world: World) -> None:
    """A kept version is approved before there is an endpoint. The first event comes while the stack has no outputs yet."""
    empty_world.group.add(1, "Approved")
    empty_world.stack.begin_creation()
    assert not empty_world.wake(ENDPOINT_IN_SERVICE)
    empty_world.stack.end_creation()
    assert not empty_world.wake(ENDPOINT_IN_SERVICE)
    empty_world.stack.end()
    assert empty_world.wake(ENDPOINT_IN_SERVICE)
    assert empty_world.serves == arn(1)


def test_looks_again_while_the_endpoint_changes(world: World) -> None:
    world.stack.endpoint_status, world.stack.serving_config = "Updating", "config-0"
    assert not world.wake()


@pytest.mark.parametrize("status", ["Failed", "OutOfService", "UpdateRollbackFailed"])
def test_calls_a_person_where_the_endpoint_is_broken(world: World, status: str) -> None:
    world.stack.endpoint_status = status
    with pytest.raises(NeedsPerson, match=f"the endpoint is {status}"):
        world.wake()


def test_cuts_a_reason_to_what_sagemaker_takes(world: World) -> None:
    world.group.add(2, "Approved")
    world.wake()
    world.stack.roll_back(("EndpointEndpoint", "x" * 5000))
    world.wake()
    assert len(world.group.status(2)[1]) == 1024


def test_gives_a_reason_of_several_lines_on_one_as_sagemaker_takes_it(world: World) -> None:
    """A description that has a line's end is refused: the version would stay approved, and be rolled out again."""
    world.group.add(2, "Approved")
    world.wake()
    world.stack.roll_back(("EndpointEndpoint", "The container failed:\r\n  Traceback\n\tKeyError\u2028end"))
    world.wake()
    assert world.group.status(2) == ("Rejected", "rolled back: EndpointEndpoint: The container failed: Traceback KeyError end")


def test_rejects_without_a_reason_where_there_is_none(world: World) -> None:
    world.group.add(2, "Approved")
    world.wake()
    world.stack.roll_back()
    world.wake()
    assert world.group.status(2) == ("Rejected", "rolled back: CloudFormation gave no reason")


def test_tries_again_what_is_approved_again(world: World) -> None:
    world.group.add(2, "Approved")
    world.wake()
    world.stack.roll_back(("EndpointEndpoint", "no capacity"))
    world.wake()
    world.group.decide(2, "Approved")
    assert not world.wake()
    world.stack.end()
    assert world.wake()
    assert world.serves == arn(2)


def test_returns_to_a_package_with_a_token_of_its_own(world: World) -> None:
    world.group.add(2, "Approved")
    world.wake()
    world.stack.end()
    world.group.decide(2, "Rejected")
    assert not world.wake()
    world.stack.end()
    tokens = [update["ClientRequestToken"] for update in world.stack.updates]
    assert (world.wake(), world.targets, len(set(tokens))) == (True, [arn(1), arn(2), arn(1)], 3)
    assert all(len(token) <= 128 and token.replace("-", "").isalnum() for token in tokens)


def test_holds_nobody_elses_failed_deploy_against_a_package(world: World) -> None:
    world.stack.deploy_fails()
    world.group.add(2, "Approved")
    assert not world.wake()
    assert (world.group.status(2)[0], world.serves) == ("Approved", arn(2))


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"])
def test_waits_while_the_stack_changes(world: World, status: str) -> None:
    world.group.add(2, "Approved")
    world.stack.status = status
    assert not world.wake()
    assert world.targets == [arn(1)]


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED", "ROLLBACK_COMPLETE", "DELETE_FAILED"])
def test_calls_a_person_where_no_update_can_help(world: World, status: str) -> None:
    world.stack.status = status
    with pytest.raises(NeedsPerson, match=f"version 1 cannot be rolled out: the endpoint's stack is {status}"):
        world.wake()


def test_calls_a_person_where_the_stack_is_older_than_its_parameter(world: World) -> None:
    del world.stack.parameters["ModelPackageArn"]
    with pytest.raises(NeedsPerson, match="deploy it again"):
        world.wake()


@pytest.mark.parametrize(
    "failure",
    [
        refuse("UpdateStack", "Throttling", "Rate exceeded"),
        refuse("UpdateStack", "TokenAlreadyExistsException", "A client request token already exists"),
        refuse("UpdateStack", "ValidationError", f"Stack:{STACK} is in UPDATE_IN_PROGRESS state and can not be updated."),
    ],
)
def test_looks_again_after_throttling_and_races_of_the_stack(world: World, failure: ClientError) -> None:
    world.group.add(2, "Approved")
    assert not world.wake(cloudformation=FailsFirst(world.stack, failure))
    assert world.targets == [arn(1)]
    assert not world.wake()
    assert world.targets == [arn(1), arn(2)]


@pytest.mark.parametrize("code", ["ThrottlingException", "ConflictException"])
def test_looks_again_after_throttling_and_races_of_the_group(world: World, code: str) -> None:
    sagemaker = FailsFirst(world.group.client, refuse("ListModelPackages", code, "later"))
    assert not world.wake(sagemaker=sagemaker)
    assert world.wake(sagemaker=sagemaker)


def test_raises_what_waiting_does_not_mend(world: World) -> None:
    denied = refuse("ListModelPackages", "AccessDeniedException", "not authorized")
    with pytest.raises(ClientError, match="AccessDenied"):
        world.wake(sagemaker=FailsFirst(world.group.client, denied))
    denied = refuse("DescribeStacks", "AccessDenied", "not authorized")
    with pytest.raises(ClientError, match="DescribeStacks"):
        world.wake(cloudformation=FailsFirst(world.stack, denied))


def test_looks_again_after_an_update_that_changes_nothing(world: World) -> None:
    class Raced(FakeCloudFormation):
        """Another copy of the message deploys version 2 between our description and our update."""

        def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
            description = super().describe_stacks(StackName)
            self.parameters["ModelPackageArn"] = arn(2)
            return description

    world.group.add(2, "Approved")
    stack = Raced()
    assert not world.wake(cloudformation=stack)
    assert stack.updates == []


def test_ignores_other_groups(world: World) -> None:
    world.group.add(2, "Approved")
    assert world.wake(json.dumps({"detail": {"ModelPackageGroupName": "somebody-elses"}}))
    assert world.targets == [arn(1)]


@pytest.mark.parametrize("body", ["", "not JSON", "[]", "{}", '{"detail": null}', '{"detail": {"ModelPackageGroupName": 7}}'])
def test_is_woken_by_any_message(world: World, body: str) -> None:
    world.group.add(2, "Approved")
    assert not world.wake(body)
    assert world.targets == [arn(1), arn(2)]


def test_says_what_it_did_in_one_line_a_message(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.group.add(2, "Approved")
    capsys.readouterr()
    world.wake()
    world.stack.roll_back(("EndpointEndpoint", "too slow"))
    world.wake()
    world.stack.status = "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(NeedsPerson):
        world.wake()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["level"], line["group"], line.get("version"), line["action"]) for line in lines] == [
        ("INFO", GROUP, 2, "update begun"),
        ("WARNING", GROUP, 2, "rejected"),
        ("ERROR", GROUP, None, "failed"),
    ]
