"""A zip's directory that is read a few files at a time, beside zipfile, which reads all of it."""

import io
import random
import struct
import tracemalloc
import zipfile
from typing import Any

import pytest

from functions.process_upload import zip_directory
from functions.process_upload.zip_directory import Directory, read_directory
from recipes.errors import InvalidInput, Malformed, TooLarge

RECORD = struct.Struct("<4s4B4HL2L5H2L")


def build(count: int, *, before: bytes = b"", comment: bytes = b"") -> bytes:
    """Return a zip of files of every kind that a tool writes."""
    out = io.BytesIO(before)
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(count):
            info = zipfile.ZipInfo(f"ein Ordner/{number}-ä.png" if number % 3 else f"{number}.png")
            info.compress_type = zipfile.ZIP_DEFLATED if number % 2 else zipfile.ZIP_STORED
            info.comment, info.extra = b"a comment" * (number % 2), b"\xfe\xca\0\0" * (number % 4)
            if number % 5:
                archive.writestr(info, b"%d" % number * number)
            else:
                with archive.open(info, "w", force_zip64=True) as file:
                    file.write(b"%d" % number * number)
        archive.comment = comment
    return out.getvalue()


def read(content: bytes) -> Directory:
    raw: Any = io.BytesIO(content)
    return read_directory(io.BufferedReader(raw))


def describe(info: zipfile.ZipInfo) -> tuple[Any, ...]:
    return (
        *(info.filename, info.header_offset, info.file_size, info.compress_size, info.CRC),
        *(info.flag_bits, info.compress_type, info.extra, info.comment),
    )


def list_by_zipfile(content: bytes) -> list[tuple[Any, ...]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [describe(info) for info in archive.infolist()]


@pytest.mark.parametrize("content", [build(0), build(1), build(20), build(20, before=b"#!" * 50, comment=b"of a zip" * 99)])
def test_reads_what_zipfile_reads(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_directory, "AT_ONCE", 7)
    found = read(content)
    assert [describe(info) for info in found] == list_by_zipfile(content)
    assert [describe(found[number]) for number in range(len(found))] == list_by_zipfile(content)
    for number, info in enumerate(found):
        assert found.archive.read(info) == b"%d" % number * number


def test_forgets_files_that_are_not_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_directory, "AT_ONCE", 7)
    found = read(build(20))
    found.choose(lambda info: "Ordner" not in info.filename)
    assert [info.filename for info in found] == [f"{number}.png" for number in range(0, 20, 3)]
    assert found.archive.read(found[2]) == b"6" * 6


def test_takes_and_refuses_what_zipfile_does() -> None:
    whole, seed, counts = build(6), random.Random(7), {True: 0, False: 0}
    begins_at = whole.index(b"PK\x01\x02")
    for _ in range(1500):
        content = bytearray(whole)
        content[seed.randrange(begins_at, len(whole))] = seed.choice([0, 1, 2, 20, 80, 255, seed.randrange(256)])
        try:
            expected: list[tuple[Any, ...]] | None = list_by_zipfile(bytes(content))
        except (zipfile.BadZipFile, NotImplementedError, ValueError):
            expected = None
        try:
            found: list[tuple[Any, ...]] | None = [describe(info) for info in read(bytes(content))]
        except (InvalidInput, zipfile.BadZipFile, NotImplementedError, ValueError):
            found = None
        assert found == expected
        counts[found is None] += 1
    assert min(counts.values()) > 100


def test_believes_no_zip64_locator_in_a_record_or_before_the_directory() -> None:
    end64 = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, 1 << 40, 0)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, 0, 1)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("a", "b"):
            info = zipfile.ZipInfo(name)
            info.comment = end64 + locator if name == "a" else b""
            archive.writestr(info, end64 + locator)
    found = read(out.getvalue())  # behind b's bytes stands the directory, and behind it its end
    assert found.archive.read(found[1]) == end64 + locator
    with pytest.raises(TooLarge, match="zip64"):
        found[0]


@pytest.mark.parametrize("field", [12, 16], ids=["its size", "its place"])
def test_refuses_a_directory_that_is_not_where_it_is_said_to_be(field: int) -> None:
    content = bytearray(build(2))
    at = content.rindex(b"PK\x05\x06") + field
    content[at : at + 4] = (1_000_000).to_bytes(4, "little") if field == 12 else b"\xff" * 4
    with pytest.raises(Malformed, match="not where its end says"):
        read(bytes(content))


def test_keeps_little_of_each_file() -> None:
    content = build(0)
    record = RECORD.pack(b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 33, 0, 1, 1, 8, 0, 0, 0, 0, 0, 0)
    count = 20_000
    records = b"".join(record + b"%08d" % number for number in range(count))
    content = records + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(records), 0, 0)
    tracemalloc.start()
    found = read(content)
    found.choose(lambda info: not info.is_dir())
    assert sum(info.file_size for info in found) == count
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < count * 70 + 200_000
    assert peak < count * 250 + 1_000_000  # the directory, with copies of it while it is read
