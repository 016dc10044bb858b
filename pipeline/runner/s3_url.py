"""Addresses of objects in S3."""


def split_s3_url(url: str) -> tuple[str, str]:
    """Return the bucket and the key of an s3:// URL. A key may contain ? and #, so a URL parser would cut it."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not bucket:
        raise ValueError(f"got {url}; expected s3://<bucket>/<key>")
    return bucket, key
