"""What a bucket deployment leaves in its bucket."""

import io
import json
import zipfile
from collections.abc import Iterator

import pytest

from emulator.cloudformation import bucket_deployment
from tests.moto_aws import Bucket, empty_account


@pytest.fixture(autouse=True)
def _account() -> Iterator[None]:
    with empty_account():
        yield


def build_zip(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return content.getvalue()


def test_deploys_files_with_their_markers_types_and_headers_and_prunes() -> None:
    assets, site = Bucket("assets"), Bucket("site")
    assets.put("page", build_zip(index_html="<p>", app_js="1"))
    assets.put("config", build_zip(config_json='{"apiUrl": <<marker>>}'))
    site.put("old.html", b"old")
    bucket_deployment.deploy(
        site.client,
        {
            "SourceBucketNames": ["assets", "assets"],
            "SourceObjectKeys": ["page", "config"],
            "SourceMarkers": [{}, {"<<marker>>": '"http://api"'}],
            "DestinationBucketName": "site",
            "SystemMetadata": {"cache-control": "no-cache"},
            "Prune": "true",
        },
    )
    assert site.list_keys() == ["app.js", "config.json", "index.html"]
    assert json.loads(site.read("config.json")) == {"apiUrl": "http://api"}
    script = site.client.head_object(Bucket="site", Key="app.js")
    assert (script["ContentType"], script["CacheControl"]) == ("text/javascript", "no-cache")
