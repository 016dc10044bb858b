"""What Batch Transform asks and writes, as SageMaker would."""

from typing import Any

import pytest

from emulator.sagemaker.errors import SageMakerError
from emulator.sagemaker.transform.data import TransformFailed, assemble, output_key, read_limit, require_supported, split_requests


def split(content: bytes, *, by_line: bool = True, single: bool = False, limit: int | None = 100) -> list[bytes]:
    return list(split_requests(content, by_line=by_line, single=single, limit=limit))


def test_asks_for_an_object_as_it_is() -> None:
    assert split(b"a\nb\n", by_line=False) == [b"a\nb\n"]


@pytest.mark.parametrize(
    ("limit", "bodies"),
    [(None, [b"aa\nbb\ncc"]), (8, [b"aa\nbb\ncc"]), (7, [b"aa\nbb", b"cc"]), (5, [b"aa\nbb", b"cc"]), (4, [b"aa", b"bb", b"cc"])],
)
def test_puts_as_many_lines_into_a_request_as_the_limit_holds(limit: int | None, bodies: list[bytes]) -> None:
    assert split(b"aa\nbb\ncc\n", limit=limit) == bodies


def test_asks_a_line_at_a_time_and_loses_no_empty_one() -> None:
    assert split(b"a\n\nb", single=True) == [b"a", b"", b"b"]


@pytest.mark.parametrize("by_line", [True, False])
def test_fails_on_a_record_over_the_limit(by_line: bool) -> None:
    with pytest.raises(TransformFailed, match=r"^ClientError: .*MaxPayloadInMB"):
        split(b"aaaaaaaa", by_line=by_line, limit=7)


def test_ends_each_answer_with_one_newline_if_it_assembles_lines() -> None:
    assert assemble([b"1", b"2\n", b"3"], by_line=True) == b"1\n2\n3\n"
    assert assemble([b"1", b"2"], by_line=False) == b"12"


@pytest.mark.parametrize(
    ("key", "prefix", "folder", "expected"),
    [
        ("in/a.npy", "in/", "out/", "out/a.npy.out"),
        ("in/a.npy", "in", "out", "out/a.npy.out"),
        ("in/deep/a.npy", "in/", "out/", "out/deep/a.npy.out"),
        ("in/a.csv", "in/a.csv", "out", "out/a.csv.out"),
        ("in/part-1.csv", "in/part", "out", "out/part-1.csv.out"),
        ("a.csv", "", "", "a.csv.out"),
    ],
)
def test_writes_beside_the_inputs_path(key: str, prefix: str, folder: str, expected: str) -> None:
    assert output_key(key, prefix, folder) == expected


def job(**changed: Any) -> dict[str, Any]:
    source = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in/"}}, **changed.pop("TransformInput", {})}
    return {"TransformInput": source, "TransformOutput": {"S3OutputPath": "s3://b/out", **changed.pop("TransformOutput", {})}, **changed}


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (job(TransformInput={"SplitType": "RecordIO"}), "SplitType is RecordIO.*Line or None"),
        (job(TransformInput={"CompressionType": "Gzip"}), "CompressionType"),
        (job(TransformOutput={"AssembleWith": "Words"}), "AssembleWith"),
        (job(BatchStrategy="All"), "BatchStrategy"),
        (job(DataProcessing={"JoinSource": "Input"}), "DataProcessing"),
        (job(MaxConcurrentTransforms=20, MaxPayloadInMB=6), "120 MB; expected at most 100"),
    ],
)
def test_refuses_what_it_would_do_otherwise_than_sagemaker(request_: dict[str, Any], words: str) -> None:
    with pytest.raises(SageMakerError, match=words):
        require_supported(request_)


def test_takes_what_it_does() -> None:
    require_supported(job(TransformInput={"SplitType": "Line"}, TransformOutput={"AssembleWith": "Line"}, BatchStrategy="SingleRecord"))
    assert (read_limit({}), read_limit({"MaxPayloadInMB": 2}), read_limit({"MaxPayloadInMB": 0})) == (
        6 << 20,
        2 << 20,
        None,
    )
