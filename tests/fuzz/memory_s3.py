"""S3 in a dictionary: what the process_upload function asks of a client, in microseconds and without moto's memory."""

import io
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

WRITTEN = datetime(2026, 11, 21, tzinfo=UTC)


class MemoryS3:
    """A client of S3 that holds objects by bucket and key."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self._metadata: dict[tuple[str, str], dict[str, str]] = {}
        self._parts: dict[str, tuple[dict[str, str], list[bytes]]] = {}

    def get_object(self, Bucket: str, Key: str, Range: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803 - botocore's names
        """Return an object, or a range of it."""
        content = self._find(Bucket, Key)
        if Range:
            first, last = map(int, Range.removeprefix("bytes=").split("-"))
            content = content[first : last + 1]
        return {"Body": io.BytesIO(content), "Metadata": self._metadata.get((Bucket, Key), {})}

    def put_object(
        self,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        Body: bytes,  # noqa: N803
        Metadata: dict[str, str] | None = None,  # noqa: N803
        IfNoneMatch: str = "",  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """Keep an object, unless it may only be a new one."""
        if IfNoneMatch and (Bucket, Key) in self.objects:
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
        self.objects[Bucket, Key] = bytes(Body)
        self._metadata[Bucket, Key] = Metadata or {}
        return {"ETag": "etag"}

    def list_objects_v2(self, Bucket: str, Prefix: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Return the objects under a prefix."""
        found = sorted((key, content) for (bucket, key), content in self.objects.items() if bucket == Bucket and key.startswith(Prefix))
        return {"Contents": [{"Key": key, "Size": len(content), "LastModified": WRITTEN} for key, content in found]}

    def create_multipart_upload(self, Metadata: dict[str, str] | None = None, **_: Any) -> dict[str, str]:  # noqa: N803
        """Begin an upload in parts."""
        id_ = str(len(self._parts))
        self._parts[id_] = (Metadata or {}, [])
        return {"UploadId": id_}

    def upload_part(self, UploadId: str, Body: bytes, **_: Any) -> dict[str, str]:  # noqa: N803
        """Count a part; what is in it is not kept, because the function does not keep it either."""
        self._parts[UploadId][1].append(bytes(Body))
        return {"ETag": "etag"}

    def complete_multipart_upload(self, Bucket: str, Key: str, UploadId: str, **_: Any) -> dict[str, str]:  # noqa: N803
        """End an upload in parts."""
        metadata, parts = self._parts.pop(UploadId)
        return self.put_object(Bucket=Bucket, Key=Key, Body=b"".join(parts), Metadata=metadata)

    def abort_multipart_upload(self, UploadId: str, **_: Any) -> None:  # noqa: N803
        """Forget an upload in parts."""
        self._parts.pop(UploadId, None)

    def _find(self, bucket: str, key: str) -> bytes:
        if (bucket, key) not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return self.objects[bucket, key]
