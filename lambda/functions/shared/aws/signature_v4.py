"""AWS's signature of a request, version 4, in its headers.

Source:  "Create a signed AWS API request" in AWS's IAM user guide; the tests hold AWS's published vectors and botocore's signer beside it.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from functools import lru_cache

from functions.shared.aws.credentials import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"


def sign_headers(
    method: str, target: str, headers: Mapping[str, str], body: bytes, credentials: Credentials, *, region: str, service: str, now_s: float
) -> dict[str, str]:
    """Return the headers of a request with its date, the session's token and its signature.

    Args:    target: the path and the query, as they are sent: percent-encoded, without dots, the query sorted by name.
             headers: by lower-case name, with the host; all of them are signed. S3 wants the body's SHA-256 among them, which is made once.
             service: whose name AWS signs for, like "sagemaker".
             now_s: seconds since 1970.
    """
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now_s))
    signed = {**headers, "x-amz-date": date}
    if credentials.token:
        signed["x-amz-security-token"] = credentials.token
    path, _, query = target.partition("?")
    names = sorted(signed)
    lines = [f"{name}:{' '.join(signed[name].split())}" for name in names]
    joined = ";".join(names)
    digest = signed.get("x-amz-content-sha256") or hashlib.sha256(body).hexdigest()
    canonical = "\n".join([method, path, query, *lines, "", joined, digest])
    scope = f"{date[:8]}/{region}/{service}/aws4_request"
    text = f"{ALGORITHM}\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = sign_text(text, credentials.secret_key, date[:8], region, service)
    signed["authorization"] = f"{ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={joined}, Signature={signature}"
    return signed


def sign_text(text: str, secret_key: str, day: str, region: str, service: str) -> str:
    """Return the signature of a text, by the key of a day, a region and a service."""
    return hmac.digest(_derive_key(secret_key, day, region, service), text.encode(), "sha256").hex()


@lru_cache(maxsize=8)
def _derive_key(secret_key: str, day: str, region: str, service: str) -> bytes:
    """Return the key of a day, a region and a service."""
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
