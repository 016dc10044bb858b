"""An object of the results bucket that is written once: in one request if it is small, else in parts."""

from collections.abc import Mapping
from typing import Any

from functions.shared.aws.retries import read_code
from functions.shared.logs import write_line
from functions.shared.object_store import Store

PART_BYTES = 5 << 20  # the least S3 takes


class ObjectWriter:
    """An object that appears whole when it is closed, or not at all.

    Args:    store: of the results bucket.
             key, content_type: of the object.
             metadata: what its reader must know that is not in it.
    """

    def __init__(self, store: Store, key: str, content_type: str, metadata: Mapping[str, str] | None = None) -> None:
        self._store = store
        self._target = {"Bucket": store.bucket, "Key": key}
        self._headers = {"ContentType": content_type, "Metadata": dict(metadata or {})}
        self._buffer = bytearray()
        self._upload_id = ""
        self._parts: list[dict[str, Any]] = []

    def write(self, content: bytes) -> None:
        """Add to the object."""
        self._buffer += content
        if len(self._buffer) >= PART_BYTES:
            self._send_part()

    def close(self) -> bool:
        """Create the object, and return whether this call did: False if there is one already."""
        client = self._store.client
        if not self._upload_id:
            return self._store.write_once(lambda: client.put_object(**self._target, **self._headers, Body=self._buffer, IfNoneMatch="*"))
        if self._buffer:
            self._send_part()
        request = {**self._target, "UploadId": self._upload_id, "MultipartUpload": {"Parts": self._parts}, "IfNoneMatch": "*"}
        try:
            is_new = self._store.write_once(lambda: client.complete_multipart_upload(**request))
        except Exception as error:
            if read_code(error) != "NoSuchUpload" or not self._store.has(self._target["Key"]):
                raise
            return False  # an answer was lost: the parts are the object
        if not is_new:
            self.abort()
        return is_new

    def abort(self) -> None:
        """Delete the parts that were sent; never raises, because its cause counts more, and the bucket deletes them after a week."""
        if not self._upload_id:
            return
        try:
            self._store.client.abort_multipart_upload(**self._target, UploadId=self._upload_id)
        except Exception as error:  # noqa: BLE001 - of either client
            if read_code(error) != "NoSuchUpload":  # they became the object, and the answer that said so was lost
                write_line("WARNING", problem="parts of an upload stay", cause=f"{type(error).__name__}: {error}"[:300])
        self._upload_id = ""

    def _send_part(self) -> None:
        client = self._store.client
        if not self._upload_id:
            self._upload_id = client.create_multipart_upload(**self._target, **self._headers)["UploadId"]
        number = len(self._parts) + 1
        response = client.upload_part(**self._target, UploadId=self._upload_id, PartNumber=number, Body=self._buffer)
        self._parts.append({"PartNumber": number, "ETag": response["ETag"]})
        self._buffer = bytearray()
