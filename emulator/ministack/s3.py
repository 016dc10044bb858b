"""ministack's S3: the lifecycle rules of templates, and ranges of versions."""

import re
from collections.abc import Mapping
from typing import Any

from ministack.services import s3

from emulator.cloudformation.lifecycle import to_api_rule
from emulator.cloudformation.resource_type import Attributes, Resource
from emulator.ministack.services import Response

RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def store_lifecycle_rules(bucket: Resource) -> Attributes:
    """Store a bucket's rules, which ministack drops, so that GetBucketLifecycleConfiguration returns them."""
    if rules := (bucket.properties.get("LifecycleConfiguration") or {}).get("Rules"):
        s3._bucket_lifecycle[bucket.physical_id] = [to_api_rule(rule) for rule in rules]
    else:
        s3._bucket_lifecycle.pop(bucket.physical_id, None)
    return bucket.attributes


def answer_ranges_of_versions() -> None:
    """Let a GET of one version of an object return the range that it asks for: ministack returns the whole object."""
    get_whole_object = s3._get_object

    def get_object(bucket: str, key: str, headers: Mapping[str, str], query: Mapping[str, Any] | None = None) -> Response:
        status, response_headers, body = get_whole_object(bucket, key, headers, query)
        range_ = RANGE.fullmatch(headers.get("range", ""))
        if status != 200 or range_ is None or "versionId" not in (query or {}):
            return status, response_headers, body
        start, last = int(range_[1]), min(int(range_[2] or len(body)), len(body) - 1)
        other_headers = {name: value for name, value in response_headers.items() if name.lower() != "content-length"}
        part = body[start : last + 1]
        return 206, {**other_headers, "Content-Length": str(len(part)), "Content-Range": f"bytes {start}-{last}/{len(body)}"}, part

    s3._get_object = get_object
