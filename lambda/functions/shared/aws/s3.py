"""S3's requests that jobs and uploads need, without AWS's client: decisions/0044.

Methods, parameters and results have the names that botocore's client gives them, as far as they are used here: `Store` and `Source` take
either, the tests run both beside each other, and what is written of S3 elsewhere can be read here.
"""

import hashlib
import io
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import quote, unquote_plus

from functions.shared.aws.address import Address, read_region
from functions.shared.aws.connections import Connections, Sender
from functions.shared.aws.credentials import Keys
from functions.shared.aws.hosts import find_bucket
from functions.shared.aws.http_response import Answer
from functions.shared.aws.retries import Refused, send_until_answered
from functions.shared.aws.role import find_credentials
from functions.shared.aws.signature_v4 import sign_headers
from functions.shared.aws.trace import name_trace
from functions.shared.aws.xml_document import Tree, parse_xml, read_text

CONNECT_S, WAIT_S, ATTEMPTS = 2, 20, 4
API_WAIT_S = 5  # of functions behind the API, whose objects are small: all attempts end before the function does
MAX_RESPONSE_BYTES = 64 << 20
METADATA = "x-amz-meta-"
NOTHING: Mapping[str, str] = {}
HEADERS = {"ContentType": "content-type", "IfMatch": "if-match", "IfNoneMatch": "if-none-match", "Range": "range"}
QUERY = {
    "Delimiter": "delimiter",
    "MaxKeys": "max-keys",
    "PartNumber": "partNumber",
    "Prefix": "prefix",
    "StartAfter": "start-after",
    "UploadId": "uploadId",
    "VersionId": "versionId",
}


class S3:
    """S3 in one region, as one role. What fails for a moment is asked again. Threads may ask at the same time.

    Args:    region, keys: that requests are signed for, and what returns the credentials.
             find: where a bucket is.
             connect: to there.
             wait_s: for one response.
             sleep: replaced in tests.
    Each method raises Refused, TimeoutError or ConnectionError.
    """

    def __init__(
        self,
        region: str,
        keys: Keys,
        find: Callable[[str], Address],
        connect: Callable[[Address], Sender],
        *,
        wait_s: float = WAIT_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wait_s = wait_s
        self.region, self.keys, self.find, self._sleep = region, keys, find, sleep
        self._opened: list[Sender] = []
        self.connect = cache(lambda bucket: self._keep(connect(find(bucket))))

    def close(self) -> None:
        """Close the connections that are kept."""
        for opened in self._opened:
            opened.close()

    def _keep(self, opened: Sender) -> Sender:
        self._opened.append(opened)
        return opened

    def get_object(self, **request: Any) -> dict[str, Any]:
        """Return an object, or the Range of it, with its Metadata and ETag."""
        answer = self._ask("GET", request)
        metadata = {name.removeprefix(METADATA): value for name, value in answer.headers.items() if name.startswith(METADATA)}
        size = answer.headers.get("content-range", "").rpartition("/")[2]
        found = {"Body": io.BytesIO(answer.body), "Metadata": metadata, "ETag": answer.headers.get("etag", "")}
        return {**found, "ContentRange": answer.headers["content-range"]} if size else found

    def put_object(self, **request: Any) -> dict[str, Any]:
        """Write an object."""
        return {"ETag": self._ask("PUT", request).headers.get("etag", "")}

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        """Return a page of a listing."""
        tree = self._read(self._ask("GET", request, {"encoding-type": "url", "list-type": "2"}))
        decode = _find_decoder(tree)
        contents = [
            {
                "Key": decode(read_text(each, "Key")),
                "Size": int(read_text(each, "Size")),
                "LastModified": datetime.fromisoformat(read_text(each, "LastModified")),
            }
            for each in tree.get("Contents", [])
        ]
        folders = [{"Prefix": decode(read_text(each, "Prefix"))} for each in tree.get("CommonPrefixes", [])]
        return {"Contents": contents, "CommonPrefixes": folders, "IsTruncated": read_text(tree, "IsTruncated") == "true"}

    def list_object_versions(self, **request: Any) -> dict[str, Any]:
        """Return a page of a listing of versions."""
        tree = self._read(self._ask("GET", request, {"encoding-type": "url", "versions": ""}))
        decode = _find_decoder(tree)
        versions = tree.get("Version", [])
        return {"Versions": [{"Key": decode(read_text(each, "Key")), "VersionId": read_text(each, "VersionId")} for each in versions]}

    def create_multipart_upload(self, **request: Any) -> dict[str, Any]:
        """Begin an object of several parts."""
        return {"UploadId": read_text(self._read(self._ask("POST", request, {"uploads": ""})), "UploadId")}

    def upload_part(self, **request: Any) -> dict[str, Any]:
        """Send a part, of 5 MiB at least but for the last."""
        return {"ETag": self._ask("PUT", request).headers.get("etag", "")}

    def complete_multipart_upload(self, **request: Any) -> dict[str, Any]:
        """Make an object of the parts that were sent."""
        parts = [
            f"<Part><PartNumber>{each['PartNumber']}</PartNumber><ETag>{each['ETag']}</ETag></Part>"
            for each in request.pop("MultipartUpload")["Parts"]
        ]
        body = f'<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{"".join(parts)}</CompleteMultipartUpload>'
        answer = self._ask("POST", {**request, "Body": body.encode()}, find_refusal=_find_late_refusal)
        return {"ETag": read_text(self._read(answer), "ETag")}

    def abort_multipart_upload(self, **request: Any) -> dict[str, Any]:
        """Delete the parts that were sent."""
        self._ask("DELETE", request)
        return {}

    def _ask(
        self,
        method: str,
        request: Mapping[str, Any],
        query: Mapping[str, str] = NOTHING,
        find_refusal: Callable[[Answer], Refused | None] | None = None,
    ) -> Answer:
        bucket, body = request["Bucket"], request.get("Body", b"")
        address = self.find(bucket)
        parameters = {**query, **{QUERY[name]: str(value) for name, value in request.items() if name in QUERY}}
        path = f"{address.path}/{quote(request.get('Key', ''), safe='/~')}"
        joined = "&".join(f"{quote(name, safe='')}={quote(value, safe='~')}" for name, value in sorted(parameters.items()))
        target = f"{path}?{joined}" if joined else path
        headers = {
            "host": address.authority,
            "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),  # S3 checks the body by it
            **{HEADERS[name]: value for name, value in request.items() if name in HEADERS},
            **{f"{METADATA}{name}": value for name, value in request.get("Metadata", {}).items()},
        }

        def send() -> Answer:
            signed = sign_headers(method, target, headers, body, self.keys(), region=self.region, service="s3", now_s=time.time())
            sent = signed | name_trace()
            return self.connect(bucket).send(method, target, sent, body, wait_s=self._wait_s, most_bytes=MAX_RESPONSE_BYTES + 1)

        answer = send_until_answered(send, find_refusal or _find_refusal, ATTEMPTS, self._sleep)
        if len(answer.body) > MAX_RESPONSE_BYTES:
            raise ValueError(f"S3 sent more than {MAX_RESPONSE_BYTES:,} bytes of {request.get('Key', '')[:200]!r}")
        return answer

    def _read(self, answer: Answer) -> Tree:
        return parse_xml(answer.body)[1]


def open_s3(environment: Mapping[str, str], *buckets: str, wait_s: float = WAIT_S) -> S3:
    """Return S3 in a function's own region, as its role.

    Args:    buckets: that are asked for: what is wrong with their addresses is said when the function starts, not at its first request.
             wait_s: for one response.
    Raises:  InvalidSettings: the environment does not say where it is, or as whom it is asked.
    """
    region, authorities = read_region(environment), environment.get("AWS_CA_BUNDLE", "")
    find = cache(lambda bucket: find_bucket(environment, region, bucket))
    s3 = S3(region, find_credentials(environment), find, lambda address: Connections(address, CONNECT_S, authorities), wait_s=wait_s)
    for bucket in buckets:
        s3.connect(bucket)
    return s3


def _find_decoder(listing: Tree) -> Callable[[str], str]:
    """Return what decodes the keys of a listing: S3 is asked to encode them, because XML cannot hold some characters."""
    return unquote_plus if read_text(listing, "EncodingType") == "url" else str


def _find_refusal(answer: Answer) -> Refused | None:
    """Return the error that S3 responded with."""
    if answer.status < 300:
        return None
    try:
        _, tree = parse_xml(answer.body)
    except ValueError:  # of a gateway in front of it, or without a body
        tree = {}
    return Refused(read_text(tree, "Code", str(answer.status)), read_text(tree, "Message"), answer.status)


def _find_late_refusal(answer: Answer) -> Refused | None:
    """Return the error that S3 responded with. While it puts parts together it has said 200 already."""
    if answer.status == 200 and b"<Error>" in answer.body:
        return _find_refusal(answer._replace(status=500))
    return _find_refusal(answer)
