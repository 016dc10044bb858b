"""What doctor concludes from what an account has: one small function a check, each with its fix in words."""

from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from cli.account.alarm_mail import judge_alarm_mail, list_alarm_topics
from cli.account.bootstrap import LEAST_VERSION, judge_bootstrap
from cli.account.encryption_key import judge_key
from cli.account.endpoint_update import RunningEndpoint, judge_update
from cli.account.identity import judge_identity, judge_region
from cli.account.image_base import check_base, find_base, judge_place, parse_image
from cli.account.instance_types import judge_instance_types, list_instance_types
from cli.account.names import judge_leftovers, judge_name, list_names
from cli.account.resource_types import judge_resource_types
from cli.account.stacks import judge_stacks, list_stack_names
from cli.stage.stacks import StackResource, StageStack, parse_arn, read_stacks
from deployment.paths import ROOT
from deployment.stages import settings_for

DEV = settings_for("dev")
ARN = "arn:aws:sagemaker:eu-west-1:123456789012"


@pytest.mark.parametrize(
    ("environment", "configured", "ok", "found"),
    [
        ({"AWS_REGION": "eu-west-1"}, None, True, "eu-west-1"),
        ({}, "eu-west-1", True, "eu-west-1"),
        ({"AWS_REGION": "eu-west-1"}, "eu-west-1", True, "eu-west-1"),
        ({"AWS_REGION": "eu-west-1"}, "us-east-1", False, "cdk and this command obey"),
        ({}, None, False, "cdk would take us-east-1"),
    ],
)
def test_says_which_region_and_whether_all_agree(environment: dict[str, str], configured: str | None, ok: bool, found: str) -> None:
    finding = judge_region(DEV, environment, configured)
    assert (finding.ok, found in finding.found) == (ok, True), finding


def test_takes_the_region_of_the_settings_before_all_others() -> None:
    pinned = settings_for("dev", region="eu-central-1", account="111122223333")
    assert judge_region(pinned, {"AWS_REGION": "eu-west-1"}, "us-east-1").found.startswith("eu-central-1")
    assert judge_identity("111122223333", "arn:aws:iam::111122223333:user/ada", pinned).ok
    assert not judge_identity("999999999999", "arn:aws:iam::999999999999:user/ada", pinned).ok


@pytest.mark.parametrize(("version", "ok"), [(None, False), (str(LEAST_VERSION - 1), False), (str(LEAST_VERSION), True), ("30", True)])
def test_compares_the_bootstrap_version_with_what_cdk_needs(version: str | None, ok: bool) -> None:
    finding = judge_bootstrap(version, "aws://123456789012/eu-west-1")
    assert finding.ok == ok
    assert finding.fix == "npx cdk bootstrap aws://123456789012/eu-west-1 --app cdk.out"


def test_names_the_machines_that_a_region_lacks() -> None:
    wanted = list_instance_types(settings_for("dev", endpoint_kind="cpu"))
    assert wanted == ["ml.c7i.large", "ml.m5.large", "ml.m5.xlarge"]
    assert judge_instance_types(wanted, wanted, "eu-west-1").ok
    assert judge_instance_types(wanted, wanted[1:], "eu-west-1").found == "eu-west-1 has no ml.c7i.large"


@pytest.mark.parametrize(("region", "is_there"), [("eu-west-1", True), ("us-east-1", False)])
def test_says_that_sagemaker_takes_no_image_of_another_region(region: str, is_there: bool) -> None:
    finding = judge_place("111122223333.dkr.ecr.eu-west-1.amazonaws.com/server:1", region)
    assert (finding.ok, "is in eu-west-1" in finding.found) == (is_there, True)
    assert region in finding.fix


@pytest.mark.parametrize(
    ("region", "settings", "lacked", "fix"),
    [
        ("eu-west-1", {"monthly_budget_usd": 10}, "", ""),
        ("us-gov-west-1", {}, "AWS::CloudFront::Distribution", "choose another region"),
        ("cn-north-1", {}, "AWS::Cognito::UserPool", "choose another region"),
        ("me-central-1", {}, "AWS::SageMaker::Endpoint", "choose another region"),
        ("eu-north-1", {}, "", ""),
        ("eu-north-1", {"monthly_budget_usd": 10}, "AWS::Budgets::Budget", "leave monthly_budget_usd out, or choose another region"),
        ("ca-west-1", {}, "AWS::CodeBuild::Project", "choose another region"),
        ("ca-west-1", {"serving_image": "111122223333.dkr.ecr.ca-west-1.amazonaws.com/server:1"}, "", ""),
    ],
)
def test_names_the_types_that_a_region_lacks(region: str, settings: dict[str, Any], lacked: str, fix: str) -> None:
    finding = judge_resource_types(settings_for("dev", **settings), region)
    assert (finding.ok, finding.fix) == (not lacked, fix)
    assert lacked in finding.found


def test_promises_no_type_in_a_region_of_which_nothing_is_published() -> None:
    finding = judge_resource_types(settings_for("dev"), "eusc-de-east-1")
    assert (finding.ok, finding.found) == (False, "not published for eusc-de-east-1")
    assert "--region eusc-de-east-1" in finding.fix


@pytest.mark.parametrize(
    ("status", "ok", "words"),
    [
        ("UPDATE_COMPLETE", True, "1 of 5"),
        ("UPDATE_ROLLBACK_FAILED", False, "continue-update-rollback"),
        ("DELETE_FAILED", False, "could not be deleted"),
        ("UPDATE_IN_PROGRESS", False, "wait"),
        ("CREATE_FAILED", False, "npx cdk rollback"),  # after `--no-rollback`
        ("UPDATE_FAILED", False, "npx cdk rollback"),
        ("REVIEW_IN_PROGRESS", True, "0 of 5"),  # a change set that was never executed
        ("ROLLBACK_COMPLETE", True, "0 of 5"),  # cdk deletes it before it creates it anew
    ],
)
def test_finds_a_stack_that_no_deploy_can_start_from(status: str, ok: bool, words: str) -> None:
    finding = judge_stacks({"Inferstack-dev-Web": StageStack("Web", status)})
    assert (finding.ok, words in finding.found + finding.fix) == (ok, True)


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_says_how_to_deploy_again_over_a_protected_stack_whose_first_deployment_failed(status: str) -> None:
    """cdk protects a stack before it creates it, and then cannot delete it."""
    name = "Inferstack-prod-Storage"
    finding = judge_stacks({name: StageStack(name, status, is_protected=True)})
    assert (finding.ok, f"--no-enable-termination-protection --stack-name {name}" in finding.fix) == (False, True)
    assert judge_stacks({name: StageStack(name, "UPDATE_COMPLETE", is_protected=True)}).ok


def test_takes_nothing_for_a_stacks_own_that_a_rollback_deleted_or_left_behind() -> None:
    states = {"a": "DELETE_COMPLETE", "b": "DELETE_SKIPPED", "c": "CREATE_COMPLETE"}
    summaries = [
        {"LogicalResourceId": id_, "ResourceType": "AWS::S3::Bucket", "PhysicalResourceId": id_, "ResourceStatus": state}
        for id_, state in states.items()
    ]
    cloudformation = SimpleNamespace(
        describe_stacks=lambda StackName: {"Stacks": [{"StackStatus": "ROLLBACK_COMPLETE", "EnableTerminationProtection": True}]},  # noqa: N803
        get_paginator=lambda _: SimpleNamespace(paginate=lambda StackName: [{"StackResourceSummaries": summaries}]),  # noqa: N803
    )
    (state,) = read_stacks(cloudformation, ["Inferstack-prod-Storage"]).values()
    assert ([each.logical_id for each in state.resources], state.is_protected) == (["c"], True)


def test_takes_an_account_without_stacks_for_a_first_deploy() -> None:
    assert judge_stacks({}).found == "none is deployed yet"


def test_looks_at_what_every_recipe_has() -> None:
    several = settings_for("dev", recipes="digits,natural_images", endpoint_kind="cpu")
    found = judge_stacks({"Inferstack-dev-Web": StageStack("Web", "UPDATE_COMPLETE")}, len(list_stack_names(several)))
    assert found.found == "1 of 8 are deployed"
    assert "Inferstack-dev-natural-images-Inference" in list_stack_names(several)
    names = {taken.name for taken in list_names(several) if taken.what == "model package group"}
    assert names == {"inferstack-dev-digits", "inferstack-dev-natural-images"}
    assert set(list_instance_types(several)) >= {each.endpoint_instance_type for each in several.split()}


def test_finds_names_that_somebody_else_has() -> None:
    group = next(taken for taken in list_names(DEV) if taken.what == "model package group")
    owned = StackResource("Group", "AWS::SageMaker::ModelPackageGroup", f"{ARN}:model-package-group/{group.name}").key
    pipeline = StackResource("Pipeline", "AWS::SageMaker::Pipeline", group.name).key  # has the same name and is none of these
    assert judge_name(group, {owned}, is_there=True).ok
    assert judge_name(group, {pipeline}, is_there=False).ok
    left = judge_name(group, {pipeline}, is_there=True)
    assert not left.ok
    assert "--import-existing-resources" in left.fix


@pytest.mark.parametrize(
    ("arn", "key"),
    [
        ("arn:aws:s3:::inferstack-dev", ("bucket", "inferstack-dev")),
        ("arn:aws:logs:eu-west-1:1:log-group:/aws/a/B:*", ("loggroup", "/aws/a/B")),
        ("arn:aws:cognito-idp:eu-west-1:1:userpool/eu-west-1_a", ("userpool", "eu-west-1_a")),
        (f"{ARN}:model-package-group/inferstack", ("modelpackagegroup", "inferstack")),
    ],
)
def test_reads_what_an_arn_names(arn: str, key: tuple[str, str]) -> None:
    assert parse_arn(arn) == key


def test_lists_what_an_earlier_deployment_left() -> None:
    kept, deployed = "arn:aws:s3:::kept", "arn:aws:s3:::deployed"
    owned = {StackResource("Dump", "AWS::S3::Bucket", "deployed").key}
    assert judge_leftovers([kept, deployed], owned).found.endswith("deployment: arn:aws:s3:::kept")
    assert judge_leftovers([deployed], owned).found == "none"
    assert judge_leftovers([f"{kept}{number}" for number in range(7)], owned).found.endswith("and 2 more")


SERVERLESS = RunningEndpoint("inferstack-dev-digits", "", ("AllTraffic",))


def test_updates_an_endpoint_of_the_same_kind_in_place() -> None:
    assert judge_update(DEV, None).ok
    assert judge_update(DEV, SERVERLESS).ok
    assert judge_update(settings_for("dev", serverless_memory_mb=4096), SERVERLESS).ok
    cpu = settings_for("dev", recipe="house_price", endpoint_kind="cpu")
    assert judge_update(cpu, RunningEndpoint(cpu.endpoint_name, "ml.c7i.large", ("AllTraffic",))).ok


@pytest.mark.parametrize(
    ("settings", "running", "words"),
    [
        ({"endpoint_kind": "cpu"}, SERVERLESS, "machine serverless → ml.c7i.large"),
        ({"recipe": "salary"}, SERVERLESS, "recipe inferstack-dev-digits → inferstack-dev-salary"),
        ({"recipes": "salary,digits"}, SERVERLESS, "recipe inferstack-dev-digits → inferstack-dev-salary"),
        ({}, RunningEndpoint("e", "ml.c7i.large", ("AllTraffic",)), "machine ml.c7i.large → serverless"),
        (
            {"endpoint_kind": "cpu", "variants": "a,b:1:models/b/model.tar.gz"},
            RunningEndpoint("e", "ml.c7i.large", ("a",)),
            "variants a → a,b",
        ),
    ],
)
def test_warns_of_settings_that_replace_the_running_endpoint(settings: dict[str, Any], running: RunningEndpoint, words: str) -> None:
    finding = judge_update(settings_for("dev", **settings), running)
    assert not finding.ok
    assert words in finding.found


TOPIC = "arn:aws:sns:eu-west-1:1:Alarms"


def test_knows_the_topics_of_alarms() -> None:
    alarms, other = StackResource("Alarms1A2B", "AWS::SNS::Topic", TOPIC), StackResource("Notifications", "AWS::SNS::Topic", "arn:other")
    assert list_alarm_topics({"Web": StageStack("Web", "CREATE_COMPLETE", resources=(alarms, other))}) == [TOPIC]


@pytest.mark.parametrize(
    ("subscriptions", "ok", "words"),
    [
        ([(TOPIC, "ada@example.com", f"{TOPIC}:1")], True, "confirmed"),
        ([(TOPIC, "ada@example.com", "PendingConfirmation")], False, "ada@example.com has not confirmed 1 of 1"),
        ([(TOPIC, "ada@example.com", "Deleted")], False, "aws sns subscribe"),
        ([], False, "ada@example.com has not confirmed"),
    ],
)
def test_says_whether_somebody_gets_the_alarms(subscriptions: list[tuple[str, str, str]], ok: bool, words: str) -> None:
    finding = judge_alarm_mail("ada@example.com", [TOPIC], subscriptions)
    assert (finding.ok, words in f"{finding.found} {finding.fix}") == (ok, True), finding


def test_says_before_the_first_deploy_who_will_be_asked() -> None:
    assert "ada@example.com" in judge_alarm_mail("ada@example.com", [], []).found
    assert "nobody" in judge_alarm_mail("", [], []).found


def test_asks_for_no_confirmation_where_nobody_is_to_get_the_alarms() -> None:
    finding = judge_alarm_mail("", [TOPIC], [])
    assert (finding.ok, "nobody gets the alarms" in finding.found) == (True, True)
    assert not judge_alarm_mail("", [TOPIC], [(TOPIC, "pager@example.com", "PendingConfirmation")]).ok


@pytest.mark.parametrize(
    ("image", "address"),
    [
        ("python:3.13-slim", ("registry-1.docker.io", "library/python", "3.13-slim")),
        ("bitnami/x", ("registry-1.docker.io", "bitnami/x", "latest")),
        ("public.ecr.aws/docker/library/python:3.13@sha256:ab", ("public.ecr.aws", "docker/library/python", "sha256:ab")),
        ("localhost:5000/a:1", ("localhost:5000", "a", "1")),
    ],
)
def test_reads_an_images_name_as_docker_does(image: str, address: tuple[str, str, str]) -> None:
    parsed = parse_image(image)
    assert (parsed.registry, parsed.repository, parsed.reference) == address


def test_finds_the_base_of_the_servers_image() -> None:
    base = find_base((ROOT / "serving/Dockerfile").read_text())
    assert "python" in base


@pytest.mark.parametrize(("status", "ok", "words"), [(200, True, "python"), (404, False, "answers 404"), (429, False, "no more pulls")])
def test_asks_the_registry_for_the_base_with_the_token_it_gives_to_everybody(status: int, ok: bool, words: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            assert dict(request.url.params) == {"service": "r", "scope": "repository:library/python:pull"}
            return httpx.Response(200, json={"token": "t"})
        if request.headers.get("authorization") != "Bearer t":
            challenge = 'Bearer realm="https://registry-1.docker.io/token",service="r",scope="repository:library/python:pull"'
            return httpx.Response(401, headers={"www-authenticate": challenge})
        return httpx.Response(status)

    finding = check_base("python:3.13", httpx.Client(transport=httpx.MockTransport(answer)))
    assert (finding.ok, words in finding.found) == (ok, True)


DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("image", "headers", "expected"),
    [
        ("r.example/python:3.13", {"docker-content-digest": DIGEST}, f"-c image_base=r.example/python@{DIGEST}"),
        ("localhost:5000/python", {"docker-content-digest": DIGEST}, f"-c image_base=localhost:5000/python@{DIGEST}"),
        ("r.example/python:3.13", {}, "imagetools inspect r.example/python:3.13"),
    ],
)
def test_says_how_to_name_a_base_for_good(image: str, headers: dict[str, str], expected: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers))
    assert expected in check_base(image, httpx.Client(transport=transport)).found


def test_says_no_more_of_a_base_that_is_named_by_its_digest() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers={"docker-content-digest": DIGEST}))
    image = f"r.example/python@{DIGEST}"
    assert check_base(image, httpx.Client(transport=transport)).found == image


def test_says_that_a_registry_does_not_answer() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    finding = check_base("python:3.13", httpx.Client(transport=httpx.MockTransport(refuse)))
    assert not finding.ok
    assert "refused" in finding.found


KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-1111-2222-3333-444455556666"
OTHER_KEY = "arn:aws:kms:eu-west-1:123456789012:key/9a1b2c3d-1111-2222-3333-444455556666"
CREATED = (StackResource("Key961B73FD", "AWS::KMS::Key", KEY.rpartition("/")[2]),)


@pytest.mark.parametrize(
    ("asked", "resources", "key", "ok", "told"),
    [
        (("dev", ""), (), "", True, "none of KMS's"),
        (("dev", "create"), (), "", True, "none of KMS's"),
        (("dev", "create"), CREATED, KEY, True, f"stays {KEY}"),
        (("dev", KEY), (), KEY, True, f"stays {KEY}"),
        (("dev", ""), CREATED, KEY, False, "schedule the key's deletion"),
        (("dev", OTHER_KEY), CREATED, KEY, False, f"encryption_key={OTHER_KEY} may not use, and CloudFormation"),
        (("prod", ""), CREATED, KEY, False, "encryption_key=none may not use"),
        (("dev", OTHER_KEY), (), KEY, False, f"is encrypted with {KEY}"),
        (("dev", "create"), (), KEY, False, f"is encrypted with {KEY}"),
    ],
)
def test_keeps_the_key_that_the_data_is_encrypted_with(
    asked: tuple[str, str], resources: tuple[StackResource, ...], key: str, ok: bool, told: str
) -> None:
    stage, setting = asked
    finding = judge_key(settings_for(stage, encryption_key=setting), StageStack("Storage", "UPDATE_COMPLETE", {}, resources), key)
    assert (finding.ok, told in finding.found) == (ok, True)
    assert ok or f"keep -c encryption_key={'create' if resources else KEY}" in finding.fix
    assert ("deletion" in finding.found) == (not ok and stage == "dev" and bool(resources))
