"""Permissions to use S3 without credentials: upload one object, download one object, for a while."""

import time
from collections.abc import Callable
from typing import Any

from functions.shared.aws.presign import sign_address, sign_form
from functions.shared.aws.s3 import S3


class Presigner:
    """Signs with the function's own role, which limits what can be signed.

    Args:    s3: where the buckets are, and as whom.
             uploads_bucket, results_bucket: their names.
             now: replaced in tests.
    """

    def __init__(self, s3: S3, uploads_bucket: str, results_bucket: str, *, now: Callable[[], float] = time.time) -> None:
        self._s3, self._uploads_bucket, self._results_bucket, self._now = s3, uploads_bucket, results_bucket, now

    def sign_upload(self, key: str, content_type: str, min_bytes: int, max_bytes: int, valid_s: int) -> dict[str, Any]:
        """Return the url and the fields of a form that uploads one object: this key, this content type, this many bytes."""
        s3, bucket = self._s3, self._uploads_bucket
        exact = [{"Content-Type": content_type}, ["content-length-range", min_bytes, max_bytes], {"bucket": bucket}, {"key": key}]
        fields = {"Content-Type": content_type, "key": key}
        fields = sign_form(fields, exact, s3.keys(), region=s3.region, valid_s=valid_s, now_s=self._now())
        address = s3.find(bucket)
        return {"url": address.url if address.path else f"{address.url}/", "fields": fields}

    def sign_download(self, key: str, name: str, valid_s: int) -> str:
        """Return the URL of one object of the results; a browser saves it under the name."""
        s3, saved = self._s3, {"response-content-disposition": f'attachment; filename="{name}"'}
        address = s3.find(self._results_bucket)
        return sign_address(address, key, saved, s3.keys(), region=s3.region, valid_s=valid_s, now_s=self._now())
