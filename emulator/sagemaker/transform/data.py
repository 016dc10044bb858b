"""Batch Transform's data: an object split into requests, their responses assembled, and the key of the output."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulator.sagemaker.errors import validation_exception

MB = 1 << 20
MAX_IN_FLIGHT_MB = 100
DEFAULT_PAYLOAD_MB = 6


class TransformFailed(Exception):
    """The job cannot succeed; the message is the job's FailureReason."""


def require_supported(request: Mapping[str, Any]) -> None:
    """Raise SageMakerError for a request that SageMaker refuses, and for options that the local run does not have."""
    source, target = request["TransformInput"], request["TransformOutput"]
    options = {
        "S3DataType": (source["DataSource"]["S3DataSource"]["S3DataType"], {"S3Prefix"}),
        "SplitType": (source.get("SplitType", "None"), {"None", "Line"}),
        "CompressionType": (source.get("CompressionType", "None"), {"None"}),
        "AssembleWith": (target.get("AssembleWith", "None"), {"None", "Line"}),
        "BatchStrategy": (request.get("BatchStrategy", "MultiRecord"), {"MultiRecord", "SingleRecord"}),
    }
    for name, (value, supported) in options.items():
        if value not in supported:
            raise validation_exception(f"{name} is {value}; the local Batch Transform takes {' or '.join(sorted(supported))}.")
    if "DataProcessing" in request:
        raise validation_exception("The local Batch Transform has no DataProcessing: filter the input before, or join the output after.")
    in_flight_mb = int(request.get("MaxConcurrentTransforms", 1)) * int(request.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MB))
    if in_flight_mb > MAX_IN_FLIGHT_MB:
        raise validation_exception(
            f"MaxConcurrentTransforms * MaxPayloadInMB is {in_flight_mb} MB; expected at most {MAX_IN_FLIGHT_MB} MB."
        )


def read_limit(request: Mapping[str, Any]) -> int | None:
    """Return the limit of one request's body; None is no limit, which SageMaker writes as 0."""
    return int(request.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MB)) * MB or None


def split_requests(content: bytes, *, by_line: bool, single: bool, limit: int | None) -> Iterator[bytes]:
    """Yield the bodies of an object's requests: the object itself, or its lines, one or as many as fit the limit.

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


def assemble(responses: Sequence[bytes], *, by_line: bool) -> bytes:
    """Return the responses as one object: end to end, or each on a line of its own."""
    return b"".join(response if not by_line or response.endswith(b"\n") else response + b"\n" for response in responses)


def output_key(key: str, prefix: str, folder: str) -> str:
    """Return the key of an object's output: its path below the prefix's folder, in the output's folder, with .out at its end."""
    below = key.removeprefix(prefix)
    if not prefix.endswith("/") and not below.startswith("/"):
        below = key[prefix.rfind("/") + 1 :]  # the prefix is the beginning of a name, or a whole name
    return f"{folder.rstrip('/')}/{below.lstrip('/')}.out".lstrip("/")
