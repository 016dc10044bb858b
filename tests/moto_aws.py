"""An AWS account inside this process, by moto: it opens no socket."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import botocore.loaders
import botocore.session
from moto import mock_aws
from moto.core import models, responses
from moto.s3 import urls
from moto.s3.models import FakeDeleteMarker, S3Backend, s3_backends

models.RESPONSES_METHODS.clear()  # moto would also prepare the requests library, which nothing here uses, for each test anew
responses.method_names_from_class = cache(responses.method_names_from_class)  # type: ignore[attr-defined]  # it looks for them at each call
S3Backend._url_module = urls  # type: ignore[assignment]  # it would load this module anew twice a request
botocore.session.create_loader = cache(botocore.loaders.create_loader)  # each session would read the services' models anew
REGION, ACCOUNT = "eu-west-1", "123456789012"  # moto's account


@cache
def create_client(service: str) -> Any:
    """Return botocore's client: one for all tests, since each takes 0.3 s to create. It meets the account that is there at a call."""
    return botocore.session.get_session().create_client(service, REGION, aws_access_key_id="any", aws_secret_access_key="any")


@contextmanager
def empty_account() -> Iterator[None]:
    """Replace AWS by an empty account."""
    with mock_aws():
        yield


class Bucket:
    """A versioned bucket of the account, and what tests look for in it."""

    def __init__(self, name: str) -> None:
        self.client, self.name = create_client("s3"), name
        self._backend = s3_backends[ACCOUNT]["aws"]  # what needs no client: a request takes 4 ms, and most tests make a bucket
        self._backend.create_bucket(name, REGION)
        self._backend.put_bucket_versioning(name, "Enabled")

    def put(self, key: str, body: bytes = b"") -> None:
        self._backend.put_object(self.name, key, body)

    def read(self, key: str) -> bytes:
        body: bytes = self._backend.get_bucket(self.name).keys[key].value
        return body

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=key)

    def list_keys(self, prefix: str = "") -> list[str]:
        newest = self._backend.get_bucket(self.name).keys.items()
        return sorted(key for key, each in newest if key.startswith(prefix) and not isinstance(each, FakeDeleteMarker))

    def count_writes(self) -> dict[str, int]:
        """Return how often each key was written."""
        pages = self.client.get_paginator("list_object_versions").paginate(Bucket=self.name)
        return dict(Counter(version["Key"] for page in pages for version in page.get("Versions", [])))
