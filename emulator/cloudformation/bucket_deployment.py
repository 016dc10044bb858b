"""Custom::CDKBucketDeployment without its function: that one needs the AWS CLI from a layer, and does what a few lines do here.

The assets are unzipped into the destination; markers in text files are replaced by what the template resolved them to.
"""

import io
import mimetypes
import zipfile
from typing import Any

from emulator.ministack_adapter import Attributes, Properties, ResourceType

PHYSICAL_ID = "inferstack-bucket-deployment"
HEADERS = {
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage",
    "content-type": "ContentType",
}
# Not in every machine's table.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("image/svg+xml", ".svg")
mimetypes.add_type("application/manifest+json", ".webmanifest")


def resource_type(endpoint_url: str) -> ResourceType:
    """Return the resource type; it talks to the emulator's S3 through the front door."""

    def client() -> Any:
        import boto3  # noqa: PLC0415 - 300 ms at the emulator's start

        return boto3.client("s3", endpoint_url=endpoint_url)

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        return f"{PHYSICAL_ID}-{stack}-{logical_id}", deploy(client(), properties)

    def update(physical_id: str, old: Properties, new: Properties, stack: str) -> tuple[str, Attributes]:  # noqa: ARG001
        return physical_id, deploy(client(), new)

    def delete(physical_id: str, properties: Properties) -> None:  # noqa: ARG001
        if not _is(properties.get("RetainOnDelete", True)):
            _remove(client(), properties, keep=set())

    return ResourceType(create, update, delete, blocking=True)


def deploy(s3: Any, properties: Properties) -> Attributes:
    """Put every file of the sources into the destination, remove what else is there if pruning, and return the attributes."""
    bucket, prefix = properties["DestinationBucketName"], _prefix(properties)
    metadata = {HEADERS[name]: value for name, value in (properties.get("SystemMetadata") or {}).items() if name in HEADERS}
    put: set[str] = set()
    sources = zip(properties["SourceBucketNames"], properties["SourceObjectKeys"], strict=True)
    for index, (source_bucket, source_key) in enumerate(sources):
        markers = _at(properties.get("SourceMarkers"), index) or {}
        archive = zipfile.ZipFile(io.BytesIO(s3.get_object(Bucket=source_bucket, Key=source_key)["Body"].read()))
        for name in archive.namelist():
            if name.endswith("/"):
                continue
            content = archive.read(name)
            for marker, value in markers.items():
                content = content.replace(marker.encode(), str(value).encode())
            guessed = {"ContentType": mimetypes.guess_type(name)[0] or "application/octet-stream"}
            s3.put_object(Bucket=bucket, Key=prefix + name, Body=content, **{**guessed, **metadata})
            put.add(prefix + name)
    if _is(properties.get("Prune", True)):
        _remove(s3, properties, keep=put)
    return {"DestinationBucketArn": f"arn:aws:s3:::{bucket}", "SourceObjectKeys": list(properties["SourceObjectKeys"])}


def _remove(s3: Any, properties: Properties, *, keep: set[str]) -> None:
    bucket = properties["DestinationBucketName"]
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=_prefix(properties)):
        for found in page.get("Contents", []):
            if found["Key"] not in keep:
                s3.delete_object(Bucket=bucket, Key=found["Key"])


def _prefix(properties: Properties) -> str:
    prefix = (properties.get("DestinationBucketKeyPrefix") or "").strip("/")
    return f"{prefix}/" if prefix else ""


def _at(values: list[dict[str, str]] | None, index: int) -> dict[str, str] | None:
    return values[index] if values and index < len(values) else None


def _is(value: object) -> bool:
    return str(value).lower() == "true"
