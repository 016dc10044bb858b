"""S3 in memory, as far as our functions use it: versions, ranges, conditional writes that are atomic, multipart uploads, listings."""

# ruff: noqa: N803 - the names are botocore's

import hashlib
import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError


def refused(code: str, operation: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)


@dataclass
class Kept:
    body: bytes
    version: str
    metadata: dict[str, str] = field(default_factory=dict)
    storage_class: str = "STANDARD"

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'


class Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, amount: int | None = None) -> bytes:
        return self._content if amount is None else self._content[:amount]

    def iter_lines(self, chunk_size: int = 1024) -> Iterator[bytes]:
        return iter(self._content.split(b"\n"))


class Pages:
    """The paginator of listings; two objects a page, so that nothing works by there being but one."""

    def __init__(self, s3: "FakeS3") -> None:
        self._s3 = s3

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:
        after = ""
        while True:
            page = self._s3.list_objects_v2(Bucket=Bucket, Prefix=Prefix, StartAfter=after, MaxKeys=2)
            yield page
            if not page["Contents"]:
                return
            after = page["Contents"][-1]["Key"]


class FakeS3:
    """A client; `writes` counts how often each key came into being."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], list[Kept]] = {}
        self.uploads: dict[str, tuple[str, str, dict[int, bytes], dict[str, str]]] = {}
        self.writes: dict[tuple[str, str], int] = {}
        self._lock, self._ids = threading.RLock(), itertools.count(1)

    def put(self, bucket: str, key: str, body: bytes, metadata: dict[str, str] | None = None) -> Kept:
        with self._lock:
            kept = Kept(body, f"v{next(self._ids)}", metadata or {})
            self.objects.setdefault((bucket, key), []).append(kept)
            self.writes[bucket, key] = self.writes.get((bucket, key), 0) + 1
            return kept

    def keys(self, bucket: str) -> list[str]:
        return sorted(key for found, key in self.objects if found == bucket)

    def get_object(self, *, Bucket: str, Key: str, Range: str = "", VersionId: str = "", IfMatch: str = "") -> dict[str, Any]:
        with self._lock:
            versions = self.objects.get((Bucket, Key))
            if not versions:
                raise refused("NoSuchKey", "GetObject", 404)
            kept = next((each for each in versions if each.version == VersionId), None) if VersionId else versions[-1]
            if kept is None:
                raise refused("NoSuchVersion", "GetObject", 404)
            if IfMatch and IfMatch.strip('"') != kept.etag.strip('"'):
                raise refused("PreconditionFailed", "GetObject", 412)
            if kept.storage_class == "GLACIER":
                raise refused("InvalidObjectState", "GetObject", 403)
        content = kept.body
        if Range:
            start, last = Range.removeprefix("bytes=").split("-")
            content = content[int(start) : int(last) + 1]
        return {"Body": Body(content), "Metadata": kept.metadata}

    def put_object(
        self, *, Bucket: str, Key: str, Body: bytes, ContentType: str = "", Metadata: dict[str, str] | None = None, IfNoneMatch: str = ""
    ) -> dict[str, Any]:
        with self._lock:
            if IfNoneMatch and (Bucket, Key) in self.objects:
                raise refused("PreconditionFailed", "PutObject", 412)
            return {"ETag": self.put(Bucket, Key, bytes(Body), Metadata).etag}

    def list_objects_v2(self, *, Bucket: str, Prefix: str, StartAfter: str = "", MaxKeys: int = 1000) -> dict[str, Any]:
        with self._lock:
            keys = [key for key in self.keys(Bucket) if key.startswith(Prefix) and key > StartAfter][:MaxKeys]
            kept = {key: self.objects[Bucket, key][-1] for key in keys}
            return {"Contents": [{"Key": key, "Size": len(each.body), "ETag": each.etag} for key, each in kept.items()]}

    def get_paginator(self, _: str) -> "Pages":
        return Pages(self)

    def upload_file(self, path: str, bucket: str, key: str) -> None:
        self.put(bucket, key, Path(path).read_bytes())

    def download_file(self, bucket: str, key: str, path: str) -> None:
        Path(path).write_bytes(self.get_object(Bucket=bucket, Key=key)["Body"].read())

    def create_multipart_upload(self, *, Bucket: str, Key: str, ContentType: str, Metadata: dict[str, str]) -> dict[str, Any]:
        with self._lock:
            upload_id = f"u{next(self._ids)}"
            self.uploads[upload_id] = (Bucket, Key, {}, Metadata)
            return {"UploadId": upload_id}

    def upload_part(self, *, Bucket: str, Key: str, UploadId: str, PartNumber: int, Body: bytes) -> dict[str, Any]:
        with self._lock:
            self.uploads[UploadId][2][PartNumber] = bytes(Body)
            return {"ETag": f"p{PartNumber}"}

    def complete_multipart_upload(
        self, *, Bucket: str, Key: str, UploadId: str, MultipartUpload: dict[str, Any], IfNoneMatch: str = ""
    ) -> dict[str, Any]:
        with self._lock:
            if IfNoneMatch and (Bucket, Key) in self.objects:
                raise refused("PreconditionFailed", "CompleteMultipartUpload", 412)
            if UploadId not in self.uploads:
                raise refused("NoSuchUpload", "CompleteMultipartUpload", 404)
            _, _, parts, metadata = self.uploads.pop(UploadId)
            assert [part["PartNumber"] for part in MultipartUpload["Parts"]] == sorted(parts)
            self.put(Bucket, Key, b"".join(parts[number] for number in sorted(parts)), metadata)
            return {}

    def abort_multipart_upload(self, *, Bucket: str, Key: str, UploadId: str) -> dict[str, Any]:
        with self._lock:
            self.uploads.pop(UploadId, None)
            return {}
