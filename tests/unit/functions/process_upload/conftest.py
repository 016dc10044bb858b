from collections.abc import Iterator

import pytest

from tests.moto_aws import Bucket, empty_account
from tests.upload_handler import RESULTS, UPLOADS


@pytest.fixture
def buckets() -> Iterator[dict[str, Bucket]]:
    """The buckets of uploads and results, in an AWS account that holds nothing else."""
    with empty_account():
        yield {name: Bucket(name) for name in (UPLOADS, RESULTS)}


@pytest.fixture
def results(buckets: dict[str, Bucket]) -> Bucket:
    return buckets[RESULTS]
