"""A zlib stream is rewritten with stored blocks where it holds just what it should, and is left as it is elsewhere."""

import tracemalloc
import zlib

import pytest

from recipes.pictures.stored_blocks import SIZES, store_blocks

BLOCK = 65_535
SMALLEST, HEAD_AND_CHECKSUM = SIZES.start, 6


def make_rows(size: int) -> bytes:
    return (b"a row of a drawing" * 7 + bytes(99)) * (size // 225) + bytes(size % 225)


@pytest.mark.parametrize("size", [SMALLEST, 2 * BLOCK - 1, 2 * BLOCK, 2 * BLOCK + 1, 313_880])
@pytest.mark.parametrize("wbits", [9, 15])
def test_holds_the_same_bytes_and_checksum_unpacked(size: int, wbits: int) -> None:
    rows = make_rows(size)
    packer = zlib.compressobj(wbits=wbits)
    stored = store_blocks(packer.compress(rows) + packer.flush(), size)
    assert zlib.decompress(stored, wbits) == rows  # which checks the checksum
    assert len(stored) == HEAD_AND_CHECKSUM + size + 5 * -(-size // BLOCK)


PACKED = zlib.compress(make_rows(SMALLEST))
UNTOUCHED = {
    "fewer bytes": (PACKED, SMALLEST + 1),
    "more bytes": (zlib.compress(make_rows(SMALLEST + 1)), SMALLEST),
    "cut off": (PACKED[:-1], SMALLEST),
    "damaged": (PACKED[:60] + bytes([PACKED[60] ^ 0xFF]) + PACKED[61:], SMALLEST),
    "another checksum": (PACKED[:-1] + bytes([PACKED[-1] ^ 1]), SMALLEST),
    "bytes behind it": (PACKED + b"\0", SMALLEST),
    "no zlib stream": (b"", SMALLEST),
    "a small picture": (zlib.compress(make_rows(SMALLEST - 1)), SMALLEST - 1),
    "a photo": (zlib.compress(bytes(SIZES.stop)), SIZES.stop),
}


@pytest.mark.parametrize(("packed", "size"), UNTOUCHED.values(), ids=UNTOUCHED)
def test_is_left_as_it_is(packed: bytes, size: int) -> None:
    assert store_blocks(packed, size) is packed


def test_unpacks_no_more_than_is_to_be_there() -> None:
    bomb = zlib.compress(bytes(60 << 20))
    tracemalloc.start()
    try:
        store_blocks(bomb, SMALLEST)
        assert tracemalloc.get_traced_memory()[1] < 4 * SMALLEST
    finally:
        tracemalloc.stop()
