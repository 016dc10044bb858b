"""What Batch Transform asks and what it writes: an object's requests, their answers put together, and the key those have."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulator.sagemaker.errors import invalid

MB = 1 << 20
MAX_IN_FLIGHT_MB = 100
DEFAULT_PAYLOAD_MB = 6


class TransformFailed(Exception):
    """The job cannot succeed; its words are the job's FailureReason."""


def require_supported(request: Mapping[str, Any]) -> None:
    """Raise SageMakerError for what SageMaker refuses, and for what it does and the local run does not."""
    source, target = request["TransformInput"], request["TransformOutput"]
    known = {
        "S3DataType": (source["DataSource"]["S3DataSource"]["S3DataType"], {"S3Prefix"}),
        "SplitType": (source.get("SplitType", "None"), {"None", "Line"}),
        "CompressionType": (source.get("CompressionType", "None"), {"None"}),
        "AssembleWith": (target.get("AssembleWith", "None"), {"None", "Line"}),
        "BatchStrategy": (request.get("BatchStrategy", "MultiRecord"), {"MultiRecord", "SingleRecord"}),
    }
    for name, (given, taken) in known.items():
        if given not in taken:
            raise invalid(f"{name} is {given}; the local Batch Transform takes {' or '.join(sorted(taken))}.")
    if "DataProcessing" in request:
        raise invalid("DataProcessing is not done by the local Batch Transform: filter before, join after.")
    in_flight_mb = int(request.get("MaxConcurrentTransforms", 1)) * int(request.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MB))
    if in_flight_mb > MAX_IN_FLIGHT_MB:
        raise invalid(f"MaxConcurrentTransforms * MaxPayloadInMB is {in_flight_mb} MB; expected at most {MAX_IN_FLIGHT_MB} MB.")


def max_bytes(request: Mapping[str, Any]) -> int | None:
    """Return the limit of one request's body; None is no limit, which SageMaker spells 0."""
    return int(request.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MB)) * MB or None


def requests(content: bytes, *, by_line: bool, single: bool, limit: int | None) -> Iterator[bytes]:
    """Give the bodies an object is asked in: itself, or its lines, one or as many as fit the limit.

    Raises:  TransformFailed: a record is over the limit.
    """
    records = content.removesuffix(b"\n").split(b"\n") if by_line and content else [content]
    batch: list[bytes] = []
    size = 0
    for record in records:
        if limit is not None and len(record) > limit:
            raise TransformFailed(f"ClientError: a record of {len(record)} bytes is over MaxPayloadInMB, {limit // MB}")
        if batch and (single or (limit is not None and size + 1 + len(record) > limit)):
            yield b"\n".join(batch)
            batch, size = [], 0
        size += len(record) + bool(batch)
        batch.append(record)
    if batch:
        yield b"\n".join(batch)


def assembled(answers: Sequence[bytes], *, by_line: bool) -> bytes:
    """Return the answers as one object: end to end, or each on a line of its own."""
    return b"".join(answer if not by_line or answer.endswith(b"\n") else answer + b"\n" for answer in answers)


def output_key(key: str, prefix: str, folder: str) -> str:
    """Return where the answers to an object go: its path below the prefix's folder, in the output's folder, with .out at its end."""
    below = key.removeprefix(prefix)
    if not prefix.endswith("/") and not below.startswith("/"):
        below = key[prefix.rfind("/") + 1 :]  # the prefix is the beginning of a name, or the whole of one
    return f"{folder.rstrip('/')}/{below.lstrip('/')}.out".lstrip("/")
