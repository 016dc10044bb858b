"""An uploaded object as a file: read in blocks, one request each, so that no connection is held open while the endpoint works."""

import io
import re
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from functions.process_upload.events import Upload
from functions.shared.aws.retries import read_code
from recipes.errors import InferstackError, NotReadable

BLOCK_BYTES = 2 << 20
AHEAD = 2  # blocks that are fetched while those before are read: a large photo waits for one answer of S3, not for one after another
GONE = {"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"}  # the last: the version is a delete marker
FORBIDDEN = {"AccessDenied", "403"}  # said of what is missing too, to a role that may list some prefixes only
ARCHIVED = {"InvalidObjectState"}
# The code and the message of a key of KMS that is disabled or gone, that the role may not use, and of one that only the uploader has.
LOCKED = re.compile(
    r"KMS\.(Disabled|NotFound|InvalidKeyUsage|KMSInvalidState)|\w+ .*(to perform: kms:Decrypt|Server Side Encryption)", re.DOTALL
)
REPLACED = {"PreconditionFailed", "412"}


class SourceFailed(InferstackError):
    """S3 did not give the upload's bytes, which says nothing of the upload: it is tried again later."""

    code = "source-failed"
    title = "Upload not read"


class Source(io.RawIOBase):
    """One version of an object, seekable. Two blocks are kept, because a zip's directory is at its end, and the next two are fetched ahead.

    Args:    client: `functions.shared.aws.s3.S3`, or botocore's client of S3.
             bucket: of uploads.
             upload: what its event says. Without a version, its ETag shows whether the object is still the same.
    """

    def __init__(self, client: Any, bucket: str, upload: Upload) -> None:
        super().__init__()
        self._client = client
        condition = {"VersionId": upload.version} if upload.version else {"IfMatch": upload.etag} if upload.etag else {}
        self._request = {"Bucket": bucket, "Key": upload.key, **condition}
        self._size_bytes, self._at = upload.size_bytes, 0
        self._blocks: dict[int, bytes] = {}
        self._ahead: dict[int, Future[bytes]] = {}
        self._threads: ThreadPoolExecutor | None = None  # for an upload of several blocks; they end with this object
        self.metadata: dict[str, str] = {}  # of the object, once a block was read

    def begin(self) -> "Source":
        """Fetch the first blocks from now on, while its caller does something else; what fails is raised when they are read."""
        self._fetch_blocks(0)
        return self

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
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size_bytes}[whence])
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer from one block at most, and return how much was read.

        Raises:  NotReadable: the object was deleted, replaced, archived or encrypted with a key of somebody else's.
                 SourceFailed: S3 did not give it.
        """
        if self._at >= self._size_bytes:
            return 0
        number, start = divmod(self._at, BLOCK_BYTES)
        part = memoryview(self._read_block(number))[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _read_block(self, number: int) -> bytes:
        if number not in self._blocks:
            if len(self._blocks) > 1:
                self._blocks.pop(next(iter(self._blocks)))
            ahead = self._ahead.pop(number, None)
            self._blocks[number] = ahead.result() if ahead else self._fetch_block(number)
            self._fetch_ahead(number)
        return self._blocks[number]

    def _fetch_ahead(self, number: int) -> None:
        """Fetch the blocks after this one, if it is read in order: a zip's directory is at its end, and its files begin at 0."""
        if not number or number - 1 in self._blocks:
            self._fetch_blocks(number + 1)

    def _fetch_blocks(self, first: int) -> None:
        wanted = [each for each in range(first, first + AHEAD) if each * BLOCK_BYTES < self._size_bytes]
        self._ahead = {each: ahead for each, ahead in self._ahead.items() if each in wanted}
        for each in wanted:
            if each not in self._ahead and each not in self._blocks:
                self._threads = self._threads or ThreadPoolExecutor(AHEAD, thread_name_prefix="ahead")
                self._ahead[each] = self._threads.submit(self._fetch_block, each)

    def _fetch_block(self, number: int) -> bytes:
        return self._fetch(number * BLOCK_BYTES, min((number + 1) * BLOCK_BYTES, self._size_bytes))

    def _fetch(self, start: int, end: int) -> bytes:
        """Return a part of the object; what fails for a moment, the client has asked again."""
        try:
            response = self._client.get_object(**self._request, Range=f"bytes={start}-{end - 1}")
            self.metadata = response.get("Metadata", {})
            content: bytes = response["Body"].read()
        except OSError as error:
            raise SourceFailed(f"S3 does not give the upload: {error}") from error
        except Exception as error:  # of either client
            if not read_code(error):
                raise
            raise self._explain(error) or SourceFailed(f"S3 refuses the upload: {error}") from error
        if len(content) != end - start:
            raise SourceFailed(f"S3 sent {len(content)} of {end - start} bytes of the upload")
        return content

    def _explain(self, error: Exception) -> NotReadable | None:
        code = read_code(error)
        if LOCKED.match(f"{code} {error}"):
            advice = "Upload it again without a key of your own, or let this deployment's upload function use that key."
            return NotReadable("the upload is encrypted with a key that this deployment cannot use", advice=advice)
        if code in GONE or (code in FORBIDDEN and not self._is_there()):
            return NotReadable("the upload was deleted before it was read", advice="Upload it again.")
        if code in REPLACED:
            return NotReadable("the upload was replaced before it was read", advice="The new object has its own job.")
        if code in ARCHIVED:
            return NotReadable("the upload is archived", advice="Restore it and copy it to inbox/ again.")
        return None

    def _is_there(self) -> bool:
        """Return whether the bucket's listing has the object, in the version that is to be read."""
        bucket, key, version = self._request["Bucket"], self._request["Key"], self._request.get("VersionId")
        if version is None:
            page = self._client.list_objects_v2(Bucket=bucket, Prefix=key)
            return any(each["Key"] == key for each in page.get("Contents", []))
        page = self._client.list_object_versions(Bucket=bucket, Prefix=key)
        return any((each["Key"], each["VersionId"]) == (key, version) for each in page.get("Versions", []))
