"""Custom::CDKBucketDeployment without its function, which needs the AWS CLI from a layer.

The assets are unzipped into the destination; markers in text files are replaced by the values that the template resolved.
"""

import io
import mimetypes
import zipfile
from typing import Any

from emulator.aws_client import GetClient
from emulator.cloudformation.resource_type import Attributes, Properties, ResourceRequest, ResourceType

PHYSICAL_ID = "inferstack-bucket-deployment"
HEADERS = {
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage",
    "content-type": "ContentType",
}
# Not every machine's table of types has these.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("image/svg+xml", ".svg")
mimetypes.add_type("application/manifest+json", ".webmanifest")


def resource_types(get_client: GetClient) -> dict[str, ResourceType]:
    """Return the resource type by its name; it uses the emulator's S3 as any client does."""

    def create(request: ResourceRequest) -> tuple[str, Attributes]:
        return f"{PHYSICAL_ID}-{request.stack}-{request.logical_id}", deploy(get_client("s3"), request.properties)

    def update(request: ResourceRequest) -> tuple[str, Attributes]:
        return request.physical_id, deploy(get_client("s3"), request.properties)

    def delete(request: ResourceRequest) -> None:
        if not _is_true(request.properties.get("RetainOnDelete", True)):
            _delete_objects(get_client("s3"), request.properties, keep=set())

    return {"Custom::CDKBucketDeployment": ResourceType(create, update, delete, is_blocking=True)}


def deploy(s3: Any, properties: Properties) -> Attributes:
    """Put every file of the sources into the destination, remove other objects if Prune is set, and return the attributes."""
    bucket, prefix = properties["DestinationBucketName"], _prefix(properties)
    metadata = {HEADERS[name]: value for name, value in (properties.get("SystemMetadata") or {}).items() if name in HEADERS}
    keys: set[str] = set()
    sources = zip(properties["SourceBucketNames"], properties["SourceObjectKeys"], strict=True)
    for index, (source_bucket, source_key) in enumerate(sources):
        markers = _item(properties.get("SourceMarkers"), index) or {}
        archive = zipfile.ZipFile(io.BytesIO(s3.get_object(Bucket=source_bucket, Key=source_key)["Body"].read()))
        for name in archive.namelist():
            if name.endswith("/"):
                continue
            content = archive.read(name)
            for marker, value in markers.items():
                content = content.replace(marker.encode(), str(value).encode())
            types = {"ContentType": mimetypes.guess_type(name)[0] or "application/octet-stream"}
            s3.put_object(Bucket=bucket, Key=prefix + name, Body=content, **{**types, **metadata})
            keys.add(prefix + name)
    if _is_true(properties.get("Prune", True)):
        _delete_objects(s3, properties, keep=keys)
    return {"DestinationBucketArn": f"arn:aws:s3:::{bucket}", "SourceObjectKeys": list(properties["SourceObjectKeys"])}


def _delete_objects(s3: Any, properties: Properties, *, keep: set[str]) -> None:
    bucket = properties["DestinationBucketName"]
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=_prefix(properties)):
        for summary in page.get("Contents", []):
            if summary["Key"] not in keep:
                s3.delete_object(Bucket=bucket, Key=summary["Key"])


def _prefix(properties: Properties) -> str:
    prefix = (properties.get("DestinationBucketKeyPrefix") or "").strip("/")
    return f"{prefix}/" if prefix else ""


def _item(values: list[dict[str, str]] | None, index: int) -> dict[str, str] | None:
    return values[index] if values and index < len(values) else None


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"
