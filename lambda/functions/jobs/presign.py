"""What a caller may do with S3 without credentials: upload one object, read one object, for a while."""

from typing import Any


class Presigner:
    """Signs with the function's own role, which bounds what can be signed.

    Args:    client: botocore's S3 client.
             uploads_bucket, results_bucket: their names.
    """

    def __init__(self, client: Any, uploads_bucket: str, results_bucket: str) -> None:
        self._client, self._uploads_bucket, self._results_bucket = client, uploads_bucket, results_bucket

    def upload(self, key: str, content_type: str, min_bytes: int, max_bytes: int, valid_s: int) -> dict[str, Any]:
        """Return the url and the fields of a form that uploads one object: this key, this content type, this many bytes."""
        # botocore adds the bucket and the key to the conditions, each exactly.
        conditions = [{"Content-Type": content_type}, ["content-length-range", min_bytes, max_bytes]]
        form: dict[str, Any] = self._client.generate_presigned_post(
            self._uploads_bucket, key, Fields={"Content-Type": content_type}, Conditions=conditions, ExpiresIn=valid_s
        )
        return form

    def download(self, key: str, name: str, valid_s: int) -> str:
        """Return an address to read one object of the results from; a browser saves it under the name."""
        asked = {"Bucket": self._results_bucket, "Key": key, "ResponseContentDisposition": f'attachment; filename="{name}"'}
        address: str = self._client.generate_presigned_url("get_object", Params=asked, ExpiresIn=valid_s)
        return address
