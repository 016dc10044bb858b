"""Hostile CSV, JSONL, npy and idx."""

import base64
import gzip
import json
from collections.abc import Iterator

from recipes import npy
from tests.fuzz.corpus.case import PNG, VALUES, Case, constant, cut, lazy
from tests.fuzz.corpus.pictures import blank

ROW = ",".join(map(str, VALUES)).encode()
LIST = json.dumps(VALUES).encode()


def with_first(cell: bytes) -> bytes:
    return ROW.replace(b"5", cell, 1) + b"\n" + ROW


CELLS = (b"nan", b"inf", b"-inf", b"1e400", b"1e-400", b"-1", b"256", b"5.5", b"0x10", b"1_000", "５".encode(), b"9" * 5000, b"0." + b"0" * 30_000 + b"1", b"true", b"null", b'"', b"'5'", b"[5]", b"{}", b"5;5", b"\0", b"\xff", b"=1+1", b" 5 ", b"5\r")  # fmt: skip
NAMES = b",".join(b"pixel%d" % number for number in range(784))
CSVS = {
    **{f"a cell of {cell[:12]!r}": with_first(cell) for cell in CELLS},
    "one value": b"1",
    "a header of a million columns": b"a," * 1_000_000 + b"\n" + ROW,
    "a header twice": NAMES + b"\n" + NAMES + b"\n" + ROW,
    "a header alone": NAMES,
    "ids of 100 kB": b"id," + NAMES + b"\n" + (b"a" * 30_000 + b"," + ROW + b"\n") * 20,
    "ids that are formulas": b"id," + NAMES + b"\n" + b"".join(b'"%b",%b\n' % (sign, ROW) for sign in (b"=1", b"a;=1", b"+1", b"@a", b"\t=1")),
    "a quote that never ends": b"id," + NAMES + b'\n"' + ROW + b"\n" + ROW,
    "cells of quotes": b'"' * 50_000 + b"\n" + ROW,
    "a million commas": b"," * 1_000_000 + b"\n" + ROW,
    "5,000 short lines": b"1\n" * 5000,
    "100,000 empty lines": ROW + b"\n" * 100_000 + ROW,
    "carriage returns alone": ROW + b"\r" + ROW,
    "every kind of line break": b"\r\n\n\r".join([ROW] * 5),
    "vertical tabs": b"\v\f".join([ROW] * 3),
    "UTF-16": ROW.decode().encode("utf-16"),
    "a byte order mark alone": b"\xef\xbb\xbf",
    "three byte order marks": b"\xef\xbb\xbf" * 3 + ROW,
    "semicolons, then commas": ROW.replace(b",", b";") + b"\n" + ROW,
    "NUL in the middle": ROW + b"\n" + bytes(2000) + b"\n" + ROW,
    "a line of 3 MB": b"1," * 1_500_000 + b"\n" + ROW,
    "spaces alone": b" " * 100_000,
    "brackets in brackets": b"[" * 50_000 + b"\n" + ROW,
}  # fmt: skip
LINES = {
    "lists in lists": b"[" * 100_000,
    "objects in objects": b'{"a":' * 11_000,
    "objects in objects with a picture": b'{"image":' * 100_000,
    "a number of 5,000 digits": b'{"instance": %b}' % LIST.replace(b"5", b"9" * 5000, 1),
    "an id of 4,000 digits": b'{"id": %b, "instance": %b}' % (b"9" * 4000, LIST),
    "an id of 5,000 digits": b'{"id": %b, "instance": %b}' % (b"9" * 5000, LIST),
    "an id of 50 kB": b'{"id": "%b", "instance": %b}' % (b"a" * 50_000, LIST),
    "an id of 1.9 MB beside a picture": b'{"id": "%b", "image": "aaaa"}' % (b"a" * 1_900_000),
    "an id that is half a character": b'{"id": "\\ud800", "instance": %b}' % LIST,
    "an id with line breaks": b'{"id": "a\\n=1", "name": "\\r\\n;=1", "instance": %b}' % LIST,
    "an id that is a list": b'{"id": [1], "name": {}, "instance": %b}' % LIST,
    "an id that is true": b'{"id": true, "instance": %b}' % LIST,
    "an id that is not a number": b'{"id": NaN, "instance": %b}' % LIST,
    "values that are not numbers": b"[%b]" % b",".join([b"NaN"] * 784),
    "infinite values": b"[%b]" % b",".join([b"-Infinity"] * 784),
    "values of true": b"[%b]" % b",".join([b"true"] * 784),
    "values in text": b"[%b]" % b",".join([b'"5"'] * 784),
    "values that are lists": b"[%b]" % b",".join([b"[]"] * 784),
    "instances in instances": b'{"instance": {"instance": %b}}' % LIST,
    "the same key 2,000 times": b"{%b}" % b",".join([b'"instance": [1]'] * 2000),
    "5,000 keys": json.dumps({str(number): 0 for number in range(5000)}).encode(),
    "null": b"[null]\nnull\n{}\n[]",
    "two on a line": b"%b %b" % (LIST, LIST),
    "half a line": LIST[:500],
    "a byte order mark on each line": b"\n".join([b"\xef\xbb\xbf" + LIST] * 3),
    "broken UTF-8": b'{"id": "\xff\xfe", "instance": %b}' % LIST,
    "a picture that is a number": b'{"image": 5}',
    "a picture that is no base64": b'{"image": "%%%"}',
    "a picture of 1.9 MB that is none": b'{"image": "%b"}' % (b"A" * 1_900_000),
    "a picture of another kind": b'{"image": "%b"}' % base64.b64encode(b"GIF89a" + bytes(100)),
    "a picture in an address": b'{"image": "data:image/png;base64,%b"}' % base64.b64encode(PNG),
    "a picture of lists": b'{"image": %b}' % (b"[" * 900 + b"]" * 900),
    "a picture beside 300,000 objects": b'{"image": "", "x": [%b{}]}' % (b"{}," * 300_000),
    "a picture beside 600,000 numbers": b'{"image": "", "x": [%b1]}' % (b"1.5," * 400_000),
    "5 pictures of 4 Mpx": b"\n".join([b'{"image": "%b"}' % base64.b64encode(blank(2000, 2000))] * 5),
}
JSONLS = {**LINES, "each of them": b"\n".join(LINES.values())}
HEADER = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 28, 28), }"


def npy_of(text: str | bytes, version: bytes = b"\1\0", length: int | None = None, values: bytes = bytes(784)) -> bytes:
    content = text.encode() if isinstance(text, str) else text
    size = len(content) if length is None else length
    return npy.MAGIC + version + size.to_bytes(2 if version == b"\1\0" else 4, "little") + content + values


SHAPES = ("()", "(1,)", "(-1, 28, 28)", "(True, 28, 28)", "(1.0, 28, 28)", "(10**9, 28, 28)", "(99999999999999999999, 28, 28)", "(0, 28, 28)", "(1, 28, 28, 1)", "(" + "1," * 33 + ")", "'abc'", "[1, 28, 28]", "(1, (28, 28))", "None", "(784,)", "(28, 28)")  # fmt: skip
DESCRS = ("|O", "<f8", "<f2", "<c8", "|S1", "<U1", "|V0", "|b1", ">i8", "<m8[s]", "", "[('a', '|u1')]", "|u1" * 200, "__import__('os')")
NPYS = {
    **{f"shape {shape[:30]}": npy_of(HEADER.replace("(1, 28, 28)", shape)) for shape in SHAPES},
    **{f"type {descr[:30]}": npy_of(HEADER.replace("|u1", descr.replace("'", '"'))) for descr in DESCRS},
    **{f"version {version.hex()}": npy_of(HEADER, version) for version in (b"\0\0", b"\1\1", b"\2\0", b"\3\0", b"\4\0", b"\xff\xff")},
    **{f"a header of {length}": npy_of(HEADER, length=length) for length in (0, 1, 10, 65_535)},
    "a header of 4 GB": npy_of(HEADER, b"\2\0", 2**32 - 1),
    "a header of brackets": npy_of("(" * 900),
    "a header of signs": npy_of("-" * 900 + "1"),
    "a header that is code": npy_of("__import__('os').system('true')"),
    "a header that is a set": npy_of("{1, 2}"),
    "a header with a key more": npy_of(HEADER.replace("}", "'a': 1}")),
    "a header in another alphabet": npy_of(HEADER.replace("28", "٢٨")),
    "an empty header": npy_of(""),
    "stored column by column": npy_of(HEADER.replace("False", "True").replace("(1", "(2"), values=bytes(1568)),
    "values that are not numbers": npy_of(HEADER.replace("|u1", "<f8"), values=b"\xff" * 784 * 8),
    **cut(npy.write(bytes(7840), (10, 28, 28)), 6),
    "a byte more": npy.write(bytes(785), (1, 28, 28)),
    "in gzip, announcing the world": gzip.compress(npy.write(bytes(7840), (10**15, 28, 28))),
}


def idx(kind: int = 8, axes: int = 3, shape: tuple[int, ...] = (2, 28, 28), values: bytes = bytes(1568)) -> bytes:
    return bytes((0, 0, kind, axes)) + b"".join(length.to_bytes(4, "big") for length in shape) + values


IDXS = {
    **{f"type {kind:02x}": idx(kind) for kind in (0, 7, 9, 11, 12, 13, 14, 255)},
    **{f"{axes} axes": idx(axes=axes) for axes in (0, 1, 2, 4, 255)},
    **{f"shape {shape}": idx(shape=shape) for shape in ((2**32 - 1, 28, 28), (0, 28, 28), (2, 0, 0), (2, 2**32 - 1, 2**32 - 1), (1, 28, 28), (3, 28, 28))},
    **cut(idx(), 5),
    "in gzip, announcing the world": gzip.compress(idx(shape=(2**32 - 1, 28, 28))),
    "in gzip, cut": gzip.compress(idx())[:-9],
}  # fmt: skip
WIDE = json.dumps({"id": "😀" * 256, "name": "😀" * 256, "instance": [1.5]}, ensure_ascii=False).encode() + b"\n"
NUMBERS = {
    "ids of 256 wide characters": WIDE * 3000,
    "10,000 numbers": b"1.5\n" * 10_000,
    "numbers of 8 kB": (b"0." + b"0" * 8000 + b"1\n") * 200,
    "numbers that are too large": b"1e39\n-1e39\n3.5e38\n1e308\n1e309\n",
    "npy of other numbers": npy_of("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }", values=b"\xff" * 16),
    "a picture": PNG,
}  # fmt: skip


def list_cases() -> Iterator[Case]:
    """Give the tables, to the upload function and to the predict function's decoders."""
    yield from constant("upload", CSVS, "csv")
    yield from constant("upload", JSONLS, "jsonl")
    yield from constant("upload", NPYS, "npy")
    yield from constant("upload", IDXS, "idx")
    yield from constant("upload-numbers", NUMBERS, "numbers")
    yield from constant("request text/csv", {name: CSVS[name] for name in list(CSVS)[::2]}, "csv in a request")
    yield from constant("request application/json", {name: LINES[name] for name in list(LINES)[::2]}, "json in a request")
    yield from constant("request application/x-npy", {name: NPYS[name] for name in list(NPYS)[::3]}, "npy in a request")
    many = {
        "1,300 ids of 1.9 MB": lambda: gzip.compress((b'{"image": "", "id": "%b"}\n' % (b"a" * 1_900_000)) * 650, 1),
        "2,000 pictures of 4 Mpx": lambda: gzip.compress((b'{"image": "%b"}\n' % base64.b64encode(blank(2000, 2000, 8, 6))) * 2000),
        "1,000 pictures beside 300,000 objects": lambda: gzip.compress((b'{"image": "", "x": [%b{}]}\n' % (b"{}," * 300_000)) * 1000, 1),
    }
    yield from lazy("upload", many, "jsonl in gzip", is_costly=True, has_many=True)
    numbers = {
        "ids of 256 wide characters on 20,000 lines": lambda: gzip.compress(WIDE * 20_000, 1),
        "6 million numbers": lambda: b"1\n" * 6_000_000,
    }
    yield from lazy("upload-numbers", numbers, "numbers", is_costly=True, has_many=True)
