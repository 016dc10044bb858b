"""Our client of S3 beside botocore's, over the same moto: what one writes the other reads, and both are refused alike."""

import base64
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.compat import urlsplit
from botocore.config import Config
from botocore.credentials import Credentials as TheirCredentials
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from functions.jobs.presign import Presigner
from functions.shared.aws.address import Address
from functions.shared.aws.credentials import Credentials
from functions.shared.aws.http_response import Answer
from functions.shared.aws.presign import sign_address
from functions.shared.aws.retries import Refused
from functions.shared.aws.s3 import ATTEMPTS, MAX_RESPONSE_BYTES
from functions.shared.aws.signature_v4 import sign_headers
from tests.moto_aws import REGION, Bucket
from tests.moto_s3 import MotoSender, create_s3

KEYS = ["a.txt", "inbox/ü+ä (1) =&%25/~x'*.csv", "jobs/a b/%2F?x#y", "a//b/../c", "a\u2028<&>"]
PART = b"x" * (5 << 20)


@pytest.fixture
def clients(results: Bucket) -> dict[str, Any]:
    return {"ours": create_s3(), "theirs": results.client}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("writer", "reader"), [("ours", "theirs"), ("theirs", "ours")])
def test_reads_and_lists_what_the_other_wrote(clients: dict[str, Any], results: Bucket, key: str, writer: str, reader: str) -> None:
    notes = {"notes": '[{"code":  "a"}]', "csv": "true"}
    clients[writer].put_object(Bucket=results.name, Key=key, Body=b"0123456789", ContentType="text/csv", Metadata=notes)
    found = clients[reader].get_object(Bucket=results.name, Key=key, Range="bytes=2-4")
    assert (found["Body"].read(), found["Metadata"], found["ContentRange"]) == (b"234", notes, "bytes 2-4/10")
    pages = [clients[name].list_objects_v2(Bucket=results.name, Prefix=key[:1], MaxKeys=5) for name in ("ours", "theirs")]
    ours, theirs = ([(each["Key"], each["Size"], each["LastModified"]) for each in page["Contents"]] for page in pages)
    assert ours == theirs
    assert ours[0][:2] == (key, 10)
    versions = [clients[name].list_object_versions(Bucket=results.name, Prefix=key) for name in ("ours", "theirs")]
    assert versions[0]["Versions"] == [{name: each[name] for name in ("Key", "VersionId")} for each in versions[1]["Versions"]]
    found = clients[reader].get_object(Bucket=results.name, Key=key, VersionId=versions[0]["Versions"][0]["VersionId"])
    assert found["Body"].read() == b"0123456789"


def test_lists_folders_and_what_comes_after_a_key(clients: dict[str, Any], results: Bucket) -> None:
    for key in ("a b/1", "a b/2", "c&d/1", "e"):
        results.put(key)
    for request in ({"Delimiter": "/"}, {"StartAfter": "a b/1"}, {"StartAfter": "a b/1", "MaxKeys": 1}, {"Prefix": "none"}):
        ours, theirs = (clients[name].list_objects_v2(**{"Bucket": results.name, "Prefix": "", **request}) for name in ("ours", "theirs"))
        assert [each["Key"] for each in ours["Contents"]] == [each["Key"] for each in theirs.get("Contents", [])]
        assert ours["CommonPrefixes"] == theirs.get("CommonPrefixes", [])
        assert ours["IsTruncated"] == theirs["IsTruncated"] == ("MaxKeys" in request)


def test_writes_an_object_in_parts(clients: dict[str, Any], results: Bucket) -> None:
    s3, target = clients["ours"], {"Bucket": results.name, "Key": "a b.jsonl"}
    upload = {**target, "UploadId": s3.create_multipart_upload(**target, ContentType="text/csv", Metadata={"a": "b"})["UploadId"]}
    sent = [s3.upload_part(**upload, PartNumber=number, Body=body) for number, body in ((1, bytearray(PART)), (2, b"end"))]
    parts = [{"PartNumber": number, "ETag": each["ETag"]} for number, each in enumerate(sent, 1)]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*")
    found = results.client.get_object(**target)
    assert (found["Body"].read(), found["Metadata"], found["ContentType"]) == (PART + b"end", {"a": "b"}, "text/csv")
    upload["UploadId"] = s3.create_multipart_upload(**target)["UploadId"]
    s3.abort_multipart_upload(**upload)
    assert "Uploads" not in results.client.list_multipart_uploads(Bucket=results.name)


def refuse(call: Callable[[], object]) -> str:
    with pytest.raises((Refused, ClientError)) as caught:
        call()
    code: str = caught.value.response["Error"]["Code"]
    return code


def test_is_refused_as_botocore_is(clients: dict[str, Any], results: Bucket) -> None:
    results.put("there", b"1")
    codes = [
        [
            refuse(lambda s3=s3: s3.get_object(Bucket=results.name, Key="missing")),
            refuse(lambda s3=s3: s3.get_object(Bucket="no-such-bucket", Key="a")),
            refuse(lambda s3=s3: s3.get_object(Bucket=results.name, Key="there", IfMatch="another")),
            refuse(lambda s3=s3: s3.get_object(Bucket=results.name, Key="there", Range="bytes=9-10")),
            refuse(lambda s3=s3: s3.put_object(Bucket=results.name, Key="there", Body=b"", IfNoneMatch="*")),
            refuse(lambda s3=s3: s3.list_objects_v2(Bucket="no-such-bucket", Prefix="")),
        ]
        for s3 in clients.values()
    ]
    assert codes[0] == codes[1] == ["NoSuchKey", "NoSuchBucket", "PreconditionFailed", "InvalidRange", "PreconditionFailed", "NoSuchBucket"]


# --- what fails for a moment is asked again


def describe_error(code: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>a &amp; b</Message></Error>'.encode()


@dataclass
class Script:
    """Gives one answer a request; an exception is raised."""

    answers: list[Answer | Exception]
    bodies: list[bytes] = field(default_factory=list)

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, **_: Any) -> Answer:
        self.bodies.append(body)
        answer = self.answers[min(len(self.bodies), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_closes_the_connections_to_each_bucket_that_it_asked(results: Bucket) -> None:
    opened: list[MotoSender] = []

    def connect(address: Address) -> MotoSender:
        opened.append(MotoSender(address))
        return opened[-1]

    other = Bucket("other")
    with closing(create_s3(connect)) as s3:
        for name in (results.name, other.name, results.name):
            s3.list_objects_v2(Bucket=name)
        assert [each.is_closed for each in opened] == [False, False]
    assert [each.is_closed for each in opened] == [True, True]


GOOD = Answer(200, {"etag": '"e"'}, b"good", is_whole=True)
MOMENTARY = [
    *(Answer(status, {}, b"", True) for status in (500, 502, 503, 504)),
    Answer(503, {}, describe_error("SlowDown"), True),
    Answer(400, {}, describe_error("RequestTimeout"), True),
    Answer(307, {}, describe_error("TemporaryRedirect"), True),
    TimeoutError("no answer"),
    ConnectionError("lost"),
]


@pytest.mark.parametrize("failure", MOMENTARY, ids=repr)
def test_asks_again_what_fails_for_a_moment(failure: Any) -> None:
    script = Script([failure] * (ATTEMPTS - 1) + [GOOD])
    assert create_s3(lambda _: script).get_object(Bucket="results", Key="a")["Body"].read() == b"good"
    script = Script([failure])
    with pytest.raises((Refused, TimeoutError, ConnectionError)):
        create_s3(lambda _: script).get_object(Bucket="results", Key="a")
    assert len(script.bodies) == ATTEMPTS


@pytest.mark.parametrize("status", [301, 400, 403, 404, 409, 412])
def test_does_not_ask_again_what_stays(status: int) -> None:
    script = Script([Answer(status, {}, describe_error("Code"), True)])
    with pytest.raises(Refused, match=rf"Code \({status}\): a & b") as caught:
        create_s3(lambda _: script).put_object(Bucket="results", Key="a", Body=b"1")
    assert (len(script.bodies), caught.value.code, caught.value.status) == (1, "Code", status)


@pytest.mark.parametrize("body", [b"", b"<html>", b"<Error></Error>", b"\xff"])
def test_names_the_status_of_an_error_without_a_code(body: bytes) -> None:
    with pytest.raises(Refused, match="403"):
        create_s3(lambda _: Script([Answer(403, {}, body, True)])).get_object(Bucket="results", Key="a")


def test_sees_an_error_that_comes_after_s3_said_200() -> None:
    """While it puts parts together S3 sends blanks, and may fail then."""
    good = Answer(200, {}, b'  <?xml version="1.0"?><CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>', True)
    script = Script([Answer(200, {}, b"  \n" + describe_error("InternalError"), True), good])
    request = {"Bucket": "results", "Key": "a", "UploadId": "1"}
    done = create_s3(lambda _: script).complete_multipart_upload(**request, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"e"'}]})
    assert (done, len(script.bodies)) == ({"ETag": '"e"'}, 2)


def test_does_not_take_the_beginning_of_a_response_for_all_of_it() -> None:

    huge = GOOD._replace(body=_Long(MAX_RESPONSE_BYTES + 1))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="S3 sent more than"):
        create_s3(lambda _: Script([huge])).get_object(Bucket="results", Key="a")


class _Long(bytes):
    """Says that it is long."""

    def __new__(cls, _: int) -> "_Long":
        return super().__new__(cls)

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size


# --- signatures

EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
EXAMPLE_S = 1369353600  # 2013-05-24 00:00:00 UTC
NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
WELCOME = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
# AWS's own, of "Signature Calculations for the Authorization Header" in S3's API reference.
PUBLISHED = [
    ("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", "GET", "/test.txt", {"range": "bytes=0-9"}, NOTHING),
    (
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        "PUT",
        "/test%24file.text",
        {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
        WELCOME,
    ),
    ("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543", "GET", "/?lifecycle=", {}, NOTHING),
    ("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7", "GET", "/?max-keys=2&prefix=J", {}, NOTHING),
]


@pytest.mark.parametrize(("signature", "method", "target", "more", "digest"), PUBLISHED, ids=["get", "put", "lifecycle", "list"])
def test_signs_as_aws_publishes(signature: str, method: str, target: str, more: dict[str, str], digest: str) -> None:
    headers = {"host": "examplebucket.s3.amazonaws.com", "x-amz-content-sha256": digest, **more}
    signed = sign_headers(method, target, headers, b"", EXAMPLE, region="us-east-1", service="s3", now_s=EXAMPLE_S)
    assert signed["authorization"].endswith(f"Signature={signature}")


def test_signs_an_address_as_aws_publishes() -> None:
    address = Address(True, "examplebucket.s3.amazonaws.com", None)
    url = sign_address(address, "test.txt", {}, EXAMPLE, region="us-east-1", valid_s=86400, now_s=EXAMPLE_S)
    assert url.endswith("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


KEY = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=20)
TOKENS = st.sampled_from(["", "6e86+/=="])
BUCKETS = st.sampled_from(["results", "with.point"])


@given(key=KEY, prefix=st.text(st.characters(blacklist_categories=["Cs"]), max_size=10), token=TOKENS, bucket=BUCKETS, body=st.binary())
def test_signs_requests_as_botocore_does(key: str, prefix: str, token: str, bucket: str, body: bytes) -> None:
    sender = Recorder()
    s3 = create_s3(lambda _: sender, Credentials("AK", "secret", token))
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="text/csv", Metadata={"a": "b  c"}, IfNoneMatch="*")
    s3.get_object(Bucket=bucket, Key=key, VersionId=prefix or "v", Range="bytes=0-1")
    s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=7, StartAfter=key)
    for method, target, headers, sent in sender.sent:
        own = {name: value for name, value in headers.items() if name not in {"authorization", "x-amz-date", "x-amz-security-token"}}
        theirs = AWSRequest(method, f"https://{headers['host']}{target}", data=sent, headers=own)
        signer = S3SigV4Auth(TheirCredentials("AK", "secret", token or None), "s3", REGION)
        theirs.context |= {"payload_signing_enabled": True, "timestamp": headers["x-amz-date"], "signing": {"disableDoubleEncoding": True}}
        theirs.headers["X-Amz-Date"] = headers["x-amz-date"]
        if token:
            theirs.headers["X-Amz-Security-Token"] = token
        canonical = signer.canonical_request(theirs)
        signature = signer.signature(signer.string_to_sign(theirs, canonical), theirs)
        assert headers["authorization"].endswith(f"Signature={signature}")


@dataclass
class Recorder:
    """Keeps requests."""

    sent: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, **_: Any) -> Answer:
        self.sent.append((method, target, dict(headers), body))
        return Answer(200, {}, b"<ListBucketResult></ListBucketResult>", is_whole=True)


@given(key=KEY, name=st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=10), token=TOKENS, bucket=BUCKETS)
def test_signs_addresses_as_botocore_does(key: str, name: str, token: str, bucket: str) -> None:
    s3 = create_s3(credentials=Credentials("AK", "secret", token))
    url = Presigner(s3, "uploads", bucket, now=lambda: EXAMPLE_S).sign_download(key, name, 3600)
    base, _, query = url.partition("?")
    kept = "&".join(each for each in query.split("&") if not each.startswith("X-Amz-"))
    theirs = AWSRequest("GET", f"{base}?{kept}")
    signer = S3SigV4QueryAuth(TheirCredentials("AK", "secret", token or None), "s3", REGION, expires=3600)
    theirs.context["timestamp"] = "20130524T000000Z"
    signer._modify_request_before_signing(theirs)
    signature = signer.signature(signer.string_to_sign(theirs, signer.canonical_request(theirs)), theirs)
    assert url.endswith(f"X-Amz-Signature={signature}")
    assert dict(pair(theirs.url)) == {name: value for name, value in pair(url) if name != "X-Amz-Signature"}


def pair(url: str) -> list[tuple[str, str]]:
    return [tuple(each.split("=", 1)) for each in urlsplit(url).query.split("&")]  # type: ignore[misc]


@pytest.mark.parametrize("bucket", ["uploads", "with.point"])
@pytest.mark.parametrize("token", ["", "token"])
def test_signs_a_form_as_botocore_does(bucket: str, token: str) -> None:
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"})
    keys = {"aws_access_key_id": "AK", "aws_secret_access_key": "secret", "aws_session_token": token or None}
    client = botocore.session.get_session().create_client("s3", REGION, config=config, **keys)
    conditions = [{"Content-Type": "text/csv"}, ["content-length-range", 1, 9]]
    theirs = client.generate_presigned_post(bucket, "a/ü.csv", Fields={"Content-Type": "text/csv"}, Conditions=conditions, ExpiresIn=900)
    at_s = parse_date(theirs["fields"]["x-amz-date"])
    s3 = create_s3(credentials=Credentials("AK", "secret", token))
    ours = Presigner(s3, bucket, "results", now=lambda: at_s).sign_upload("a/ü.csv", "text/csv", 1, 9, 900)
    assert ours["url"] == theirs["url"]
    assert {**ours["fields"], "policy": "", "x-amz-signature": ""} == {**theirs["fields"], "policy": "", "x-amz-signature": ""}
    assert read_policy(ours)["conditions"] == read_policy(theirs)["conditions"]


def parse_date(text: str) -> float:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()


def read_policy(form: dict[str, Any]) -> Any:
    return json.loads(base64.b64decode(form["fields"]["policy"]))
