"""A zip's directory, which a hostile sender forges: read, or refused in words and in bounded memory."""

import io
import random
import struct
import zipfile

import pytest

from functions.process_upload.reading.zips import MAX_DIRECTORY_BYTES
from recipes.errors import InvalidInput, Malformed, TooLarge
from tests.digits import any_digit, encoded, on_page
from tests.rows import open_upload as read

PICTURE = encoded(on_page(any_digit()))
END64 = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, 1 << 40, 0)
ENDS_AS_ZIP64 = END64 + b"PK\x06\x07" + struct.pack("<IQI", 0, 0, 1)


def build(count: int, *, before: bytes = b"", comment: bytes = b"", last: bytes = b"") -> bytes:
    """Return a zip of pictures in each of the ways in which a tool writes them.

    Args:    before: bytes before the zip.
             comment: of the zip.
             last: the comment of its last file.
    """
    out = io.BytesIO(before)
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(count):
            info = zipfile.ZipInfo(f"ein Ordner/{number}-ä.png" if number % 3 else f"{number}.png")
            info.compress_type = zipfile.ZIP_DEFLATED if number % 2 else zipfile.ZIP_STORED
            info.comment, info.extra = b"a comment" * (number % 2), b"\xfe\xca\0\0" * (number % 4)
            if number == count - 1:
                info.comment = last
            with archive.open(info, "w", force_zip64=number % 5 == 0) as file:
                file.write(PICTURE)
        archive.comment = comment
    return out.getvalue()


WRITTEN = {
    "two": build(2),
    "a dozen": build(12),
    "behind other bytes": build(12, before=b"PK\x03\x04" + bytes(50)),
    "with a comment": build(12, comment=b"of a zip" * 99),
    "with the longest comment": build(4, comment=b"c" * 65_535),
}


@pytest.mark.parametrize("content", WRITTEN.values(), ids=WRITTEN)
def test_reads_each_file_however_it_was_written(content: bytes) -> None:
    rows = read(content)
    names = [row.about["name"] for row in rows.rows if row.instance]
    assert names == [f"ein Ordner/{number}-ä.png" if number % 3 else f"{number}.png" for number in range(len(names))]
    assert len(names) == rows.total


def test_ends_in_words_whatever_byte_of_the_directory_is_changed() -> None:
    whole, seed, counts = build(6), random.Random(7), {True: 0, False: 0}
    begins_at = whole.index(b"PK\x01\x02")
    for _ in range(150):
        content = bytearray(whole)
        content[seed.randrange(begins_at, len(whole))] = seed.choice([0, 1, 2, 20, 80, 255, seed.randrange(256)])
        try:
            is_read = all(row.instance for row in read(bytes(content)).rows)
        except InvalidInput:
            is_read = False
        counts[is_read] += 1
    assert min(counts.values()) > 20


@pytest.mark.parametrize("comment", [b"", b"of a zip"], ids=["no comment", "a comment"])
def test_refuses_whatever_zipfile_would_take_for_a_zip64_directory(comment: bytes) -> None:
    with pytest.raises(TooLarge, match="zip64"):
        read(build(2, comment=comment, last=ENDS_AS_ZIP64))


def test_takes_no_locator_for_one_that_stands_elsewhere() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("a.png", "b.png"):
            info = zipfile.ZipInfo(name)
            info.comment = ENDS_AS_ZIP64 if name == "a.png" else b""
            archive.writestr(info, PICTURE + ENDS_AS_ZIP64)
    assert all(row.instance for row in read(out.getvalue()).rows)


def raise_first_error(content: bytes) -> None:
    for error in (row.error for row in read(content).rows):
        if error:
            raise error


@pytest.mark.parametrize("field", [12, 16], ids=["its size", "its place"])
def test_says_that_a_zip_is_broken_whose_directory_is_not_where_its_end_says(field: int) -> None:
    content = bytearray(build(2))
    at = content.rindex(b"PK\x05\x06") + field
    content[at : at + 4] = (1_000_000).to_bytes(4, "little") if field == 12 else b"\xff" * 4
    with pytest.raises(Malformed, match="broken"):
        raise_first_error(bytes(content))


def test_reads_no_directory_that_is_larger_than_those_of_pictures() -> None:
    content = bytearray(build(2))
    at = content.rindex(b"PK\x05\x06") + 12
    content[at : at + 4] = (MAX_DIRECTORY_BYTES + 1).to_bytes(4, "little")
    with pytest.raises(TooLarge, match="names are too long"):
        read(bytes(content))


def test_counts_the_files_that_a_directory_really_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.process_upload.reading.zips.MAX_MEMBERS", 3)
    content = bytearray(build(4))
    at = content.rindex(b"PK\x05\x06") + 8
    content[at : at + 4] = bytes(4)  # it says that it has none
    with pytest.raises(TooLarge, match="has 4 files; the limit is 3"):
        read(bytes(content))
