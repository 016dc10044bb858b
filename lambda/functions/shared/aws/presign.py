"""Permissions to use S3 without credentials, signed with version 4: in the query of an address, or in the fields of a form.

Source:  "Authenticating Requests: Using Query Parameters" and "Browser-Based Uploads Using POST" in S3's API reference; the tests hold
AWS's published example and botocore beside it.
"""

import base64
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from functions.shared.aws.address import Address
from functions.shared.aws.credentials import Credentials
from functions.shared.aws.signature_v4 import ALGORITHM, sign_text


def sign_address(
    address: Address, key: str, query: Mapping[str, str], credentials: Credentials, *, region: str, valid_s: int, now_s: float
) -> str:
    """Return a URL by which anybody can read an object for a while.

    Args:    address: of its bucket.
             query: what the response is to be like.
             now_s: seconds since 1970.
    """
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now_s))
    scope = f"{date[:8]}/{region}/s3/aws4_request"
    parameters = {
        **query,
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{credentials.access_key}/{scope}",
        "X-Amz-Date": date,
        "X-Amz-Expires": str(valid_s),
        "X-Amz-SignedHeaders": "host",
        **({"X-Amz-Security-Token": credentials.token} if credentials.token else {}),
    }
    path = f"{address.path}/{quote(key, safe='/~')}"
    joined = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(parameters.items()))
    canonical = f"GET\n{path}\n{joined}\nhost:{address.authority}\n\nhost\nUNSIGNED-PAYLOAD"
    text = f"{ALGORITHM}\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = sign_text(text, credentials.secret_key, date[:8], region, "s3")
    return f"{address.url}{path.removeprefix(address.path)}?{joined}&X-Amz-Signature={signature}"


def sign_form(
    fields: Mapping[str, str], conditions: Sequence[Any], credentials: Credentials, *, region: str, valid_s: int, now_s: float
) -> dict[str, str]:
    """Return the fields of a form by which anybody can upload an object for a while.

    Args:    fields: that the form begins with.
             conditions: that it has to meet; each field that S3 looks at needs one.
    """
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now_s))
    signing = {
        "x-amz-algorithm": ALGORITHM,
        "x-amz-credential": f"{credentials.access_key}/{date[:8]}/{region}/s3/aws4_request",
        "x-amz-date": date,
        **({"x-amz-security-token": credentials.token} if credentials.token else {}),
    }
    policy = {
        "expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now_s + valid_s)),
        "conditions": [*conditions, *({name: value} for name, value in signing.items())],
    }
    encoded = base64.b64encode(json.dumps(policy).encode()).decode()
    signature = sign_text(encoded, credentials.secret_key, date[:8], region, "s3")
    return {**fields, **signing, "policy": encoded, "x-amz-signature": signature}
