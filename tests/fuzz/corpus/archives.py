"""Hostile zips and gzip files."""

import gzip
import io
import struct
import zipfile
from collections.abc import Callable, Iterator

from tests.fuzz.corpus.case import PNG, VALUES, Case, constant, cut, lazy, overwrite

LINE = b",".join(b"%d" % value for value in VALUES) + b"\n"


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


ONE = zipped({"a.png": PNG})
DIRECTORY, END = ONE.index(b"PK\x01\x02"), ONE.index(b"PK\x05\x06")
DIRECTORY_FIELDS = (4, 6, 8, 10, 12, 16, 20, 24, 28, 30, 32, 34, 36, 38, 42)  # where each begins in an entry of the directory
END_FIELDS = (4, 6, 8, 10, 12, 16, 20)


def with_method(method: int) -> bytes:
    number = struct.pack("<H", method)
    return ONE[:8] + number + ONE[10 : DIRECTORY + 10] + number + ONE[DIRECTORY + 12 :]


def with_flags(flags: int) -> bytes:
    number = struct.pack("<H", flags)
    return ONE[:6] + number + ONE[8 : DIRECTORY + 8] + number + ONE[DIRECTORY + 10 :]


def zip64(size_bytes: int) -> bytes:
    """Return a zip whose zip64 directory has that size, whatever the other says."""
    end = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, size_bytes, DIRECTORY)
    return ONE[:END] + end + b"PK\x06\x07" + struct.pack("<IQI", 0, END, 1) + ONE[END:]


def overlapping(count: int) -> bytes:
    """Return a zip of one file under many names; its end counts them without zip64, however many they are."""
    entry, said = ONE[DIRECTORY:END], count % 65_536
    return ONE[:DIRECTORY] + entry * count + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, said, said, len(entry) * count, DIRECTORY, 0)


NAMES = (
    "../../etc/passwd", "/etc/passwd", "C:\\a.png", "a" * 60_000, "é" * 9000, "a\0b.png", ".png", "a/.png", "\u202egnp.a",
    "=cmd|' /C calc'!A0.png", "a;=1+1.png", "a\n=1.png", "＝1.png",
)  # fmt: skip
ZIPS = {
    **{f"method {method}": with_method(method) for method in (1, 2, 6, 9, 10, 12, 14, 18, 19, 93, 95, 96, 97, 98, 99, 65_535)},
    **{f"flag {bit}": with_flags(1 << bit) for bit in range(16)},
    **{f"a file called {name[:20]!r}": zipped({name: b"no picture", "b.png": PNG}) for name in NAMES},
    **cut(ONE, 7),
    **overwrite(ONE, [DIRECTORY + field for field in DIRECTORY_FIELDS], [b"\xff\xff\xff\xff", b"\0\0"]),
    **overwrite(ONE, [END + field for field in END_FIELDS], [b"\xff\xff", b"\xff\xff\xff\xff", b"\0\0"]),
    **{f"zip64 with a directory of {size}": zip64(size) for size in (0, 50, 1 << 31, 1 << 62)},
    "bytes before it": b"PK\x03\x04" + bytes(5000) + ONE,
    "a comment with an end in it": ONE[:-2] + struct.pack("<H", 30) + b"PK\x05\x06" + bytes(26),
    "a zip in a zip in a zip": zipped({"a.zip": zipped({"a.zip": ONE})}),
    "20 pictures that unpack to 5 MB": zipped({f"{number}.png": PNG[:33] + bytes(5_000_000) for number in range(20)}),
    "a picture that unpacks to 60 MB": zipped({"a.png": PNG + bytes(60 << 20)}),
    "1,000 files of nothing": zipped({f"{number}.png": b"" for number in range(1000)}, zipfile.ZIP_STORED),
    "200 names of one file": overlapping(200),
    "only what a Mac adds": zipped({"__MACOSX/._a.png": PNG, ".DS_Store": b"x"}),
    "only folders": zipped({"a/": b"", "b/": b""}),
}
for method, its_name in ((zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "LZMA")):
    small = zipped({"a.png": PNG}, method)
    ZIPS[f"{its_name} that unpacks to 20 MB"] = zipped({"a.png": bytes(20 << 20)}, method)
    ZIPS[f"broken {its_name}"] = small[:50] + b"\xff" * 20 + small[70:]

PACKED = gzip.compress(LINE * 3)


def gzip_with(flags: int, extra: bytes) -> bytes:
    return PACKED[:3] + bytes([flags]) + PACKED[4:10] + extra + PACKED[10:]


GZIPS = {
    **cut(PACKED, 7),
    **{f"flags {flags:02x}": gzip_with(flags, b"") for flags in (1, 2, 4, 8, 16, 32, 64, 128, 255)},
    **overwrite(PACKED, [2, 8, 12, 20, len(PACKED) - 8, len(PACKED) - 4], [b"\xff\xff", b"\0\0\0\0"]),
    "a name of 1 MB": gzip_with(8, b"a" * (1 << 20) + b"\0"),
    "a name without an end": gzip_with(8, b"a" * 100)[:110],
    "a comment of 1 MB": gzip_with(16, b"a" * (1 << 20) + b"\0"),
    "100,001 members of nothing": gzip.compress(b"") * 100_001 + PACKED,
    "3 members": PACKED * 3,
    "noise behind it": PACKED + b"noise" * 100,
    "zeros behind it": PACKED + bytes(100_000),
    "gzip in gzip": gzip.compress(PACKED),
    "a picture": gzip.compress(PNG),
    "a zip": gzip.compress(ONE),
    "nothing": gzip.compress(b""),
    "20 MB of zeros": gzip.compress(bytes(20 << 20), 9),
    "a line of 20 MB": gzip.compress(b"1," * (10 << 20), 9),
    "1 MB of line breaks": gzip.compress(LINE + b"\n" * (1 << 20), 9),
    "4 MB of spaces": gzip.compress(LINE + b" " * (4 << 20), 9),
    "50 bad lines": gzip.compress((b"1," * 10_000 + b"\n") * 50, 9),
}


def long_gzip(line: bytes, count: int) -> Callable[[], bytes]:
    def make() -> bytes:
        out = io.BytesIO()
        with gzip.GzipFile(fileobj=out, mode="w", compresslevel=9) as file:
            for _ in range(count):
                file.write(line)
        return out.getvalue()

    return make


LARGEST = {
    "5 GB of line breaks": long_gzip(b"1,2\n" + b"\n" * (1 << 20), 5000),
    "5 GB of one line": long_gzip(b"1," * (1 << 19), 5000),
    "4 GB of short lines": long_gzip(b"1\n" * (1 << 19), 4000),
    "4 GB of long lines": long_gzip(b"1," * (1 << 19) + b"\n", 4000),
    "a million members of nothing": lambda: gzip.compress(b"") * 1_000_000 + PACKED,
}
LARGEST_ZIPS = {
    "bzip2 that unpacks to 1 GB": lambda: zipped({"a.png": bytes(1_000_000_000)}, zipfile.ZIP_BZIP2),
    "600 pictures that cannot be read": lambda: zipped({f"{n}.png": PNG[:8] + bytes(4_900_000) for n in range(600)}),
    "60,000 names of one picture": lambda: overlapping(60_000),
    "328,000 names of one picture": lambda: overlapping(328_000),  # nearly the largest directory that is read
    "300,000 files": lambda: zipped({f"{number}.png": b"x" for number in range(300_000)}, zipfile.ZIP_STORED),
}


def list_cases() -> Iterator[Case]:
    """Give the archives, to the upload function."""
    yield from constant("upload", ZIPS, "zip")
    yield from constant("upload", GZIPS, "gzip")
    yield from constant("upload-numbers", {name: GZIPS[name] for name in list(GZIPS)[::4]} | {"zip": ONE}, "gzip of numbers")
    yield from lazy("upload", LARGEST_ZIPS, "zip", is_costly=True, has_many=True)
    yield from lazy("upload", LARGEST, "gzip", is_costly=True, has_many=True)
