"""What the AWS account in the environment has of all that a stage needs. Reads only."""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from cli.account import (
    alarm_mail,
    bootstrap,
    encryption_key,
    endpoint_update,
    identity,
    image_base,
    instance_types,
    names,
    network,
    quotas,
    resource_types,
    stacks,
)
from cli.finding import Finding
from cli.stage.aws import AwsFailed, Clients, ConnectAws, find_configured_region, translate_aws_errors
from cli.stage.stacks import Key, StageStack, read_stacks
from deployment.paths import ROOT
from deployment.quotas import FUNCTIONS
from deployment.settings import Settings
from deployment.stages import FIREWALL_REGION, stack_name

if TYPE_CHECKING:
    import httpx


def check_account(settings: Settings, connect: ConnectAws, http: "httpx.Client") -> Iterator[Finding]:
    """Yield a finding for each thing; without a region or credentials nothing else is asked.

    Args:    settings: the stage, as it is to be deployed.
             connect: makes the clients.
             http: for the registry of the image's base.
    """
    configured = find_configured_region()
    yield identity.judge_region(settings, os.environ, configured)
    region = settings.region or os.environ.get("AWS_REGION") or configured
    if region is None:
        return
    yield resource_types.judge_resource_types(settings, region)
    try:
        clients = connect(settings.stage, region)
        with translate_aws_errors():
            caller = clients("sts").get_caller_identity()
    except AwsFailed as error:
        yield Finding("identity", False, str(error), "sign in: `aws sso login`, or set AWS_PROFILE")
        return
    account = str(caller["Account"])
    yield identity.judge_identity(account, caller["Arn"], settings)
    yield from _ask("CDK bootstrap", "ssm:GetParameter", lambda: [_check_bootstrap(clients, f"aws://{account}/{region}")])
    if settings.web_acl == "create":
        name, place = f"CDK bootstrap of {FIREWALL_REGION}", f"aws://{account}/{FIREWALL_REGION}"
        other = connect(settings.stage, FIREWALL_REGION)
        yield from _ask(name, "ssm:GetParameter", lambda: [_check_bootstrap(other, place, name)])
    yield from _check_deployed(settings, clients)
    yield from _ask("instance types", "ec2:DescribeInstanceTypeOfferings", lambda: [_check_instance_types(settings, clients, region)])
    if settings.vpc:
        rights = "ec2:DescribeSubnets, ec2:DescribeSecurityGroups, ec2:DescribeRouteTables, ec2:DescribeVpcEndpoints"
        yield from _ask(network.NAME, rights, lambda: [_check_network(settings, clients)])
    yield from _ask("quotas", "servicequotas:GetServiceQuota, servicequotas:ListServiceQuotas", lambda: _check_quotas(settings, clients))
    if not settings.is_image_built:
        yield image_base.judge_place(settings.serving_image, region)
    else:
        yield image_base.check_base(settings.image_base or image_base.find_base((ROOT / "serving/Dockerfile").read_text()), http)


def _check_deployed(settings: Settings, clients: Clients) -> Iterator[Finding]:
    """Yield what is there already: the stacks, names that are taken, leftovers, the endpoint, and who gets the alarms."""
    try:
        stack_names = stacks.list_stack_names(settings)
        deployed = read_stacks(clients("cloudformation"), stack_names)
    except AwsFailed as error:
        yield Finding("stacks", False, str(error), "this needs cloudformation:DescribeStacks, cloudformation:ListStackResources")
        return
    yield stacks.judge_stacks(deployed, len(stack_names))
    owned = {resource.key for state in deployed.values() for resource in state.resources}
    yield from _ask("names", "sagemaker:Describe…", lambda: _check_names(settings, owned, clients))
    yield from _ask("leftovers", "tag:GetResources", lambda: [_check_leftovers(settings, owned, clients)])
    endpoint_rights = "sagemaker:DescribeEndpoint, sagemaker:DescribeEndpointConfig"
    yield from _ask("endpoint", endpoint_rights, lambda: _check_endpoints(settings, deployed, clients))
    if storage := deployed.get(stack_name(settings.stage, "Storage")):
        yield from _ask(encryption_key.NAME, "s3:GetEncryptionConfiguration", lambda: [_check_key(settings, storage, clients)])
    yield from _ask("alarm mail", "sns:ListSubscriptionsByTopic", lambda: [_check_alarm_mail(settings, deployed, clients)])


def _ask(name: str, rights: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what a check finds, or that AWS did not say."""
    try:
        yield from check()
    except AwsFailed as error:
        yield Finding(name, False, str(error), f"this needs {rights}")


def _check_bootstrap(clients: Clients, place: str, name: str = "CDK bootstrap") -> Finding:
    try:
        with translate_aws_errors():
            version = clients("ssm").get_parameter(Name=bootstrap.PARAMETER)["Parameter"]["Value"]
    except AwsFailed as error:
        if error.aws_code != "ParameterNotFound":
            raise
        version = None
    return bootstrap.judge_bootstrap(version, place, name)


def _check_instance_types(settings: Settings, clients: Clients, region: str) -> Finding:
    wanted = instance_types.list_instance_types(settings)
    return instance_types.judge_instance_types(wanted, instance_types.read_offered(clients("ec2"), wanted), region)


def _check_network(settings: Settings, clients: Clients) -> Finding:
    subnets, groups = settings.subnets, settings.security_groups
    return network.judge_network(network.read_network(clients("ec2"), subnets, groups), subnets, groups)


def _check_quotas(settings: Settings, clients: Clients) -> Iterator[Finding]:
    of_account = quotas.ServiceQuotas(clients("service-quotas"))
    for need in quotas.list_needs(settings):
        yield quotas.judge_quota(need, of_account.find(need.service, need.name))
    yield quotas.judge_memory(settings, of_account.find("lambda", FUNCTIONS))


def _check_names(settings: Settings, owned: set[Key], clients: Clients) -> Iterator[Finding]:
    for taken in names.list_names(settings):
        yield names.judge_name(taken, owned, is_there=names.exists(clients(taken.service), taken))


def _check_leftovers(settings: Settings, owned: set[Key], clients: Clients) -> Finding:
    return names.judge_leftovers(names.read_tagged(clients("resourcegroupstaggingapi"), settings.stage), owned)


def _check_endpoints(settings: Settings, deployed: dict[str, StageStack], clients: Clients) -> Iterator[Finding]:
    for each in settings.split():
        stack = deployed.get(stack_name(settings.stage, "Inference", "" if each is settings else each.recipe))
        name = stack.outputs.get("EndpointName") if stack else None
        running = endpoint_update.read_endpoint(clients("sagemaker"), name) if name else None
        yield endpoint_update.judge_update(each, running)


def _check_key(settings: Settings, storage: StageStack, clients: Clients) -> Finding:
    bucket = storage.outputs.get("DumpBucketName")
    return encryption_key.judge_key(settings, storage, encryption_key.read_key(clients("s3"), bucket) if bucket else "")


def _check_alarm_mail(settings: Settings, deployed: dict[str, StageStack], clients: Clients) -> Finding:
    topics = alarm_mail.list_alarm_topics(deployed)
    return alarm_mail.judge_alarm_mail(settings.alarm_email, topics, alarm_mail.read_subscriptions(clients("sns"), topics))
