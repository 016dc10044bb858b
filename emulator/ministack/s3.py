"""ministack's S3: the lifecycle rules of templates, ranges of versions, and keys that XML cannot hold."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import unescape

from ministack.core import router
from ministack.services import s3

from emulator.access import AccessDeniedError, Check
from emulator.cloudformation.lifecycle import to_api_rule
from emulator.cloudformation.resource_type import Attributes, Resource
from emulator.ministack.access.roles import require
from emulator.ministack.services import Response

# They describe the whole object: S3 leaves them out of a ranged answer, and a client that gets them checks the part against the whole.
OF_THE_WHOLE = ("content-length", "x-amz-checksum-")
_KEYS = re.compile("<(Key|Prefix|Delimiter|KeyMarker|NextKeyMarker)>(.+?)</", re.DOTALL)  # what encoding-type is about


def store_lifecycle_rules(bucket: Resource) -> Attributes:
    """Store a bucket's rules, which ministack drops, so that GetBucketLifecycleConfiguration returns them."""
    if rules := (bucket.properties.get("LifecycleConfiguration") or {}).get("Rules"):
        s3._bucket_lifecycle[bucket.physical_id] = [to_api_rule(rule) for rule in rules]
    else:
        s3._bucket_lifecycle.pop(bucket.physical_id, None)
    return bucket.attributes


def delete_bucket(name: str) -> None:
    """Delete a bucket as S3 does: one with objects is refused, which ministack's CloudFormation would delete with them."""
    status, _, body = s3._delete_bucket(name)
    if status == 409:
        raise RuntimeError(f"The bucket you tried to delete is not empty (Service: S3, Status Code: {status}, Bucket: {name})")
    if status not in {204, 404}:
        raise RuntimeError(body.decode())


def answer_ranges_of_versions() -> None:
    """Let a GET of one version of an object return the range that it asks for: ministack returns the whole object."""
    get_whole_object = s3._get_object

    def get_object(bucket: str, key: str, headers: Mapping[str, str], query: Mapping[str, Any] | None = None) -> Response:
        status, response_headers, body = get_whole_object(bucket, key, headers, query)
        if status != 200 or "range" not in headers or "versionId" not in (query or {}):
            return status, response_headers, body
        span = s3._parse_range(headers["range"], len(body))
        if span is None:
            error = s3._xml_body(s3._range_error_xml(bucket, key))
            return 416, {"Content-Type": "application/xml", "Content-Range": f"bytes */{len(body)}"}, error
        start, last = span
        part = body[start : last + 1]
        kept = {name: value for name, value in response_headers.items() if not name.lower().startswith(OF_THE_WHOLE)}
        return 206, {**kept, "Content-Length": str(len(part)), "Content-Range": f"bytes {start}-{last}/{len(body)}"}, part

    s3._get_object = get_object


def encode_listed_versions() -> None:
    """Let ListObjectVersions encode keys where it is asked to, as ListObjects does: a key may have characters that XML cannot hold."""
    list_plainly = s3._list_object_versions

    def list_versions(bucket: str, query: Mapping[str, Any]) -> Response:
        status, response_headers, body = list_plainly(bucket, query)
        if status != 200 or s3._qp(query, "encoding-type") != "url":
            return status, response_headers, body
        encoded = _KEYS.sub(lambda found: f"<{found[1]}>{quote(unescape(found[2]))}</", body.decode())
        return status, response_headers, encoded.replace("<MaxKeys>", "<EncodingType>url</EncodingType><MaxKeys>", 1).encode()

    s3._list_object_versions = list_versions


def forbid_what_is_missing() -> None:
    """Answer reads of objects and versions that do not exist as S3 does: "forbidden", unless the caller may list the bucket.

    A permission to list some prefixes only counts as none, because a read names no prefix.
    """
    get_object, head_object = s3._get_object, s3._head_object

    def get(bucket: str, key: str, headers: Mapping[str, str], query: Mapping[str, Any] | None = None) -> Response:
        return _hide_missing(get_object(bucket, key, headers, query), bucket, headers, query)

    def head(bucket: str, key: str, headers: Mapping[str, str] | None = None, query: Mapping[str, Any] | None = None) -> Response:
        return _hide_missing(head_object(bucket, key, headers, query), bucket, headers or {}, query)

    s3._get_object, s3._head_object = get, head


def _hide_missing(response: Response, bucket: str, headers: Mapping[str, str], query: Mapping[str, Any] | None) -> Response:
    access_key = router.extract_access_key_id(dict(headers), dict(query or {})) if response[0] == 404 else ""
    if not access_key:
        return response
    action = "s3:ListBucketVersions" if "versionId" in (query or {}) else "s3:ListBucket"
    try:
        require(access_key, Check(action, f"arn:aws:s3:::{bucket}"), is_recorded=False)
    except AccessDeniedError:
        denied: Response = s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}")
        return denied
    return response
