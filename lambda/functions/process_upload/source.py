"""An uploaded object as a file: read in blocks, each a request of its own, so that nothing is held open while the endpoint works."""

import io
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from recipes.errors import NotReadable

BLOCK_BYTES = 2 << 20
TRIES, PAUSE_S = 4, 0.2
GONE = {"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"}  # the last: the version is a delete marker
ARCHIVED = {"InvalidObjectState"}
REPLACED = {"PreconditionFailed", "412"}


class Source(io.RawIOBase):
    """One version of an object, seekable. Two blocks are kept: a zip's directory is at its end.

    Args:    client: botocore's S3 client.
             bucket, key: where it is.
             version: its version's id; "" in a bucket without versions, where the ETag says whether it is still the same.
             etag: of the event.
             size_bytes: of the event.
    """

    def __init__(  # noqa: PLR0917 - an event names all of it
        self, client: Any, bucket: str, key: str, version: str, etag: str, size_bytes: int, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__()
        self._client, self._sleep = client, sleep
        self._request = {"Bucket": bucket, "Key": key, **({"VersionId": version} if version else {"IfMatch": etag} if etag else {})}
        self.size_bytes, self._at = size_bytes, 0
        self._blocks: dict[int, bytes] = {}
        self.metadata: dict[str, str] = {}

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position and return it."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size_bytes}[whence])
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer from one block at most, and return how much was read.

        Raises:  NotReadable: deleted, replaced or archived.
        """
        if self._at >= self.size_bytes:
            return 0
        number, start = divmod(self._at, BLOCK_BYTES)
        part = memoryview(self._block(number))[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def whole(self) -> bytes:
        """Return everything: for what its caller knows to be small."""
        self.seek(0)
        return self.readall()

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            if len(self._blocks) > 1:
                self._blocks.pop(next(iter(self._blocks)))
            self._blocks[number] = self._fetch(number * BLOCK_BYTES, min((number + 1) * BLOCK_BYTES, self.size_bytes))
        return self._blocks[number]

    def _fetch(self, start: int, end: int) -> bytes:
        for left in reversed(range(TRIES)):
            try:
                answer = self._client.get_object(**self._request, Range=f"bytes={start}-{end - 1}")
                self.metadata = answer.get("Metadata", {})
                content: bytes = answer["Body"].read()
                if len(content) == end - start:
                    return content
                failure: Exception = OSError(f"S3 gave {len(content)} of {end - start} bytes")
            except ClientError as error:
                if reason := _reason(error):
                    raise reason from error
                raise
            except (BotoCoreError, HTTPClientError, OSError) as error:
                failure = error  # a body that breaks off is not botocore's to repeat
            if not left:
                raise failure
            self._sleep(PAUSE_S * 2 ** (TRIES - left))
        raise AssertionError("unreachable")


def _reason(error: ClientError) -> NotReadable | None:
    code = error.response.get("Error", {}).get("Code")
    if code in GONE:
        return NotReadable("the upload was deleted before it was read", advice="Upload it again.")
    if code in REPLACED:
        return NotReadable("the upload was replaced before it was read", advice="What replaced it has a job of its own.")
    if code in ARCHIVED:
        return NotReadable("the upload is archived", advice="Restore it and copy it to inbox/ again.")
    return None
