"""What zlib packed, with its blocks only stored: a decoder that holds an older zlib takes a fraction of the time over it."""

import struct

# Fewer are unpacked by Pillow in about the same time, and of more, which are photos, it is slowed down by memory for both streams.
SIZES = range(100_000, 6_000_000)
_BLOCK_BYTES = (1 << 16) - 1  # as many as RFC 1951 allows a stored block


def store_blocks(packed: bytes, size: int) -> bytes:
    """Return a zlib stream (RFC 1950) with the same head, bytes and checksum, in stored blocks.

    Args:    size: how many bytes are packed in it. Not more than one more is ever unpacked.
    Returns: the stream as it is where it is damaged or holds another number of bytes, or a size at which that does not pay.
    """
    if size not in SIZES:
        return packed
    from zlib_ng import zlib_ng  # noqa: PLC0415 - a start that reads no large picture would pay for it

    stream = zlib_ng.decompressobj()
    try:
        rows = memoryview(stream.decompress(packed, size + 1))
    except zlib_ng.error:  # type: ignore[misc]  # its stub calls the class an instance
        return packed
    if len(rows) != size or not stream.eof or stream.unused_data:
        return packed
    parts: list[bytes | memoryview] = [packed[:2]]
    for at in range(0, size, _BLOCK_BYTES):
        block = rows[at : at + _BLOCK_BYTES]
        is_last = at + _BLOCK_BYTES >= size
        parts += (struct.pack("<BHH", is_last, len(block), _BLOCK_BYTES - len(block)), block)
    return b"".join([*parts, packed[-4:]])
