"""What a bucket deployment leaves in its bucket."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from deployment.this_machine import REGION
from emulator.cloudformation import bucket_deployment


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")
        for bucket in ("assets", "site"):
            client.create_bucket(Bucket=bucket)
        yield client


def zipped(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return content.getvalue()


def test_deploys_files_with_their_markers_types_and_headers_and_prunes(s3: Any) -> None:
    s3.put_object(Bucket="assets", Key="page", Body=zipped(index_html="<p>", app_js="1"))
    s3.put_object(Bucket="assets", Key="config", Body=zipped(config_json='{"apiUrl": <<marker>>}'))
    s3.put_object(Bucket="site", Key="old.html", Body=b"old")
    bucket_deployment.deploy(
        s3,
        {
            "SourceBucketNames": ["assets", "assets"],
            "SourceObjectKeys": ["page", "config"],
            "SourceMarkers": [{}, {"<<marker>>": '"http://api"'}],
            "DestinationBucketName": "site",
            "SystemMetadata": {"cache-control": "no-cache"},
            "Prune": "true",
        },
    )
    assert {each["Key"] for each in s3.list_objects_v2(Bucket="site")["Contents"]} == {"index.html", "app.js", "config.json"}
    assert json.load(s3.get_object(Bucket="site", Key="config.json")["Body"]) == {"apiUrl": "http://api"}
    script = s3.head_object(Bucket="site", Key="app.js")
    assert (script["ContentType"], script["CacheControl"]) == ("text/javascript", "no-cache")
