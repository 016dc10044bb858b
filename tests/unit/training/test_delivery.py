from collections.abc import Iterator

import pytest

from recipes.errors import InvalidSettings
from tests.moto_aws import Bucket, create_client, empty_account
from training.steps import delivery, write_once

MARKER, CLAIMS = "s3://dump/raw/digits/_READY", "s3://dump/datasets/digits/deliveries"


@pytest.fixture
def dump(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    for module in (delivery, write_once):
        monkeypatch.setattr(module, "create_client", create_client)
    with empty_account():
        bucket = Bucket("dump")
        bucket.put("raw/digits/_READY")
        yield bucket


def test_one_execution_trains_a_delivery_though_its_event_came_twice(dump: Bucket) -> None:
    delivery.claim_delivery(MARKER, CLAIMS, "one")
    delivery.claim_delivery(MARKER, CLAIMS, "one")  # as a job that SageMaker repeats
    with pytest.raises(InvalidSettings, match="another execution trains this delivery of raw data") as refused:
        delivery.claim_delivery(MARKER, CLAIMS, "two")
    (claim,) = dump.list_keys("datasets/")
    assert dump.read(claim) == b"one"
    assert claim in str(refused.value)


def test_the_marker_that_is_written_again_is_another_delivery(dump: Bucket) -> None:
    delivery.claim_delivery(MARKER, CLAIMS, "one")
    dump.put("raw/digits/_READY")
    delivery.claim_delivery(MARKER, CLAIMS, "two")
    assert sorted(dump.read(key) for key in dump.list_keys("datasets/")) == [b"one", b"two"]
