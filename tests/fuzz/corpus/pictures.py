"""Hostile PNGs, JPEGs and pages."""

import itertools
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from tests.digits import encoded
from tests.fuzz.corpus.case import JPEG, PNG, Case, constant, cut, lazy, overwrite
from tests.png import chunk

MAGIC = PNG[:8]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by PNG's colour type


def header(width: int, height: int, depth: int = 8, colour: int = 0, interlace: int = 0) -> bytes:
    return MAGIC + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def deflate_zeros(count: int) -> bytes:
    packer, block = zlib.compressobj(9), bytes(1 << 20)
    whole = b"".join(packer.compress(block[: min(len(block), count - at)]) for at in range(0, count, len(block)))
    return whole + packer.flush()


def blank(width: int, height: int, depth: int = 8, colour: int = 0, extra: bytes = b"") -> bytes:
    """Return a PNG of nothing but zeros: few bytes for any number of pixels."""
    row_bytes = 1 + (width * depth * CHANNELS[colour] + 7) // 8
    palette = chunk(b"PLTE", bytes(6)) if colour == 3 else b""
    return header(width, height, depth, colour) + palette + extra + chunk(b"IDAT", deflate_zeros(row_bytes * height)) + chunk(b"IEND", b"")


def within(extra: bytes) -> bytes:
    """Return a PNG of a digit with something behind its header."""
    return PNG[:33] + extra + PNG[33:]


def exif(tags: int, kind: int, count: int, value: int) -> bytes:
    entries = b"".join(struct.pack("<HHII", tag, kind, count, value) for tag in range(tags))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", tags) + entries


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def jpeg_with(extra: bytes) -> bytes:
    return JPEG[:2] + extra + JPEG[2:]


SIZES = (
    (1, 30_001),
    (30_001, 1),
    (50_001, 1000),
    (2**31 - 1, 1),
    (1, 2**31 - 1),
    (2**31 - 1, 2**31 - 1),
    (2**32 - 1, 7),
    (0, 5),
    (20_000, 20_000),
)
PNGS = {
    **{
        f"{width} × {height} of colour type {colour}": header(width, height, 8, colour) + chunk(b"IDAT", zlib.compress(bytes(65)))
        for (width, height), colour in itertools.product(SIZES, (0, 3, 6))
    },
    **cut(PNG, 9),
    **{f"depth {depth}": header(8, 8, depth) + PNG[33:] for depth in (0, 1, 3, 16, 255)},
    **{f"colour type {colour}": header(8, 8, 8, colour) + PNG[33:] for colour in (1, 3, 5, 7, 255)},
    **{f"{kind.decode()} of a long length": within(chunk(kind, b"abc", length=2**31 - 1)) for kind in (b"PLTE", b"tRNS", b"IDAT", b"tEXt")},
    **{f"{kind.decode()} of 100 kB": within(chunk(kind, bytes(100_000))) for kind in (b"PLTE", b"tRNS", b"gAMA", b"pHYs", b"acTL", b"eXIf")},
    **{f"an empty {kind.decode()}": within(chunk(kind, b"")) for kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"fcTL", b"iCCP")},
    **{f"{kind.decode()} that unpacks to 60 MB": within(chunk(kind, head + deflate_zeros(60 << 20))) for kind, head in
       ((b"zTXt", b"k\0\0"), (b"iTXt", b"k\0\1\0\0\0"), (b"iCCP", b"k\0\0"))},
    "two headers": within(PNG[8:33]),
    "no header": MAGIC + PNG[33:],
    "interlaced": header(64, 64, interlace=1) + PNG[33:],
    "interlaced twice": header(64, 64, interlace=2) + PNG[33:],
    "pixels that unpack to 60 MB": header(8, 8) + chunk(b"IDAT", deflate_zeros(60 << 20)) + chunk(b"IEND", b""),
    **{f"a canvas {name}": header(280, 280, 8, 6) + chunk(b"IDAT", packed) + chunk(b"IEND", b"") for name, packed in
       (("that unpacks to 60 MB", deflate_zeros(60 << 20)), ("cut off", zlib.compress(bytes(1121 * 280))[:-9]))},
    "pixels of filters that there are not": header(64, 64) + chunk(b"IDAT", zlib.compress(b"\xff" * 65 * 64)) + chunk(b"IEND", b""),
    "pixels that are not packed": header(64, 64) + chunk(b"IDAT", bytes(5000)) + chunk(b"IEND", b""),
    "a million empty chunks": within(chunk(b"abCd", b"") * 1_000_000),
    "4,000 pieces of pixels": header(64, 64) + b"".join(chunk(b"IDAT", bytes([b])) for b in zlib.compress(bytes(65 * 64), 0)[:4000]),
    "EXIF of which Pillow warns at each tag": within(chunk(b"eXIf", exif(65_535, 2, 99_999_999, 8))),
    "EXIF that points to itself": within(chunk(b"eXIf", exif(400, 4, 1, 8))),
    "EXIF at the end of everything": within(chunk(b"eXIf", b"MM\0*\xff\xff\xff\xff")),
    "EXIF of orientation 0": within(chunk(b"eXIf", b"II*\0\x08\0\0\0\1\0" + struct.pack("<HHII", 0x112, 3, 1, 0))),
    "a megabyte behind it": PNG + bytes(1 << 20),
    "a zip behind it": PNG + b"PK\x05\x06" + bytes(18),
}  # fmt: skip
SOF = JPEG.index(b"\xff\xc0")
JPEGS = {
    **cut(JPEG, 9),
    **{f"{height} × {width}": JPEG[: SOF + 5] + struct.pack(">HH", height, width) + JPEG[SOF + 9 :] for height, width in
       ((65_535, 65_535), (65_535, 1), (1, 65_535), (0, 64), (64, 0), (3000, 1600))},
    **{f"frame of kind {kind:x}": JPEG[: SOF + 1] + bytes([kind]) + JPEG[SOF + 2 :] for kind in (*range(0xC1, 0xD0), 0x01, 0x02, 0xBF)},
    **{f"{count} components": JPEG[: SOF + 9] + bytes([count]) + JPEG[SOF + 10 :] for count in (0, 2, 4, 255)},
    **{f"{bits} bits": JPEG[: SOF + 4] + bytes([bits]) + JPEG[SOF + 5 :] for bits in (0, 1, 12, 255)},
    **{f"segment {marker:x} of 2 bytes less than it says": jpeg_with(segment(marker, b"ab")[:-2]) for marker in (0xE0, 0xE1, 0xFE, 0xDB, 0xC4)},
    **{f"segment {marker:x} without a length": jpeg_with(bytes((0xFF, marker, 0, 0))) for marker in (0xE0, 0xE1, 0xE2, 0xED, 0xFE, 0xC4)},
    "a million segments": jpeg_with(b"\xff\xe0\0\2" * 1_000_000),
    "a million bytes between": jpeg_with(b"\xff\0" * 500_000),
    "a million bytes of filling": jpeg_with(b"\xff" * 1_000_000),
    "EXIF in 4,000 pieces": jpeg_with(segment(0xE1, b"Exif\0\0" + bytes(2000)) * 4000),
    "EXIF of which Pillow warns at each tag": jpeg_with(segment(0xE1, b"Exif\0\0" + exif(5000, 2, 99_999_999, 8))),
    "two pictures that are none": jpeg_with(segment(0xE2, b"MPF\0" + exif(3, 4, 9, 8))),
    "a profile in 200 pieces": jpeg_with(segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(60_000)) * 200),
    "Photoshop's block that never ends": jpeg_with(segment(0xED, b"Photoshop 3.0\0" + b"8BIM\3\xed\0\0\0\0\0\0" * 5000)),
    "restarts at every block": jpeg_with(segment(0xDD, b"\0\1")),
    "5,000 scans": JPEG[:-2] + b"\xff\xda\0\x08\1\1\0\0\x3f\0" * 5000 + JPEG[-2:],
    "tables of 255": jpeg_with(segment(0xC4, b"\0" + b"\xff" * 16 + bytes(255))),
    "no end": JPEG[:-2],
    "Adobe's colours": jpeg_with(segment(0xEE, b"Adobe\0\x64\0\0\0\0\2")),
}  # fmt: skip


def noise(width: int, height: int, levels: int) -> bytes:
    pixels = np.random.default_rng(0).integers(0, levels, (height, width)) * (255 // max(1, levels - 1))
    return encoded(Image.fromarray(pixels.astype(np.uint8)))


def marks(width: int, height: int, mark: tuple[int, int] = (2, 3)) -> bytes:
    """Return a page of marks, none in a row: as many parts as a page can have."""
    page, random = Image.new("L", (width, height), 255), np.random.default_rng(1)
    draw = ImageDraw.Draw(page)
    across, down = mark[0] + 3, mark[1] + 3
    for y, x in itertools.product(range(4, height - down, down), range(4, width - across, across)):
        if random.random() < 0.6:
            top = y + int(random.integers(3))
            draw.rectangle((x, top, x + mark[0] - 1, top + mark[1] - 1), fill=0)
    return encoded(page)


def nested(width: int, height: int) -> bytes:
    """Return a page of long strokes side by side with dots between them: each dot is near all strokes."""
    page, length = Image.new("L", (width, height), 255), int(min(width, height) * 0.45)
    draw = ImageDraw.Draw(page)
    for number in range((width - length - 20) // 9):
        left = 10 + 9 * number
        draw.line((left, 10, left + length, 10 + length), fill=0)
        for down in range(10, length - 8, 6):
            draw.rectangle((left + down + 5, 10 + down, left + down + 6, 12 + down), fill=0)
    return encoded(page)


def progressive(mode: str, width: int, height: int) -> bytes:
    return encoded(Image.new(mode, (width, height)), "JPEG", progressive=True, quality=1, subsampling=0)


PAGES = {
    "noise": lambda: noise(700, 500, 256),
    "salt": lambda: noise(700, 500, 2),
    "marks on a wide page": lambda: marks(8000, 106),
    "marks on a tall page": lambda: marks(106, 8000),
    "marks on a square page": lambda: marks(800, 800),
    "strokes beside strokes": lambda: nested(450, 300),
    "a row of the longest side": lambda: blank(30_000, 1),
    "a column of the longest side": lambda: blank(1, 30_000),
    "turned": lambda: blank(3000, 40, extra=chunk(b"eXIf", b"II*\0\x08\0\0\0\1\0" + struct.pack("<HHII", 0x112, 3, 1, 6))),
}
MODES = {
    f"depth {depth}, colour type {colour}": (depth, colour)
    for depth, colour in ((8, 2), (16, 2), (8, 6), (16, 6), (16, 0), (8, 3), (1, 0), (16, 4))
}
TRANSPARENT = chunk(b"tRNS", b"\x00\x80")
LARGEST = {
    **{f"50 Mpx of {name}": lambda mode=mode: blank(7071, 7071, *mode) for name, mode in MODES.items()},
    "50 Mpx of a palette with transparency": lambda: blank(7071, 7071, 8, 3, TRANSPARENT),
    "50 Mpx as wide as may be": lambda: blank(30_000, 1666, 8, 6),
    "50 Mpx as high as may be": lambda: blank(1666, 30_000, 8, 6),
    "49 Mpx, progressive": lambda: progressive("RGB", 29_000, 1700),
    "24 Mpx of four colours, progressive": lambda: progressive("CMYK", 29_000, 850),
    "57,000 marks on a wide page": lambda: marks(30_000, 106),
    "57,000 marks on a tall page": lambda: marks(106, 30_000),
    "strokes beside strokes": lambda: nested(1780, 1780),
    "noise of 3 Mpx": lambda: noise(1780, 1780, 256),
    "25 MB of segments": lambda: jpeg_with(b"\xff\xe0\0\2" * 6_500_000),
    "25 MB of EXIF in pieces": lambda: jpeg_with(segment(0xE1, b"Exif\0\0" + bytes(60_000)) * 100 + b"\xff\xe1\0\x0aExif\0\0MM" * 1_500_000),
    "a column of 50,000,000": lambda: blank(1, 50_000_000, 8, 3),
}  # fmt: skip
LARGEST_IN_COLOUR = {
    **{f"16 Mpx of {name}": lambda mode=mode: blank(4000, 4000, *mode) for name, mode in MODES.items()},
    "16 Mpx of a palette with transparency": lambda: blank(4000, 4000, 8, 3, TRANSPARENT),
    "16 Mpx as wide as may be": lambda: blank(30_000, 533, 8, 6),
    "16 Mpx as high as may be": lambda: blank(533, 30_000, 8, 6),
    "49 Mpx, progressive": lambda: progressive("RGB", 29_000, 1700),
    "24 Mpx of four colours, progressive": lambda: progressive("CMYK", 29_000, 850),
}


def list_cases() -> Iterator[Case]:
    """Give the pictures, each to the upload function or to the predict function's decoder."""
    yield from constant("upload", PNGS, "png")
    yield from constant("request image/png", {name: PNGS[name] for name in list(PNGS)[::3]}, "png in a request")
    yield from constant("upload", JPEGS, "jpeg")
    yield from constant("request image/jpeg", {name: JPEGS[name] for name in list(JPEGS)[::3]}, "jpeg in a request")
    yield from constant("upload", overwrite(JPEG, range(20, 160, 20), [b"\xff\xff", b"\0\0"]), "jpeg")
    yield from lazy("upload", PAGES, "page")
    yield from lazy(
        "request image/png",
        {f"4 Mpx of {name}": lambda mode=mode: blank(2000, 2000, *mode) for name, mode in MODES.items()},
        "png in a request",
    )
    yield from lazy("upload", LARGEST, "picture", is_costly=True)
    yield from constant("upload-colours", {name: PNGS[name] for name in list(PNGS)[1::3]}, "png in colour")
    yield from constant("upload-colours", {name: JPEGS[name] for name in list(JPEGS)[1::3]}, "jpeg in colour")
    yield from lazy("upload-colours", LARGEST_IN_COLOUR, "picture in colour", is_costly=True)
