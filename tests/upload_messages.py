"""Messages of the upload queue, as SQS gives them to the function."""

import json
from typing import Any
from urllib.parse import quote_plus

from functions.process_upload.events import Upload


def make_message(upload: Upload, id_: str = "m", *, receive_count: int = 1, bucket: str = "uploads") -> dict[str, Any]:
    """Return the message about an upload that was sent in the name of its owner, as the queue delivers it."""
    body = {"owner": "me", **json.loads(make_event(upload, bucket=bucket)["body"])}
    return wrap_body(json.dumps(body), id_, receive_count=receive_count)


def make_event(upload: Upload, *, bucket: str = "uploads") -> dict[str, Any]:
    """Return S3's event of an upload as the queue delivers it."""
    stored = {"key": quote_plus(upload.key), "size": upload.size_bytes, "eTag": upload.etag, "versionId": upload.version}
    record = {"eventName": "ObjectCreated:Put", "eventTime": upload.uploaded_at, "s3": {"bucket": {"name": bucket}, "object": stored}}
    return wrap_body(json.dumps({"Records": [record]}))


def make_transform_message(name: str, status: str, reason: str = "", *, receive_count: int = 1) -> dict[str, Any]:
    """Return SageMaker's event of a transform job as the queue delivers it."""
    detail = {"TransformJobName": name, "TransformJobStatus": status, "FailureReason": reason}
    body = {"source": "aws.sagemaker", "detail-type": "SageMaker Transform Job State Change", "detail": detail}
    return wrap_body(json.dumps(body), receive_count=receive_count)


def wrap_body(body: str, id_: str = "m", *, receive_count: int = 1) -> dict[str, Any]:
    """Return a message as the queue delivers it."""
    return {"messageId": id_, "receiptHandle": id_, "body": body, "attributes": {"ApproximateReceiveCount": str(receive_count)}}
