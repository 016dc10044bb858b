"""Parts of a PNG file, right or wrong."""

import struct
import zlib


def chunk(kind: bytes, data: bytes, *, length: int | None = None) -> bytes:
    """Return a chunk with its checksum.

    Args:    length: of the data, as the chunk says it; None for the right one.
    """
    return struct.pack(">I", len(data) if length is None else length) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
