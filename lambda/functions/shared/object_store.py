"""A bucket of S3: JSON objects, conditional writes, listings."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from functions.shared.aws.retries import read_code
from functions.shared.json_lines import encode_line
from recipes.media_types import JSON

CONFLICT_TRIES, CONFLICT_PAUSE_S = 5, 0.1
MISSING = {"NoSuchKey", "404"}
FORBIDDEN = {"AccessDenied", "403"}  # what S3 says of a missing object to a role that may list some prefixes only


class Stored(NamedTuple):
    """An object in a listing.

    Args:    written_s: when it was written, in seconds since 1970.
    """

    key: str
    size_bytes: int
    written_s: float


class Store:
    """The objects of one bucket.

    Args:    client: `functions.shared.aws.s3.S3`, or botocore's client of S3.
             bucket: its name.
             sleep: replaced in tests.
    """

    def __init__(self, client: Any, bucket: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.client, self.bucket, self._sleep = client, bucket, sleep

    def read_json(self, key: str) -> dict[str, Any] | None:
        """Return a JSON object, or None if there is none."""
        try:
            document: dict[str, Any] = json.loads(self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        except Exception as error:  # of either client
            code = read_code(error)
            if code in MISSING or (code in FORBIDDEN and not self.has(key)):
                return None
            raise
        return document

    def has(self, key: str) -> bool:
        """Return whether there is such an object."""
        return any(each.key == key for each in self.list(key))

    def write_json(self, key: str, document: Mapping[str, Any]) -> None:
        """Write a JSON object; replaces an earlier one."""
        self.client.put_object(Bucket=self.bucket, Key=key, Body=encode_line(document), ContentType=JSON)

    def read_version(self, key: str) -> tuple[dict[str, Any], str]:
        """Return a JSON object that is there, and its entity tag, by which `replace_json` knows it again."""
        response = self.client.get_object(Bucket=self.bucket, Key=key)
        return json.loads(response["Body"].read()), response["ETag"]

    def replace_json(self, key: str, document: Mapping[str, Any], etag: str) -> bool:
        """Replace the JSON object that has this entity tag; return whether it was replaced: not if somebody else was faster."""
        body = encode_line(document)
        return self.write_once(lambda: self.client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=JSON, IfMatch=etag))

    def create_json(self, key: str, document: Mapping[str, Any]) -> bool:
        """Write a JSON object unless the key has one; return whether this call wrote it."""
        return self.create(key, encode_line(document), JSON)

    def create(self, key: str, body: bytes, content_type: str) -> bool:
        """Write an object unless the key has one; return whether this call wrote it."""
        return self.write_once(
            lambda: self.client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=content_type, IfNoneMatch="*")
        )

    def write_once(self, write: Callable[[], object]) -> bool:
        """Run a conditional write; return whether it wrote. S3 refuses one of two at the same moment with a conflict, which is repeated."""
        for left in reversed(range(CONFLICT_TRIES)):
            try:
                write()
            except Exception as error:  # of either client
                code = read_code(error)
                if code in {"PreconditionFailed", "412"}:
                    return False
                if code not in {"ConditionalRequestConflict", "409"} or not left:
                    raise
                self._sleep(CONFLICT_PAUSE_S)
            else:
                return True
        raise AssertionError("unreachable")

    def list_folders(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[str]:
        """Return the first folders right under a prefix, after a key, each with its slash."""
        page = self.client.list_objects_v2(Bucket=self.bucket, Prefix=prefix, Delimiter="/", StartAfter=after, MaxKeys=limit)
        return [each["Prefix"] for each in page.get("CommonPrefixes", [])]

    def list(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[Stored]:
        """Return the first objects under a prefix, after a key, by key."""
        page = self.client.list_objects_v2(Bucket=self.bucket, Prefix=prefix, StartAfter=after, MaxKeys=limit)
        return [Stored(each["Key"], int(each["Size"]), each["LastModified"].timestamp()) for each in page.get("Contents", [])]


def format_time(time_s: float) -> str:
    """Return seconds since 1970 as RFC 3339 in UTC, to the millisecond."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str) -> float:
    """Return the seconds since 1970 of a timestamp."""
    return datetime.fromisoformat(text).timestamp()
