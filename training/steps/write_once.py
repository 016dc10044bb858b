"""An object that is written once: who can replace what was approved can replace the model that serves."""

import os
from pathlib import Path

from training.aws_client import create_client

BUCKETS_DIR = "INFERSTACK_BUCKETS_DIR"  # names the folder that stands for S3 where there is none, with a folder a bucket
IS_THERE = "PreconditionFailed"


def write_once(url: str, content: bytes) -> None:
    """Write an object, unless there is one; the same content may be written again, as a job does that SageMaker repeats.

    Args:    url: an s3:// URL.
    Raises:  FileExistsError: the object is there, with another content.
    """
    bucket, _, key = url.removeprefix("s3://").partition("/")
    folder = os.environ.get(BUCKETS_DIR)
    existing = _write_file(Path(folder) / bucket / key, content) if folder else _put_object(bucket, key, content)
    if existing != content:
        raise FileExistsError(f"{url} is there already, with another content; it is written once. Start another execution")


def _write_file(path: Path, content: bytes) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return path.read_bytes()
    return content


def _put_object(bucket: str, key: str, content: bytes) -> bytes:
    s3 = create_client("s3")
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=content, IfNoneMatch="*")
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != IS_THERE:
            raise
        return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return content
