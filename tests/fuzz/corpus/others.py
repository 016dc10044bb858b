"""Hostile WebPs, GIFs, BMPs and TIFFs, and files of kinds that are refused by name."""

import struct
from collections.abc import Callable, Iterator

from PIL import Image

from tests.digits import encoded
from tests.fuzz.corpus.case import PAGE, Case, constant, cut, lazy, overwrite
from tests.fuzz.corpus.pictures import exif


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def extended(width: int, height: int, flags: int = 0x12) -> tuple[bytes, bytes]:
    return b"VP8X", bytes([flags, 0, 0, 0]) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]


WEBP = encoded(PAGE.convert("RGB"), "WEBP", lossless=True)
VP8L = (b"VP8L", WEBP[20 : 20 + struct.unpack_from("<I", WEBP, 16)[0]])
ANIMATION = encoded(Image.new("RGB", PAGE.size), "WEBP", save_all=True, append_images=[PAGE.convert("RGB")] * 3, lossless=True)
FRAME = (b"ANMF", bytes(6) + struct.pack("<I", PAGE.width - 1)[:3] + struct.pack("<I", PAGE.height - 1)[:3] + bytes(4) + WEBP[12:])
APNG = encoded(Image.new("L", PAGE.size), save_all=True, append_images=[PAGE] * 3)
APNGS = {
    **cut(APNG, 9),
    **overwrite(APNG, [APNG.index(b"fcTL", 100) + at for at in range(4, 30, 4)], [b"\xff\xff\xff\xff", b"\0\0\0\0"]),
    **overwrite(APNG, [APNG.index(b"fdAT") + at for at in (-4, 4, 8, 12)], [b"\xff\xff\xff\xff", b"\0\0\0\0"]),
    "frames without control": APNG.replace(b"fcTL", b"fcXX"),
    "frames without a header": APNG[:8] + APNG[33:],
}
WEBPS = {
    **cut(WEBP, 9),
    **cut(ANIMATION, 9),
    **overwrite(WEBP, range(4, 40, 3), [b"\xff\xff", b"\0\0\0"]),
    **{
        f"{width} × {height}": riff(extended(width, height), VP8L)
        for width, height in ((1 << 24, 1 << 24), (16_384, 1), (1, 1), (30_001, 9))
    },
    "a lossless picture of 16,383 a side": riff((b"VP8L", b"\x2f\xff\xff\xff\x0f" + VP8L[1][5:])),
    "a lossy picture of 16,383 a side": riff((b"VP8 ", b"\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f" + bytes(50))),
    "5,000 chunks": riff(*[(b"abcd", b"")] * 5000, VP8L),
    "5,000 frames": riff(extended(*PAGE.size, flags=2), (b"ANIM", bytes(6)), *[FRAME] * 4000),
    "frames that lie outside": riff(extended(*PAGE.size, flags=2), (b"ANIM", bytes(6)), (b"ANMF", b"\xff" * 16 + WEBP[12:])),
    "EXIF of which Pillow warns at each tag": riff(extended(*PAGE.size), (b"EXIF", exif(5000, 2, 99_999_999, 8)), VP8L),
    "a profile of 1 MB": riff(extended(*PAGE.size, flags=0x20), (b"ICCP", bytes(1 << 20)), VP8L),
    "no picture": riff(extended(*PAGE.size)),
}

GIF = encoded(PAGE, "GIF")
BLOCKS = b"\1a" * 1_200_000


def gif(width: int, height: int, *parts: bytes) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + bytes(3) + b"".join(parts)


def gif_frame(width: int, height: int, left: int = 0, data: bytes = b"\2\2L\1\0") -> bytes:
    return b"," + struct.pack("<HHHHB", left, 0, width, height, 0) + data


GIFS = {
    **cut(GIF, 9),
    **overwrite(GIF, range(4, 40, 3), [b"\xff\xff", b"\0\0\0"]),
    "65,535 a side": gif(65_535, 65_535, gif_frame(65_535, 65_535)),
    "a frame larger than its screen": gif(4, 4, gif_frame(65_535, 65_535)),
    "a second frame larger than its screen": gif(4, 4, gif_frame(4, 4), gif_frame(65_535, 65_535)),
    "a frame far outside": gif(4, 4, gif_frame(4, 4, 65_535)),
    "a million blocks of a comment": gif(4, 4, b"!\xfe" + BLOCKS + b"\0", gif_frame(4, 4)),
    "a million blocks of pixels": gif(4, 4, gif_frame(4, 4, data=b"\2" + BLOCKS + b"\0")),
    "400,000 frames": gif(4, 4, gif_frame(4, 4) * 400_000),
    "100,000 control blocks": gif(4, 4, b"!\xf9\4\0\0\0\0\0" * 100_000, gif_frame(4, 4)),
    "codes of 12 bits": gif(4, 4, gif_frame(4, 4, data=b"\x0c\2L\1\0")),
    "only codes that clear": gif(2000, 2000, gif_frame(2000, 2000, data=b"\2" + (b"\xff" + b"\x24\x49\x92" * 85) * 900 + b"\0")),
    "no frame": gif(4, 4, b";"),
}

BMP = encoded(PAGE, "BMP")


def bmp(width: int, height: int, depth: int = 8, packing: int = 0, *, data: bytes = b"", length: int = 40) -> bytes:
    header = struct.pack("<IiiHHIIIIII", length, width, height, 1, depth, packing, 0, 0, 0, 2, 0)
    return b"BM" + bytes(8) + struct.pack("<I", 62) + header + bytes(8) + data


def packed_bmp() -> bytes:
    return bmp(16, 16, 8, 1, data=b"\x10\1\0\0" * 16 + b"\0\1")


BMPS = {
    **cut(BMP, 9),
    **overwrite(BMP, range(10, 54, 4), [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f"]),
    **{
        f"{depth} bits, packing {packing}": bmp(9, 9, depth, packing, data=bytes(200))
        for depth in (0, 1, 2, 4, 16, 24, 32)
        for packing in range(7)
    },
    **{f"a header of {length}": bmp(9, 9, length=length, data=bytes(200)) for length in (12, 52, 56, 64, 108, 124)},
    "a million runs of nothing": bmp(2000, 2000, 8, 1, data=b"\0\0" * 1_000_000),
    "a million jumps": bmp(2000, 2000, 8, 1, data=b"\0\2\0\0" * 500_000),
    "a jump beyond the end": bmp(2000, 2000, 8, 1, data=b"\0\2\xff\xff" * 30_000),
    "runs of 4 bits": bmp(2000, 2000, 4, 2, data=b"\xff\x10" * 20_000),
    "2 billion rows": bmp(1, 2**31 - 1),
    "rows from the top": bmp(16, -16, 24, data=bytes(16 * 16 * 3)),
    "least height": bmp(1, -(2**31)),
}

TIFF = encoded(PAGE, "TIFF", compression="tiff_lzw")
SIMPLE = {
    256: (3, (16,)),
    257: (3, (16,)),
    258: (3, (8,)),
    259: (3, (1,)),
    262: (3, (1,)),
    273: (4, (8,)),
    278: (3, (16,)),
    279: (4, (256,)),
}
Tags = dict[int, tuple[int, tuple[int, ...]]]


def tiff(tags: Tags, *, data: bytes = bytes(256), following: int = 0) -> bytes:
    """Return a TIFF of one page, its pixels from byte 8 on."""
    at, arrays, entries = 8 + len(data) + 2 + 12 * len(tags) + 4, b"", b""
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"<{len(values)}{ {1: 'B', 3: 'H', 4: 'I'}.get(kind, 'I') }", *values)
        place = packed.ljust(4, b"\0") if len(packed) <= 4 else struct.pack("<I", at + len(arrays))
        arrays += b"" if len(packed) <= 4 else packed
        entries += struct.pack("<HHI", tag, kind, len(values)) + place
    directory = struct.pack("<H", len(tags)) + entries + struct.pack("<I", following)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory + arrays


def packed_tiff(packing: int, data: bytes, side_px: int = 16) -> bytes:
    side = (4, (side_px,))
    return tiff(SIMPLE | {256: side, 257: side, 278: side, 259: (3, (packing,)), 279: (4, (len(data),))}, data=data)


TIFFS = {
    **cut(TIFF, 9),
    **overwrite(TIFF, range(4, 120, 6), [b"\xff\xff\xff\xff", b"\0\0\0\0"]),
    **{f"packing {packing}": packed_tiff(packing, b"\x80" * 256) for packing in (2, 3, 4, 5, 6, 7, 8, 9, 32_773, 32_946, 34_712, 50_000, 0, 65_535)},
    **{f"colours {colours}": tiff(SIMPLE | {262: (3, (colours,))}) for colours in (0, 2, 3, 4, 5, 6, 8, 32_844, 65_535)},
    **{f"{bits} bits": tiff(SIMPLE | {258: (3, (bits,))}) for bits in (0, 1, 3, 4, 12, 16, 32, 64, 65_535)},
    **{f"{samples} samples": tiff(SIMPLE | {277: (3, (samples,))}) for samples in (0, 2, 3, 4, 5, 6, 65_535)},
    **{f"tag {tag} of {value}": tiff(SIMPLE | {tag: (4, (value,))}) for tag in (256, 257, 273, 278, 279, 317, 284, 266, 339) for value in (0, 2**32 - 1)},
    "tiles of 0": tiff(SIMPLE | {322: (4, (0,)), 323: (4, (0,)), 324: (4, (8,)), 325: (4, (256,))}),
    "tiles of 4,096": tiff(SIMPLE | {259: (3, (5,)), 322: (4, (4096,)), 323: (4, (4096,)), 324: (4, (8,)), 325: (4, (256,))}),
    "tiles of 2 billion": tiff(SIMPLE | {322: (4, (2**31,)), 323: (4, (2**31,)), 324: (4, (8,)), 325: (4, (256,))}),
    "100,000 strips of the same bytes": tiff(SIMPLE | {273: (4, (8,) * 100_000), 279: (4, (256,) * 100_000)}),
    "100,000 strips of nothing": tiff(SIMPLE | {273: (4, (8,) * 100_000), 279: (4, (0,) * 100_000)}),
    "a page that is its own next": tiff(SIMPLE, following=264),
    "a next page that is nowhere": tiff(SIMPLE, following=2**31),
    "a palette of one": tiff(SIMPLE | {262: (3, (3,)), 320: (3, (1,))}),
    "pixels that are packed in nothing": packed_tiff(8, b"\0\0\0\xff\xff" * 40_000, 2000),
    "only codes that clear": packed_tiff(5, b"\x80\x40\x20\x10\x08\x04\x02\x01\x00" * 100_000, 2000),
    "runs of nothing": packed_tiff(32_773, b"\x80" * 900_000, 2000),
    "1,000 entries": tiff(dict.fromkeys(range(1000), (3, (1,)))),
    "big": b"II+\0\x08\0\0\0" + bytes(64),
}  # fmt: skip

BY_NAME = {
    "PDF": b"%PDF-1.7\n" + b"1 0 obj\n" * 50_000,
    "HEIC": b"\0\0\0\x20ftypheic" + bytes(100_000),
    "markup": b"<" * 500_000,
    "spaces before markup": b" " * 500_000 + b"<svg>",
    "tar": bytes(257) + b"ustar" + bytes(5000),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(5000),
}


def varint(number: int) -> bytes:
    """Return a whole number as protobuf writes it: seven bits a byte, the lowest first."""
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


def field(number: int, content: bytes) -> bytes:
    """Return a field of protobuf that holds bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def nest(content: bytes, depth: int) -> bytes:
    """Return a message in as many others."""
    for _ in range(depth):
        content = field(1, content)
    return content


FLOATS = struct.pack("<784f", *[0.5] * 784)
RECORD = field(1, field(1, b"values") + field(2, field(2, field(1, FLOATS))))
PROTOBUFS = {
    "a record of SageMaker": RECORD,
    "a record of a shape": b"\x08\x01" + RECORD,
    "an example of TensorFlow": nest(field(1, b"image") + field(2, field(1, field(1, encoded(PAGE)))), 2),
    "a tensor of TensorFlow": b"\x08\x04" + field(2, field(2, b"\x08\x1c") * 2) + field(4, bytes(784)),
    "a tensor of ONNX": b"\x08\x1c\x08\x1c\x10\x02" + field(9, bytes(784)),
    "a datum of Caffe": b"\x08\x01\x10\x1c\x18\x1c" + field(4, bytes(784)) + b"\x28\x07",
    "a request of Open Inference": field(1, b"digits") + field(5, field(1, b"x") + field(2, b"UINT8") + field(3, b"\x01\x1c")) + field(7, bytes(784)),
    "a frame of gRPC": b"\0" + struct.pack(">I", len(RECORD)) + RECORD,
    "packed floats": field(1, FLOATS),
    "packed numbers": field(1, b"\x05" * 784),
    "a picture in a field": field(1, encoded(PAGE)),
    "text in a field": field(1, b"0," * 2000),
    "a field for each number": b"\x08\x05" * 784,
    "a length of 2**63": b"\x0a" + b"\xff" * 8 + b"\x7f" + RECORD,
    "a length that never ends": b"\x0a" + b"\xff" * 500_000,
    "10,000 messages in messages": nest(RECORD, 10_000),
    "500,000 empty fields": b"\x0a\0" * 500_000,
    "groups that never end": b"\x0b" * 500_000,
    **cut(RECORD, 9),
}  # fmt: skip


def animate(kind: str, side_px: int) -> Callable[[], bytes]:
    """Return what makes an animation whose first frames are blank."""

    def make() -> bytes:
        frames = [Image.new("RGB", (side_px, side_px), (number, 0, 0)) for number in range(10)]
        return encoded(
            frames[0], kind, save_all=True, append_images=frames[1:], **({"lossless": True, "method": 0} if kind == "WEBP" else {})
        )

    return make


def blank(kind: str, mode: str, side_px: int, **options: object) -> Callable[[], bytes]:
    def make() -> bytes:
        return encoded(Image.new(mode, (side_px, side_px)), kind, **options)

    return make


LARGEST = {
    **{f"an animated {kind} of blank frames, {side} a side": animate(kind, side) for kind in ("GIF", "WEBP") for side in (1700, 3500)},
    "25 Mpx of WebP": blank("WEBP", "RGBA", 4999, lossless=True, method=0),
    "25 Mpx of lossy WebP": blank("WEBP", "RGB", 4999, method=0),
    "50 Mpx of GIF": blank("GIF", "P", 7070, transparency=0),
    "8 Mpx of BMP": blank("BMP", "RGB", 2900),
    "25 Mpx of TIFF in one strip": blank("TIFF", "CMYK", 4999, compression="tiff_lzw", strip_size=1 << 30),
    "25 Mpx of TIFF of 16 bits": blank("TIFF", "I;16B", 4999, compression="tiff_lzw", strip_size=1 << 30),
    "50 Mpx of bilevel TIFF": blank("TIFF", "1", 7070, compression="packbits"),
    "12 pages of TIFF": lambda: encoded(
        Image.new("L", (3000, 3000)), "TIFF", save_all=True, append_images=[Image.new("L", (3000, 3000))] * 12, compression="tiff_lzw"
    ),
    "25 MB of blocks": lambda: gif(4, 4, b"!\xfe" + b"\1a" * 12_500_000 + b"\0", gif_frame(4, 4)),
    "2 MB of runs": lambda: bmp(7000, 7000, 8, 1, data=b"\1\1" * 1_000_000),
    "25 MB of codes that clear": lambda: packed_tiff(5, b"\x80\x40\x20\x10\x08\x04\x02\x01\x00" * 2_800_000, 7000),
    "25 MB of deflate of nothing": lambda: packed_tiff(8, b"\x78\x9c" + b"\0\0\0\xff\xff" * 5_000_000, 7000),
}
LARGEST_IN_COLOUR = {
    **{f"an animated {kind} of blank frames, 3500 a side": animate(kind, 3500) for kind in ("GIF", "WEBP", "PNG")},
    "16 Mpx of WebP": blank("WEBP", "RGBA", 3999, lossless=True, method=0),
    "16 Mpx of lossy WebP": blank("WEBP", "RGB", 3999, method=0),
    "16 Mpx of GIF": blank("GIF", "P", 3999, transparency=0),
    "8 Mpx of BMP": LARGEST["8 Mpx of BMP"],
    "16 Mpx of TIFF in one strip": blank("TIFF", "CMYK", 3999, compression="tiff_lzw", strip_size=1 << 30),
    "16 Mpx of TIFF of four colours": blank("TIFF", "RGBA", 3999, compression="tiff_lzw"),
    "16 Mpx of TIFF of 16 bits": blank("TIFF", "I;16B", 3999, compression="tiff_lzw", strip_size=1 << 30),
    "12 pages of TIFF": LARGEST["12 pages of TIFF"],
}


def list_cases() -> Iterator[Case]:
    """Give the pictures, to the upload function and, each third, to the predict function's decoder."""
    for kind, cases in (("png", APNGS), ("webp", WEBPS), ("gif", GIFS), ("bmp", BMPS), ("tiff", TIFFS)):
        yield from constant("upload", cases, kind)
        yield from constant(f"request image/{kind}", {name: cases[name] for name in list(cases)[::3]}, f"{kind} in a request")
    yield from constant("upload", BY_NAME, "by name")
    yield from constant("request image/png", BY_NAME, "by name in a request")
    yield from constant("upload", PROTOBUFS, "protobuf")
    yield from constant("request ", PROTOBUFS, "protobuf in a request")
    yield from constant("upload-numbers", {name: PROTOBUFS[name] for name in list(PROTOBUFS)[::3]}, "protobuf for numbers")
    yield from lazy("upload", LARGEST, "picture", is_costly=True)
    for kind, cases in (("png", APNGS), ("webp", WEBPS), ("gif", GIFS), ("bmp", BMPS), ("tiff", TIFFS)):
        yield from constant("upload-colours", {name: cases[name] for name in list(cases)[1::3]}, f"{kind} in colour")
    yield from lazy("upload-colours", LARGEST_IN_COLOUR, "picture in colour", is_costly=True)
