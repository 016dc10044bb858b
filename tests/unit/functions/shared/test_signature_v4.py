"""Signature Version 4: AWS's own published vectors, and botocore's signer beside ours."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as TheirCredentials
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.aws.credentials import Credentials
from functions.shared.aws.signature_v4 import sign_headers

KEY, SECRET, TOKEN = (
    "AKIDEXAMPLE",
    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
)
AT_S = 1440938160  # 2015-08-30 12:36:00 UTC
UNRESERVED = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FORM, BODY = "application/x-www-form-urlencoded", b"Param1=value1"
BODY_SHA256 = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"


class Vector(NamedTuple):
    signature: str
    method: str = "POST"
    target: str = "/"
    headers: dict[str, str] = {}  # noqa: RUF012 - is not changed
    body: bytes = b""
    token: str = ""


# AWS's own, from tests/aws-signing-test-suite/v4 of awslabs/aws-c-auth (Apache 2.0), at 495329c: one for each thing that we send.
VECTORS = {
    "get-vanilla": Vector("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", "GET"),
    "get-unreserved": Vector("07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f", "GET", f"/{UNRESERVED}"),
    "get-utf8": Vector("8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85", "GET", "/%E1%88%B4"),
    "get-vanilla-query-order-key-case": Vector(
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500", "GET", "/?Param1=value1&Param2=value2"
    ),
    "get-header-value-trim": Vector(
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        "GET",
        headers={"my-header1": " value1", "my-header2": ' "a   b   c"'},
    ),
    "get-vanilla-with-session-token": Vector("07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8", "GET", token=TOKEN),
    "post-vanilla": Vector("5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    "post-vanilla-query": Vector("28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11", target="/?Param1=value1"),
    "post-header-key-sort": Vector("c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c", headers={"my-header1": "value1"}),
    "post-header-value-case": Vector("cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d", headers={"my-header1": "VALUE1"}),
    "post-x-www-form-urlencoded": Vector(
        "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
        headers={"content-type": FORM, "content-length": "13", "x-amz-content-sha256": BODY_SHA256},
        body=BODY,
    ),
    "post-x-www-form-urlencoded-parameters": Vector(
        "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422",
        headers={"content-type": f"{FORM}; charset=utf-8", "content-length": "13", "x-amz-content-sha256": BODY_SHA256},
        body=BODY,
    ),
}


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_signs_as_aws_publishes(vector: Vector) -> None:
    credentials = Credentials(KEY, SECRET, vector.token)
    headers = {"host": "example.amazonaws.com", **vector.headers}
    signed = sign_headers(
        vector.method, vector.target, headers, vector.body, credentials, region="us-east-1", service="service", now_s=AT_S
    )
    names = ";".join(sorted([*headers, "x-amz-date", *(["x-amz-security-token"] if vector.token else [])]))
    scope = "20150830/us-east-1/service/aws4_request"
    assert signed["authorization"] == f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={names}, Signature={vector.signature}"
    assert signed["x-amz-date"] == "20150830T123600Z"
    assert signed.get("x-amz-security-token", "") == vector.token


TEXT = st.text("".join(map(chr, range(0x20, 0x7F))), max_size=20)


@given(
    name=st.from_regex(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", fullmatch=True),
    body=st.binary(max_size=50),
    variant=TEXT,
    token=st.sampled_from(["", TOKEN]),
    region=st.sampled_from(["us-east-1", "cn-north-1"]),
)
def test_signs_as_botocore_does(name: str, body: bytes, variant: str, token: str, region: str) -> None:
    path = f"/endpoints/{name}/invocations"
    headers = {"content-type": "application/x-npy", "accept": "application/json", "x-amzn-sagemaker-target-variant": variant}
    theirs = AWSRequest("POST", f"https://runtime.sagemaker.example.com{path}", data=body, headers=headers)
    SigV4Auth(TheirCredentials(KEY, SECRET, token or None), "sagemaker", region).add_auth(theirs)
    at_s = datetime.strptime(theirs.context["timestamp"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    host = {"host": "runtime.sagemaker.example.com"}
    ours = sign_headers("POST", path, host | headers, body, Credentials(KEY, SECRET, token), region=region, service="sagemaker", now_s=at_s)
    assert ours["authorization"] == theirs.headers["Authorization"]
    assert re.search("SignedHeaders=accept;content-type;host;", ours["authorization"])
