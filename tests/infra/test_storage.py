"""Buckets: who reads them, and what becomes of what is in them."""

import json
from typing import Any

from deployment.stages import PARTS

KEPT = "RetainExceptOnCreate"


def test_keeps_every_bucket_private_and_encrypted(stage: Any) -> None:
    buckets = stage.properties("AWS::S3::Bucket")
    assert len(buckets) >= 2
    for bucket in buckets:
        blocked = bucket["PublicAccessBlockConfiguration"]
        assert set(blocked) == {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
        assert all(blocked.values())
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        assert "WebsiteConfiguration" not in bucket


def test_refuses_plain_http_and_old_tls_at_every_bucket(stage: Any) -> None:
    protected = {p["Bucket"]["Ref"]: p["PolicyDocument"]["Statement"] for p in stage.properties("AWS::S3::BucketPolicy")}
    for name in stage.resources("AWS::S3::Bucket"):
        denied = [s["Condition"] for s in protected[name.split("/")[1]] if s["Effect"] == "Deny" and s["Action"] == "s3:*"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in denied
        assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in denied


def test_lets_nobody_but_services_read_a_bucket_by_policy(stage: Any) -> None:
    for policy in stage.properties("AWS::S3::BucketPolicy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow":
                assert set(statement["Principal"]) == {"Service"}
                assert statement["Condition"]


def test_clears_aborted_uploads_everywhere(stage: Any) -> None:
    for bucket in stage.properties("AWS::S3::Bucket"):
        assert [r for r in bucket["LifecycleConfiguration"]["Rules"] if "AbortIncompleteMultipartUpload" in r and "Prefix" not in r]


def dump(stage: Any) -> dict[str, Any]:
    output = stage.templates["Storage"]["Outputs"]["DumpBucketName"]["Value"]["Ref"]
    return dict(stage.templates["Storage"]["Resources"][output])


def test_archives_training_data_after_a_while(stage: Any) -> None:
    rules = {rule.get("Prefix"): rule for rule in dump(stage)["Properties"]["LifecycleConfiguration"]["Rules"] if "Prefix" in rule}
    for prefix in ("raw/", "datasets/"):
        moves = [(move["StorageClass"], move["TransitionInDays"]) for move in rules[prefix]["Transitions"]]
        assert moves == [("STANDARD_IA", 30), ("GLACIER_IR", 90)]
        assert rules[prefix]["Status"] == "Enabled"
    assert rules["capture/"]["ExpirationInDays"] == 30


def test_never_moves_or_expires_a_model_that_an_endpoint_may_read(stage: Any) -> None:
    for rule in dump(stage)["Properties"]["LifecycleConfiguration"]["Rules"]:
        if "models/".startswith(rule.get("Prefix", "")) or rule.get("Prefix", "").startswith("models/"):
            assert not {"Transitions", "Transition", "ExpirationInDays", "ExpirationDate"} & set(rule)


def test_keeps_what_was_overwritten_but_not_for_ever(stage: Any) -> None:
    properties = dump(stage)["Properties"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert [r for r in properties["LifecycleConfiguration"]["Rules"] if "NoncurrentVersionExpiration" in r and "Prefix" not in r]


def test_logs_access_to_the_dump_bucket(stage: Any) -> None:
    assert dump(stage)["Properties"]["LoggingConfiguration"]["DestinationBucketName"]


def test_keeps_the_data_of_prod_when_the_stack_goes(stage: Any) -> None:
    bucket = dump(stage)
    wanted = (KEPT, "Retain") if stage.settings.stage == "prod" else ("Delete", "Delete")
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == wanted


def test_keeps_the_models_versions_with_the_data_and_both_from_being_deleted_with_the_rest(stage: Any) -> None:
    """A group of the same name could not be created again, and buckets that a deleted stack left would not be found."""
    manifest = json.loads((stage.folder / "manifest.json").read_text())["artifacts"]
    protected = {
        name.rsplit("-", 1)[1]
        for name, artifact in manifest.items()
        if artifact["type"] == "aws:cloudformation:stack" and artifact["properties"].get("terminationProtection")
    }
    assert protected == ({"Storage"} if stage.settings.retain_data else set())
    (group,) = stage.of("Storage").resources("AWS::SageMaker::ModelPackageGroup").values()
    assert group["DeletionPolicy"] == (KEPT if stage.settings.retain_data else "Delete")


def test_is_deployed_and_deleted_with_the_toolkits_role(stage: Any) -> None:
    """CloudFormation keeps the role of a stack's last update, which after a rollout may not do more than a rollout needs."""
    manifest = json.loads((stage.folder / "manifest.json").read_text())["artifacts"]
    stacks = [artifact["properties"] for artifact in manifest.values() if artifact["type"] == "aws:cloudformation:stack"]
    assert len(stacks) == 5
    assert all("-cfn-exec-role-" in stack["cloudFormationExecutionRoleArn"] for stack in stacks)


def test_keeps_the_images_that_registered_versions_are_served_by(stage: Any) -> None:
    assert not stage.of("Inference").resources("AWS::ECR::Repository")
    repositories = list(stage.of("Storage").resources("AWS::ECR::Repository").values())
    kept = stage.settings.retain_data
    found = [(each["DeletionPolicy"], each["Properties"].get("EmptyOnDelete", False)) for each in repositories]
    assert found == [(KEPT if kept else "Delete", not kept)]
    assert [each["Properties"]["ImageTagMutability"] for each in repositories] == ["IMMUTABLE"]  # an address means one image for good


def test_leaves_nothing_behind_but_what_the_settings_retain(stage: Any) -> None:
    retained = [f"{stack} {each['Type']}" for stack, _, each in stage.all() if str(each.get("DeletionPolicy")).startswith("Retain")]
    assert bool(retained) == stage.settings.retain_data


def test_leaves_nothing_behind_of_a_first_deployment_that_is_rolled_back_but_what_is_protected(stage: Any) -> None:
    """An empty group under its name would be in the way of the next deployment; a protected pool could not be deleted."""
    left = [each for _, _, each in stage.all() if each.get("DeletionPolicy") == "Retain"]
    protected = [each for _, _, each in stage.all() if each.get("Properties", {}).get("DeletionProtection") == "ACTIVE"]
    assert left == protected


def test_keeps_who_may_sign_in(stage: Any) -> None:
    assert len(stage.of("Storage").resources("AWS::Cognito::UserPool")) == (stage.settings.auth == "jwt")
    for pool in stage.resources("AWS::Cognito::UserPool").values():
        kept = stage.settings.retain_data
        assert (pool["DeletionPolicy"], pool["Properties"]["DeletionProtection"]) == (
            ("Retain", "ACTIVE") if kept else ("Delete", "INACTIVE")
        )


def test_is_destroyed_in_the_order_of_its_parts_the_last_one_first(stage: Any) -> None:
    assert set(PARTS) == set(stage.templates)
    artifacts = json.loads((stage.folder / "manifest.json").read_text())["artifacts"]
    for index, part in enumerate(PARTS):
        uses = {
            name.rsplit("-", 1)[1] for name in artifacts[f"Inferstack-{stage.settings.stage}-{part}"]["dependencies"] if "." not in name
        }
        assert uses <= set(PARTS[:index])
