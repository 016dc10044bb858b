"""Permissions to use S3 without credentials: upload one object, download one object, for a while."""

from typing import Any


class Presigner:
    """Signs with the function's own role, which limits what can be signed.

    Args:    client: botocore's S3 client.
             uploads_bucket, results_bucket: their names.
    """

    def __init__(self, client: Any, uploads_bucket: str, results_bucket: str) -> None:
        self._client, self._uploads_bucket, self._results_bucket = client, uploads_bucket, results_bucket

    def sign_upload(self, key: str, content_type: str, min_bytes: int, max_bytes: int, valid_s: int) -> dict[str, Any]:
        """Return the url and the fields of a form that uploads one object: this key, this content type, this many bytes."""
        # botocore adds the bucket and the key to the conditions, each exactly.
        conditions = [{"Content-Type": content_type}, ["content-length-range", min_bytes, max_bytes]]
        form: dict[str, Any] = self._client.generate_presigned_post(
            self._uploads_bucket, key, Fields={"Content-Type": content_type}, Conditions=conditions, ExpiresIn=valid_s
        )
        return form

    def sign_download(self, key: str, name: str, valid_s: int) -> str:
        """Return the URL of one object of the results; a browser saves it under the name."""
        request = {"Bucket": self._results_bucket, "Key": key, "ResponseContentDisposition": f'attachment; filename="{name}"'}
        url: str = self._client.generate_presigned_url("get_object", Params=request, ExpiresIn=valid_s)
        return url
