"""S3's limits that ministack does not hold: of keys, metadata and conditions, of an upload's parts, of what one call lists or deletes."""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from ministack.services import s3

from emulator.ministack.services import Response

LONGEST_KEY_BYTES, MOST_METADATA_BYTES, LEAST_PART_BYTES = 1024, 2048, 5 << 20
MOST_KEYS = 1000  # of one call that lists or deletes
METADATA = "x-amz-meta-"
MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"
_PART_NUMBER = re.compile(rb"<PartNumber>\s*(\d+)\s*</PartNumber>")
_OBJECT = re.compile(rb"<Object[ >]")


def hold_limits() -> None:
    """Refuse what S3 refuses: our code keeps to these limits, and only a refusal shows where it would not."""
    s3._put_object = _checked(s3._put_object)
    s3._copy_object = _checked(s3._copy_object)
    s3._create_multipart_upload = _checked(s3._create_multipart_upload)
    complete = s3._complete_multipart_upload

    def complete_upload(bucket: str, key: str, body: bytes, query: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
        upload = s3._multipart_uploads.get(s3._qp(query, "uploadId"))
        numbers = [int(number) for number in _PART_NUMBER.findall(body)]
        refused = _refuse_parts(numbers, upload["parts"]) if upload else None
        answer: Response = refused or complete(bucket, key, body, query, headers)
        return answer

    s3._complete_multipart_upload = complete_upload
    delete, list_objects = s3._delete_objects, s3._list_objects_v2

    def delete_objects(bucket: str, body: bytes, *rest: Any) -> Response:
        answer: Response = _refuse_many(len(_OBJECT.findall(body))) or delete(bucket, body, *rest)
        return answer

    def list_at_most(bucket: str, query: dict[str, Any]) -> Response:
        most = min(int(s3._qp(query, "max-keys", str(MOST_KEYS))), MOST_KEYS)
        answer: Response = list_objects(bucket, {**query, "max-keys": [str(most)]})
        return answer

    s3._delete_objects, s3._list_objects_v2 = delete_objects, list_at_most


def _checked(write: Callable[..., Response]) -> Callable[..., Response]:
    """Return an operation that makes an object of a key, whose headers come last, with the checks of both before it."""

    def write_checked(bucket: str, key: str, *rest: Any) -> Response:
        return _refuse_name(key, rest[-1]) or _refuse_condition(rest[-1]) or write(bucket, key, *rest)

    return write_checked


def _refuse_name(key: str, headers: Mapping[str, str]) -> Response | None:
    if len(key.encode("utf-8", "surrogateescape")) > LONGEST_KEY_BYTES:
        return _error("KeyTooLongError", "Your key is too long")
    kept = [(name.removeprefix(METADATA), value) for name, value in headers.items() if name.startswith(METADATA)]
    if sum(len(name.encode()) + len(value.encode()) for name, value in kept) > MOST_METADATA_BYTES:
        return _error("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
    return None


def _refuse_condition(headers: Mapping[str, str]) -> Response | None:
    if headers.get("if-none-match", "*").strip() != "*":
        return _error("NotImplemented", "A header you provided implies functionality that is not implemented", 501)
    return None


def _refuse_many(keys: int) -> Response | None:
    return None if keys <= MOST_KEYS else _error("MalformedXML", MALFORMED)


def _refuse_parts(numbers: list[int], parts: Mapping[int, Mapping[str, Any]]) -> Response | None:
    if not numbers:
        return _error("MalformedXML", MALFORMED)
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        return _error("InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.")
    if any(number in parts and parts[number]["size"] < LEAST_PART_BYTES for number in numbers[:-1]):
        return _error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
    return None


def _error(code: str, message: str, status: int = 400) -> Response:
    error: Response = s3._error(code, message, status)
    return error
