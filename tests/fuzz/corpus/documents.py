"""Hostile JSON documents, npz and text in other encodings."""

import gzip
import io
import json
import zipfile
from collections.abc import Iterator

import numpy as np

from recipes import npy
from tests.fuzz.corpus.archives import zipped
from tests.fuzz.corpus.case import VALUES, Case, constant, lazy
from tests.fuzz.corpus.tables import HEADER, NAMES, ROW, npy_of

LIST = json.dumps(VALUES).encode()
ARRAY = npy.write(bytes(1568), (2, 28, 28))
LABELS = npy_of("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }", values=bytes(16))
DOCUMENTS = {
    "no instances": b'{"instances": []}',
    "an instance in an instance": b'{"instances": [{"instance": {"instance": {"instance": {"instance": {"instance": %b}}}}}]}' % LIST,
    "a thousand axes": b'{"instances": ' + b"[" * 990 + LIST + b"]" * 990 + b"}",
    "two lists": b'{"instances": [%b], "inputs": [%b]}' % (LIST, LIST),
    "broken on the second line": b'{"instances": [\n%b,\n]}' % LIST,
    "broken at its end": b'{"instances": [\n%b' % LIST,
    "JSON in JSON in JSON": json.dumps(json.dumps(json.dumps(VALUES))).encode(),
    "a tensor of a huge shape": b'{"inputs": [{"name": "x", "shape": [999999999999, 28, 28], "datatype": "UINT8", "data": [1]}]}',
    "a tensor of a negative shape": b'{"inputs": [{"name": "x", "shape": [-1, 28, 28], "datatype": "UINT8", "data": %b}]}' % LIST,
    "a tensor of lists in lists": b'{"inputs": [{"name": "x", "shape": [1], "datatype": "FP32", "data": %b}]}' % (b"[" * 900 + b"]" * 900),
    "a tensor of booleans that are objects": b'{"inputs": [{"name": "x", "shape": [1], "datatype": "BOOL", "data": [{}]}]}',
    "a split of rows that are none": b'{"dataframe_split": {"columns": [1, null, {}], "data": [1, null, [], {}]}}',
    "records of other columns": b'{"dataframe_records": [{"a": 1}, {"b": 2}, 3]}',
    "columns with the same name": b'{"dataframe_split": {"columns": [%b], "data": [%b]}}' % (b",".join([b'"a"'] * 784), LIST),
    "5,000 fields": json.dumps({**{f"é{number}": 0 for number in range(5000)}, "instances": [VALUES]}).encode(),
    "a name of 100 kB": json.dumps({"é" * 100_000: 0, "instances": [VALUES]}).encode(),
    "numbers of many kinds": b'{"instances": [[NaN], [1e999], [-1e999], [1%b], [true], [null]]}' % (b"0" * 400),
    "values of 1e300": b'{"instances": [[%b]]}' % b",".join([b"1e300"] * 784),
    "sums that overflow": b'{"instances": [[%b]]}' % b",".join([b"1.7e308"] * 784),
    "a document of empty lines": b"{" + b"\n" * 100_000 + b'"instances": []}',
}
TEXTS = {
    "UTF-16 cut in the middle of a character": ROW.decode().encode("utf-16")[:-1],
    "UTF-16 that ends as another": ROW.decode().encode("utf-16") + b"\xd8\xff" * 10,
    "UTF-16 of JSON": LIST.decode().encode("utf-16-le"),
    "UTF-32": ROW.decode().encode("utf-32"),
    "a byte order mark of UTF-16 alone": b"\xff\xfe",
    "a line that names the delimiter, alone": b"sep=;",
    "a line that names a quote the delimiter": b'sep="\n' + ROW,
    "a header of a million counted columns": b",".join(b"%d" % number for number in range(8_000)) + b"\n" + ROW,
    "a header of numbers of 50,000 digits": b",".join([b"p%b" % (b"9" * 50_000)] + [b"p1"] * 783) + b"\n" + ROW,
    "names of many numbers": b",".join(b"p" + b"1x" * 30 for _ in range(784)) + b"\n" + ROW,
    "100,000 carriage returns": NAMES + b"\r" * 100_000 + ROW,
    "a label column of other widths": b"\n".join([b"7," + ROW, ROW, b"7,7," + ROW] * 50),
    "decimal commas that never end": b"x;" + b"1." * 20_000 + b",5",
    "lines of commas": ROW + (b"\n" + b"," * 783) * 3000 + b"\n" + ROW,
}


def huge(name: str, shape: str, *, level: int = 1, size_bytes: int = 50 << 20) -> bytes:
    """Return an npz whose one array is zeros that pack well."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive, archive.open(name, "w") as file:
        file.write(npy_of(HEADER.replace("(1, 28, 28)", shape), values=b""))
        for _ in range(size_bytes >> 20):
            file.write(bytes(1 << 20))
    return out.getvalue()


NPZS = {
    "labels beside it": zipped({"x.npy": ARRAY, "y.npy": LABELS}),
    "labels of a huge shape": zipped({"x.npy": ARRAY, "y.npy": LABELS.replace(b"(2,)", b"(99,)")}),
    "labels that are cut": zipped({"x.npy": ARRAY, "y.npy": LABELS[:-9]}),
    "objects": zipped({"x.npy": ARRAY, "y.npy": LABELS.replace(b"<i8", b"|O8")}),
    "an array that announces the world": zipped({"x.npy": npy.write(bytes(784), (10**15, 28, 28)), "a.npy": LABELS}),
    "a broken header": zipped({"x.npy": ARRAY[:30], "y.npy": LABELS}),
    "empty files": zipped({"x.npy": b"", "y.npy": b""}),
    "two arrays": zipped({"x.npy": ARRAY, "images.npy": ARRAY}),
    "500 arrays": zipped({f"{number}.npy": LABELS for number in range(500)}),
    "another file": zipped({"x.npy": ARRAY, "readme.txt": b"hello"}),
    "cut": zipped({"x.npy": ARRAY, "y.npy": LABELS})[:-40],
    "a long name": zipped({"é" * 20_000 + ".npy": LABELS, "b.npy": LABELS}),
}
LONG_HEADERS = {
    f"with headers of 8 kB of {word}": lambda word=word: (
        (b"--x\r\nContent-Disposition: form-data;" + word * (8_000 // len(word)) + b"\r\n\r\n1\r\n") * 99 + b"--x--\r\n"
    )
    for word in (b"a", b"a=", b'a="', b"a ", b'\\"', b";a")
}
NAMES_OF_4_MB = {
    repr(word): lambda word=word: json.dumps({word * (4_000_000 // len(word)): 1}).encode() for word in ("a ", "years ", "aB", "1", "sq ")
}


def list_cases() -> Iterator[Case]:
    """Give the documents, to the upload function and to the predict function's readers."""
    yield from constant("upload", DOCUMENTS, "a document")
    yield from constant("upload-numbers", DOCUMENTS, "a document of numbers")
    yield from constant("upload", TEXTS, "text")
    yield from constant("upload", NPZS, "npz")
    yield from constant("request application/json", DOCUMENTS, "a document in a request")
    yield from constant("request text/csv", TEXTS, "text in a request")
    yield from constant("request application/x-npz", NPZS, "npz in a request")
    yield from lazy("request multipart/form-data", LONG_HEADERS, "a form of 99 parts")
    yield from lazy("upload-numbers", NAMES_OF_4_MB, "a name of 4 MB in numbers")
    yield from lazy("request categories application/json", NAMES_OF_4_MB, "a name of 4 MB in a request")
    packed = {
        "6 MB of empty lists": lambda: b'{"instances": [%b[]]}' % (b"[]," * 1_990_000),
        "6 MB of empty objects": lambda: b'{"instances": [%b{}]}' % (b"{}," * 1_990_000),
        "6 MB of objects": lambda: b'{"instances": [%b{}]}' % (b'{"a":1},' * 740_000),
        "6 MB of numbers": lambda: b'{"instances": [%b1]}' % (b"1.5," * 1_490_000),
        "6 MB of lists of a list": lambda: b"[%b[]]" % (b"[[]]," * 1_190_000),
        "7 MB": lambda: b"[%b[]]" % (b"[0]," * 1_800_000),
        "1 GB in gzip": lambda: gzip.compress(b"[" + b"[0]," * (1 << 28), 1),
    }
    yield from lazy("upload", packed, "a large document", is_costly=True, has_many=True)
    arrays = {
        "50 MB of zeros, announced": lambda: huge("x.npy", f"({(50 << 20) // 784}, 28, 28)"),
        "50 MB of zeros after two digits": lambda: huge("x.npy", "(2, 28, 28)"),
    }
    yield from lazy("request application/x-npz", arrays, "a large npz in a request")
    turned = {
        "64 MB stored column by column": lambda: gzip.compress(
            npy_of(HEADER.replace("False", "True").replace("(1,", "(85000,"), values=bytes(85_000 * 784)), 1
        ),
        "80 MB stored column by column": lambda: gzip.compress(
            npy_of(HEADER.replace("False", "True").replace("(1,", "(105000,"), values=bytes(105_000 * 784)), 1
        ),
        "floats stored column by column": lambda: gzip.compress(
            npy_of(HEADER.replace("False", "True").replace("(1,", "(10000,").replace("|u1", "<f8"), values=np.zeros(7_840_000).tobytes()), 1
        ),
    }
    yield from lazy("upload", turned, "a large npy", is_costly=True, has_many=True)
