"""What holds for every combination of settings, and for a stage that goes from one to another."""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations, permutations
from typing import Any

import pytest

from deployment.paths import ROOT
from tests.grants import as_list
from tests.held_grants import OF_LAMBDA, OF_SAGEMAKER
from tests.infra.cfn_lint_data import DATA
from tests.infra.combinations import FIELDS, cover_pairs, list_valid

CHOSEN = cover_pairs(list_valid())
SCHEMAS = DATA / "schemas"
MORE = {"recipes": "digits,natural_images", "endpoint_kind": "cpu", "id_key": "2", "encryption_key": "create", "web_acl": "create"} | {
    "monthly_budget_usd": "9",
    "start_on_data": "true",
    "approval": "automatic",
}
# Statements with a pattern for their actions or with every resource, by type, effect and action, each with its reason: no others may be.
PATTERNS = {
    ("AWS::S3::BucketPolicy", "Deny", "s3:*"): "what is denied without TLS is every action",
    ("AWS::SQS::QueuePolicy", "Deny", "sqs:*"): "what is denied without TLS is every action",
    (
        "AWS::IAM::Policy",
        "Allow",
        "ecr:GetAuthorizationToken",
    ): "takes no resource; what is pulled is allowed by ARN",
    ("AWS::IAM::Policy", "Allow", "cloudwatch:GetMetricStatistics"): "takes no resource: a metric is the account's",
    ("AWS::IAM::Policy", "Allow", "cloudwatch:PutMetricData"): "takes no resource: the condition names the namespace",
    ("AWS::IAM::Policy", "Allow", "xray:PutTraceSegments"): "takes no resource: a trace is the account's",
    ("AWS::IAM::Policy", "Allow", "xray:PutTelemetryRecords"): "takes no resource: a trace is the account's",
    **{
        ("AWS::IAM::Policy", "Allow", action): "a network interface is named while it is created, and describing takes no resource"
        for action in (*OF_LAMBDA, *OF_SAGEMAKER)
    },
    **{("AWS::IAM::Policy", "Deny", action): "the function's own code may do it nowhere" for action in OF_LAMBDA},
}
# AWS's own policies, of CDK's helpers that run only while deploying. They name their actions, on every resource.
MANAGED = {
    "service-role/AWSLambdaBasicExecutionRole": "the functions that copy the page's files and start the image's build write their logs",
    "AmazonElasticContainerRegistryPublicReadOnly": "the image's build pulls its base from AWS's public registry",
}
IN_EVERY_REQUEST = {"lambda:SourceFunctionArn"}  # that a function's code makes, to whatever service
# Names that are no property called …Name.
OTHER_NAMES = {"AWS::Cognito::UserPoolDomain": {"Domain"}}


@pytest.fixture(scope="module")
def stages(synthesize: Any) -> list[Any]:
    return [synthesize("dev", **combination) for combination in CHOSEN]


@pytest.fixture(scope="module")
def all_stages(stages: list[Any], synthesize: Any) -> list[Any]:
    """Those and what no combination has: the other stages, several recipes, and all that one stage can have beside them."""
    return [*stages, *map(synthesize, ("local", "prod")), synthesize("prod", **MORE)]


def test_every_value_meets_every_other_that_it_can() -> None:
    assert {(name, value) for each in CHOSEN for name, value in each.items() if name in FIELDS} == {
        (name, value) for name, values in FIELDS.items() for value in values
    }
    assert len(CHOSEN) < 30


@cache
def schema_of(kind: str) -> dict[str, Any]:
    """Return CloudFormation's schema of a resource type; none of a custom one."""
    names = json.loads((SCHEMAS / "providers/us-east-1.json").read_text())
    return dict(json.loads((SCHEMAS / f"resources/{names[kind]}.json").read_text())) if kind in names else {}


def fixed_properties(kind: str) -> set[str]:
    """Return the properties whose change replaces a resource."""
    return {path.split("/")[2] for path in schema_of(kind).get("createOnlyProperties", [])}


def find_uses(value: Any) -> set[str]:
    """Return the resources that a part of a template refers to, directly."""
    if isinstance(value, list):
        return set().union(*map(find_uses, value))
    if not isinstance(value, dict):
        return set()
    named = value.get("DependsOn", [])
    own = {named} if isinstance(named, str) else set(named)
    own |= {str(value["Ref"])} if "Ref" in value else {value["Fn::GetAtt"][0]} if "Fn::GetAtt" in value else set()
    return own.union(*map(find_uses, value.values()))


def name_of(resource: dict[str, Any]) -> str:
    """Return the names that a template gives to a resource as text, empty for one that CloudFormation names."""
    kind, properties = resource["Type"], resource.get("Properties", {})
    names = {each for each in fixed_properties(kind) if each.endswith("Name")} | OTHER_NAMES.get(kind, set())
    # What refers to another resource, like a permission's FunctionName, is that one's name.
    own = {name: properties[name] for name in sorted(names & properties.keys()) if all(map(is_pseudo, find_uses(properties[name])))}
    return json.dumps(own) if own else ""


def is_pseudo(name: str) -> bool:
    """Return whether a reference is to a value like AWS::Region, which a stack has once and for all."""
    return name.startswith("AWS::")


def list_collisions(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Yield what would exist twice under one name while a stack goes from one template to the other: CloudFormation creates first."""
    named = {(each["Type"], name_of(each)): id_ for id_, each in before.items() if name_of(each)}
    for id_, resource in after.items():
        kind, name = resource["Type"], name_of(resource)
        other = named.get((kind, name))
        if other is None:
            continue
        if other != id_:
            yield f"{kind} {name}: {other} and {id_}"
        was, is_ = before[other].get("Properties", {}), resource.get("Properties", {})
        changed = sorted(each for each in fixed_properties(kind) if was.get(each) != is_.get(each))
        if changed:
            yield f"{kind} {name}: {', '.join(changed)} cannot be updated"


def test_replaces_nothing_that_keeps_its_name(stages: list[Any]) -> None:
    """CloudFormation cannot update a stack when a custom-named resource requires replacing."""
    found = {
        f"{stack} {collision}"
        for one, other in combinations(stages, 2)
        for stack in one.templates
        for before, after in ((one, other), (other, one))
        for collision in list_collisions(before.templates[stack]["Resources"], after.templates[stack]["Resources"])
    }
    assert found == set()


def test_a_replacement_under_the_same_name_would_be_found() -> None:
    def group(description: str) -> dict[str, Any]:
        properties = {"ModelPackageGroupName": "a", "ModelPackageGroupDescription": description}
        return {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": properties}

    (changed,) = list_collisions({"A": group("1")}, {"A": group("2")})
    assert changed.endswith("ModelPackageGroupDescription cannot be updated")
    (moved,) = list_collisions({"A": group("1")}, {"B": group("1")})
    assert moved.endswith("A and B")
    assert not list(list_collisions({"A": group("1")}, {"A": group("1")}))


def test_retains_nothing_with_a_name_but_in_the_stack_that_is_never_deleted(stages: list[Any]) -> None:
    """What a deleted stack left behind under a name, the next deployment could not create, unless a stack's id is in it."""
    kept = {
        (stack, resource["Type"])
        for stage in stages
        for stack, _, resource in stage.all()
        if str(resource.get("DeletionPolicy")).startswith("Retain") and name_of(resource) and "AWS::StackId" not in name_of(resource)
    }
    assert kept == {("Storage", "AWS::SageMaker::ModelPackageGroup")}


def test_deletes_a_log_group_with_a_name_after_all_that_could_create_it_again(stages: list[Any]) -> None:
    """A container that still runs, as a role that still may, brings a deleted group back, and the next deployment finds its name taken."""
    for resources in (stage.templates["Inference"]["Resources"] for stage in stages):
        (group,) = [id_ for id_, each in resources.items() if each["Type"] == "AWS::Logs::LogGroup" and name_of(each)]
        policies = [id_ for id_, each in resources.items() if each["Type"] == "AWS::IAM::Policy" and group in find_uses(each)]
        (endpoint,) = [id_ for id_, each in resources.items() if each["Type"] == "AWS::SageMaker::Endpoint"]
        assert policies
        assert {group, *policies} <= find_all_uses(endpoint, resources)  # it is deleted first


def test_creates_a_helpers_log_group_before_it_is_called_and_deletes_it_after_that(stages: list[Any]) -> None:
    """Lambda creates the group of a function that logs and has none: too early for CloudFormation, or too late for it to delete."""
    seen = 0
    for stage in stages:
        for resources in (template["Resources"] for template in stage.templates.values()):
            named = {id_: find_uses(each["Properties"].get("LogGroupName", "")) for id_, each in resources.items() if is_log_group(each)}
            for id_, functions in named.items():
                called = [
                    each for each, one in resources.items() if find_uses(one.get("Properties", {}).get("ServiceToken", "")) & functions
                ]
                seen += len(called)
                assert [each for each in called if id_ not in find_all_uses(each, resources)] == []
    assert seen == len(stages)  # the build of the server's image


def is_log_group(resource: dict[str, Any]) -> bool:
    return bool(resource["Type"] == "AWS::Logs::LogGroup")


def find_all_uses(id_: str, resources: dict[str, Any]) -> set[str]:
    """Return the resources that one refers to, and those that these refer to: all that CloudFormation deletes after it."""
    found, new = set[str](), {id_}
    while new := {use for each in new if each in resources for use in find_uses(resources[each])} - found:
        found |= new
    return found


def references(value: Any) -> Iterator[dict[str, str]]:
    """Yield each reference to another stack's output."""
    if isinstance(value, dict):
        if "Fn::GetStackOutput" in value:
            yield value["Fn::GetStackOutput"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_reads_only_outputs_of_stacks_that_are_deployed_before(stages: list[Any]) -> None:
    assert all(any(references(stage.templates[stack])) for stage in stages for stack in ("Training", "Web"))
    for stage in stages:
        artifacts = json.loads((stage.folder / "manifest.json").read_text())["artifacts"]
        for stack, template in stage.templates.items():
            for reference in references(template):
                other = reference["StackName"].rsplit("-", 1)[1]
                assert reference["OutputName"] in stage.templates[other]["Outputs"]
                assert reference["StackName"] in artifacts[f"Inferstack-dev-{stack}"]["dependencies"]


# What holds data of people, and goes with a change of settings where nothing is retained; the words by which changing-a-stage.md says so.
GOES = {
    "AWS::Cognito::UserPool": "**`auth` from jwt to iam**",
    "AWS::KMS::Key": "**`encryption_key`**",
    "AWS::SageMaker::NotebookInstance": "**The notebook**",
}
HOLDS_DATA = {
    *GOES,
    *("AWS::ECR::Repository", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SageMaker::ModelPackageGroup"),
}


def list_losses(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield the types of what holds data and is deleted while a stack goes from one template to the other, and whether it is retained."""
    for id_, resource in before.items():
        kind, is_ = resource["Type"], after.get(id_)
        if kind not in HOLDS_DATA:
            continue
        if is_ is None:
            yield kind, str(resource.get("DeletionPolicy")).startswith("Retain")
            continue
        was, new = resource.get("Properties", {}), is_.get("Properties", {})
        if any(was.get(each) != new.get(each) for each in fixed_properties(kind)):
            yield kind, str(resource.get("UpdateReplacePolicy")).startswith("Retain")


def test_deletes_data_only_where_the_documents_say_it(stages: list[Any]) -> None:
    lost = {
        (kind, before.settings.retain_data)
        for before, after in permutations(stages, 2)
        for stack in before.templates
        for kind, is_retained in list_losses(before.templates[stack]["Resources"], after.templates[stack]["Resources"])
        if not is_retained
    }
    text = (ROOT / "docs/changing-a-stage.md").read_text().partition("## Changing a running stage")[2].partition("\n## ")[0]
    assert {kind for kind, _ in lost} == set(GOES)
    assert [words for words in GOES.values() if words not in text] == []
    assert {kind for kind, is_retained in lost if is_retained} == {"AWS::SageMaker::NotebookInstance"}  # which has no other policy


def test_keeps_the_outputs_that_a_stack_reads_until_it_is_updated(stages: list[Any], synthesize: Any) -> None:
    """A rollout between the two deployments, or after one that failed, resolves them anew: only what is itself gone may be missing."""
    address = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/server:1"
    other = synthesize("dev", serving_image=address)
    missing = {
        name
        for before, after in permutations([*stages, other], 2)
        for reference in references(before.templates)
        if (name := reference["OutputName"]) not in after.templates[reference["StackName"].rsplit("-", 1)[1]]["Outputs"]
    }
    gone = ("PublishOutputRefUsers", "PublishOutputFnGetAttKey")
    assert {name for name in missing if not name.startswith(gone)} == set()
    assert missing


def list_statements(stage: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every statement of every policy in a stage's templates, with the type of what holds it."""
    for _, _, resource in stage.all():
        properties = resource.get("Properties", {})
        inline = properties.get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []
        documents = [each for each in (properties.get("PolicyDocument"), *(policy["PolicyDocument"] for policy in inline)) if each]
        for statement in (statement for document in documents for statement in document["Statement"]):
            yield resource["Type"], statement


def test_has_a_pattern_for_actions_or_every_resource_only_for_a_reason(all_stages: list[Any]) -> None:
    """CDK's own helpers included."""
    found = {
        (kind, statement["Effect"], action)
        for stage in all_stages
        for kind, statement in list_statements(stage)
        for action in as_list(statement["Action"])
        if "*" in action or "*" in as_list(statement.get("Resource", []))
    }
    assert found == set(PATTERNS)


def test_takes_awss_own_policies_for_cdks_helpers_only(all_stages: list[Any]) -> None:
    roles = [each for stage in all_stages for each in stage.properties("AWS::IAM::Role") if "ManagedPolicyArns" in each]
    found = {policy["Fn::Join"][1][-1].partition(":iam::aws:policy/")[2] for role in roles for policy in role["ManagedPolicyArns"]}
    assert found == set(MANAGED)
    assert len(found) <= 3


def test_gives_a_role_a_condition_key_only_of_its_own_services(all_stages: list[Any]) -> None:
    """A key of another service is never there, and what a negated operator says of it is always true."""
    found = set[str]()
    for stage in all_stages:
        for kind, statement in list_statements(stage):
            services = {action.partition(":")[0] for action in as_list(statement["Action"])} | {"aws"}
            keys = {key for block in statement.get("Condition", {}).values() for key in block} - IN_EVERY_REQUEST
            assert {key.partition(":")[0].lower() for key in keys} <= services, (kind, statement)
            found |= keys
    assert len(found) > 5


# What a role must not do, lest it raise its own rights: change roles and policies, take other roles on, run code as another role.
RAISING = re.compile(
    r"iam:(?!PassRole$|GetRole$)|sts:|lambda:|cloudformation:(?!Describe|UpdateStack$)|"
    r"\w+:(Put|Set|Add|Create|Update|Attach)\w*(Policy|Permission|Grant)(?<!NetworkInterfacePermission)$"
)
BY_WHOM = {"lambda.amazonaws.com", "cloudformation.amazonaws.com", "codebuild.amazonaws.com"}
# A service that may use what is not a role's without saying for which account, each with its reason.
SAYS_NO_ACCOUNT = {("AWS::KMS::Key", "events.amazonaws.com"): "EventBridge says nothing of the account when it uses a key"}


def test_lets_no_role_raise_its_rights_or_hand_another_on_but_to_a_named_service(all_stages: list[Any]) -> None:
    passed = set[str]()
    for kind, statement in (each for stage in all_stages for each in list_statements(stage) if each[1]["Effect"] == "Allow"):
        actions = as_list(statement["Action"])
        if kind == "AWS::IAM::Policy":
            on_behalf = statement.get("Condition") == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
            assert [each for each in actions if RAISING.match(each) and not (each == "kms:CreateGrant" and on_behalf)] == []
        if "iam:PassRole" in actions:
            assert list(statement["Condition"]) == ["StringEquals"]
            assert "*" not in as_list(statement["Resource"])
            passed.add(statement["Condition"]["StringEquals"]["iam:PassedToService"])
    assert passed == {"sagemaker.amazonaws.com", "cloudformation.amazonaws.com"}


def list_trusts(stage: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each service that a resource's own policy or a role's trust lets in: the resource's type, the service, the conditions."""
    for _, _, resource in stage.all():
        kind, properties = resource["Type"], resource.get("Properties", {})
        documents = [properties[each] for each in ("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument") if each in properties]
        for statement in (
            one for document in documents for one in document["Statement"] if "Principal" in one and one["Effect"] == "Allow"
        ):
            who, conditions = statement["Principal"], statement.get("Condition", {})
            keys = {key.lower(): value for block in conditions.values() for key, value in block.items()}
            if kind == "AWS::KMS::Key" and "AWS" in who:  # the account's own policies decide, as of every resource without a policy
                assert json.dumps(who["AWS"]).endswith(':root"]]}')
                continue
            assert list(who) == ["Service"], f"{kind} lets in {who}"
            for service in as_list(who["Service"]):
                yield kind, service if isinstance(service, str) else "logs.amazonaws.com", keys


def test_lets_a_service_in_for_this_account_only(all_stages: list[Any]) -> None:
    """A service acts for all accounts of AWS: what lets it in must say for which (the confused deputy)."""
    found = set[tuple[str, str]]()
    for kind, service, keys in (trust for stage in all_stages for trust in list_trusts(stage)):
        found.add((kind, service))
        if kind == "AWS::IAM::Role" and service in BY_WHOM:  # it takes a role of its own account only, from who may pass it
            continue
        names_account = {"aws:sourceaccount", "kms:encryptioncontext:aws:logs:arn"} & set(keys)
        if not names_account and "aws:sourcearn" in keys and service not in {"s3.amazonaws.com", "logging.s3.amazonaws.com"}:
            names_account = {"aws:sourcearn"}  # of a resource of the same stack; a bucket's has no account in it
        assert names_account or (kind, service) in SAYS_NO_ACCOUNT, (kind, service, keys)
    assert set(SAYS_NO_ACCOUNT) <= found
    assert len(found) > 12
    permissions = [each for stage in all_stages for each in stage.properties("AWS::Lambda::Permission")]
    assert {each["Principal"] for each in permissions} == {"apigateway.amazonaws.com"}
    assert all("Fn::Join" in each["SourceArn"] and "HttpApi" in json.dumps(each["SourceArn"]) for each in permissions)
