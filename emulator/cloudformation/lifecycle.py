"""The lifecycle rules of AWS::S3::Bucket: from the template's shape to the S3 API's."""

from typing import Any


def to_api_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a template's rule as GetBucketLifecycleConfiguration returns it."""
    converted: dict[str, Any] = {"ID": rule.get("Id", ""), "Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    if transitions := [*rule.get("Transitions", []), *([rule["Transition"]] if "Transition" in rule else [])]:
        converted["Transitions"] = [{"Days": int(each["TransitionInDays"]), "StorageClass": each["StorageClass"]} for each in transitions]
    if "ExpirationInDays" in rule:
        converted["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    if noncurrent := rule.get("NoncurrentVersionExpiration"):
        converted["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(noncurrent["NoncurrentDays"])}
    if multipart := rule.get("AbortIncompleteMultipartUpload"):
        converted["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": int(multipart["DaysAfterInitiation"])}
    return converted
