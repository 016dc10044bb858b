"""What S3 refuses for its length or its size, as the emulator refuses it: our code keeps to these limits."""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from local.run_state import RunState
from tests.local.conftest import Client

PART = 5 << 20


def test_takes_no_key_of_more_bytes_than_s3_does(stack: RunState, client: Client) -> None:
    s3, folder = client("s3"), f"tests/{uuid4().hex}/"
    longest = folder + "é" * ((1024 - len(folder)) // 2)
    longest += "x" * (1024 - len(longest.encode()))
    s3.put_object(Bucket=stack.dump_bucket, Key=longest, Body=b"any")
    too_long = {"Bucket": stack.dump_bucket, "Key": f"{longest}x"}
    for write in (
        lambda: s3.put_object(**too_long, Body=b"any"),
        lambda: s3.create_multipart_upload(**too_long),
        lambda: s3.copy_object(**too_long, CopySource={"Bucket": stack.dump_bucket, "Key": longest}),
    ):
        with pytest.raises(ClientError, match="KeyTooLongError"):
            write()


def test_keeps_no_more_metadata_than_s3_does(stack: RunState, client: Client) -> None:
    s3, target = client("s3"), {"Bucket": stack.dump_bucket, "Key": f"tests/{uuid4().hex}"}
    s3.put_object(**target, Body=b"any", Metadata={"name": "x" * 2044})
    for write in (s3.put_object, s3.create_multipart_upload):
        with pytest.raises(ClientError, match="MetadataTooLarge"):
            write(**target, Metadata={"name": "x" * 2045})


def test_joins_no_parts_that_are_too_small_or_out_of_order(stack: RunState, client: Client) -> None:
    s3, target = client("s3"), {"Bucket": stack.dump_bucket, "Key": f"tests/{uuid4().hex}"}

    def join(sizes: list[int], order: list[int]) -> None:
        upload = s3.create_multipart_upload(**target)["UploadId"]
        tags = [
            s3.upload_part(**target, UploadId=upload, PartNumber=number, Body=bytes(size))["ETag"] for number, size in enumerate(sizes, 1)
        ]
        parts = [{"PartNumber": number, "ETag": tags[number - 1]} for number in order]
        s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})

    with pytest.raises(ClientError, match="EntityTooSmall"):
        join([PART - 1, 1], [1, 2])
    with pytest.raises(ClientError, match="InvalidPartOrder"):
        join([PART, PART], [2, 1])
    join([PART, 1], [1, 2])  # the last may be as small as it is
    assert s3.head_object(**target)["ContentLength"] == PART + 1


def test_lists_and_deletes_no_more_keys_at_once_than_s3_does(stack: RunState, client: Client) -> None:
    s3, bucket = client("s3"), stack.dump_bucket
    assert s3.list_objects_v2(Bucket=bucket, Prefix="tests/none/", MaxKeys=2000)["MaxKeys"] == 1000
    keys = [{"Key": f"tests/none/{number}"} for number in range(1001)]
    with pytest.raises(ClientError, match="MalformedXML"):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": keys[1:]})["Deleted"]) == 1000


def test_takes_no_other_condition_than_that_nothing_is_there_and_joins_no_parts_of_none(stack: RunState, client: Client) -> None:
    s3, target = client("s3"), {"Bucket": stack.dump_bucket, "Key": f"tests/{uuid4().hex}"}
    with pytest.raises(ClientError, match="NotImplemented"):
        s3.put_object(**target, Body=b"any", IfNoneMatch='"etag"')
    s3.put_object(**target, Body=b"any", IfNoneMatch="*")
    upload = s3.create_multipart_upload(**target)["UploadId"]
    with pytest.raises(ClientError, match="MalformedXML"):
        s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": []})
    s3.abort_multipart_upload(**target, UploadId=upload)
