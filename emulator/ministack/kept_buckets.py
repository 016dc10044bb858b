"""ministack's buckets across runs: collected at the end of one, and filled when CloudFormation creates them again in the next."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import s3
from ministack.services.cloudformation import _stacks, provisioners

from deployment.this_machine import ACCOUNT, REGION
from emulator.cloudformation.resource_type import Attributes, Properties
from emulator.kept import KeptBucket, KeptObject, KeptState

BUCKET = "AWS::S3::Bucket"
OUTPUT = re.compile(".+BucketName")  # what names a bucket to people; those of the page, of logs and of the toolkit have no such output


def fill_buckets(state: KeptState) -> None:
    """Give a bucket that a stack creates the name and the objects that it had, and let unfinished uploads be processed again.

    What a lifecycle rule would have deleted by now is left out.
    """
    handler = provisioners._RESOURCE_HANDLERS[BUCKET]
    create_empty = handler["create"]

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        kept = state.buckets.get(f"{stack}/{logical_id}")
        if kept is None or "BucketName" in properties or kept.name in s3._buckets:
            return create_empty(logical_id, properties, stack)  # type: ignore[no-any-return]
        name, attributes = create_empty(logical_id, {**properties, "BucketName": kept.name}, stack)
        rules = (properties.get("LifecycleConfiguration") or {}).get("Rules") or []
        current = KeptBucket(name, [each for each in kept.objects if not is_expired(each, rules, datetime.now(UTC))])
        for each in current.objects:
            _put(name, each)
        for each in state.list_unfinished(current):
            s3._fire_s3_event_async(
                name,
                each.key,
                "s3:ObjectCreated:Put",
                size=len(each.body),
                etag=each.record["etag"],
                version_id=each.record.get("version_id"),
            )
        return name, attributes

    provisioners._RESOURCE_HANDLERS[BUCKET] = {**handler, "create": create}


def collect_buckets(before: Mapping[str, KeptBucket]) -> dict[str, KeptBucket]:
    """Return the buckets that the deployed stacks name in their outputs, by stack and logical id.

    Args:    before: those of the run before. One that no output names yet, as where a run was stopped on its way, stays as it was.
    """
    with request_scope(ACCOUNT, REGION):
        stacks = {name: _stacks[name] for name in _stacks}
        outputs = [each for stack in stacks.values() for each in stack.get("Outputs", ())]
        named = {each["OutputValue"] for each in outputs if OUTPUT.fullmatch(each["OutputKey"])}
        found = dict(before)
        for stack_name, stack in stacks.items():
            for logical_id, resource in stack.get("_resources", {}).items():
                name = resource.get("PhysicalResourceId")
                if resource.get("ResourceType") == BUCKET and name in named and name in s3._buckets:
                    found[f"{stack_name}/{logical_id}"] = KeptBucket(name, _list_objects(name))
        return found


def is_expired(each: KeptObject, rules: list[Mapping[str, Any]], now: datetime) -> bool:
    """Return whether one of a bucket's lifecycle rules would have deleted the object by now."""
    age = now - datetime.fromisoformat(str(each.record["last_modified"]))
    limits = [
        int(rule["ExpirationInDays"]) for rule in rules if rule.get("ExpirationInDays") and each.key.startswith(rule.get("Prefix", ""))
    ]
    return any(age > timedelta(days=days) for days in limits)


def _list_objects(name: str) -> list[KeptObject]:
    objects = dict(s3._buckets[name]["objects"])
    return [
        KeptObject(key, {field: value for field, value in record.items() if field != "body"}, s3._read_body(name, key, record))
        for key, record in objects.items()
    ]


def _put(bucket: str, each: KeptObject) -> None:
    record = {**each.record, "body": each.body}
    s3._buckets[bucket]["objects"][each.key] = record
    if version := record.get("version_id"):
        entry = {**s3._version_entry_from_record(record, version, each.body), "is_latest": True}
        s3._object_versions[bucket, each.key] = [entry]
