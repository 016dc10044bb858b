"""The lifecycle rules of AWS::S3::Bucket, which ministack drops: from the template's shape to the S3 API's."""

from typing import Any

from emulator.ministack_adapter import Attributes, Properties, keep_lifecycle_rules


def keep(bucket: str, properties: Properties, attributes: Attributes) -> Attributes:
    """Store the bucket's rules, so that GetBucketLifecycleConfiguration tells them."""
    rules = (properties.get("LifecycleConfiguration") or {}).get("Rules")
    keep_lifecycle_rules(bucket, [to_api(rule) for rule in rules] if rules else None)
    return attributes


def to_api(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a template's rule as GetBucketLifecycleConfiguration would."""
    found: dict[str, Any] = {"ID": rule.get("Id", ""), "Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    if transitions := [*rule.get("Transitions", []), *([rule["Transition"]] if "Transition" in rule else [])]:
        found["Transitions"] = [{"Days": int(each["TransitionInDays"]), "StorageClass": each["StorageClass"]} for each in transitions]
    if "ExpirationInDays" in rule:
        found["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    if noncurrent := rule.get("NoncurrentVersionExpiration"):
        found["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(noncurrent["NoncurrentDays"])}
    if aborted := rule.get("AbortIncompleteMultipartUpload"):
        found["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": int(aborted["DaysAfterInitiation"])}
    return found
