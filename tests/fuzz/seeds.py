"""What mutants are made of, by run: small files of each format that are read as they are."""

import base64
import gzip
import json
import tarfile
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np
from PIL import Image

from recipes import npy
from recipes.columns import Category
from recipes.dataset import Split
from recipes.media_types import BMP, CSV, FORM, GIF, JPEG, JSON, MULTIPART, NPY, NPZ, PNG, TIFF, WEBP
from recipes.recipe import load
from recipes.tables import recordio
from tests.digits import any_digit, encoded
from tests.fuzz.corpus import archives, models, others, tables
from tests.fuzz.corpus.case import VALUES
from tests.fuzz.papers import draw_papers


@dataclass(frozen=True, slots=True)
class Run:
    """A target and the seeds of its mutants.

    Args:    room, target: of targets.py.
             seeds: by which its reader is reached.
    """

    room: str
    target: str
    seeds: tuple[bytes, ...]


SMALL = any_digit().resize((16, 16))
PNGS = (
    encoded(SMALL),
    encoded(SMALL.convert("P"), transparency=0),
    encoded(SMALL.convert("RGBA")),
    encoded(SMALL.convert("1")),
    encoded(Image.new("L", (16, 16)), save_all=True, append_images=[SMALL]),
)
JPEGS = tuple(
    encoded(SMALL.convert(mode), "JPEG", quality=30, progressive=progressive)
    for mode, progressive in (("L", False), ("RGB", True), ("CMYK", False))
)
RED = SMALL.convert("RGB")
WEBPS = (
    encoded(RED, "WEBP", quality=30),
    encoded(SMALL.convert("RGBA"), "WEBP", lossless=True),
    encoded(Image.new("RGB", (16, 16)), "WEBP", save_all=True, append_images=[RED], lossless=True),
)
GIFS = (
    encoded(SMALL, "GIF"),
    encoded(SMALL.convert("P"), "GIF", transparency=0, interlace=1, comment=b"a"),
    encoded(Image.new("L", (16, 16)), "GIF", save_all=True, append_images=[SMALL]),
)
BMPS = (encoded(SMALL, "BMP"), encoded(RED, "BMP"), others.packed_bmp())
TIFFS = (
    *(encoded(SMALL, "TIFF", compression=packing) for packing in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits")),
    encoded(SMALL.convert("CMYK"), "TIFF", compression="tiff_lzw", tiffinfo={322: 16, 323: 16}),
    encoded(Image.new("L", (16, 16)), "TIFF", save_all=True, append_images=[SMALL], compression="tiff_lzw"),
)
OTHERS = {WEBP: WEBPS, GIF: GIFS, BMP: BMPS, TIFF: TIFFS}
ROW = b",".join(b"%d" % value for value in VALUES)
NUMBERS = (b"1.5\n2\n3e2\n", b"id,years\na,1\nb;c,2\n", b'{"instance": [1.5], "id": "a"}\n[2]\n', npy.write(bytes(8), (2, 1), "float32"))
LINES = (
    json.dumps(VALUES).encode(),
    json.dumps({"id": "a", "name": "b", "instance": VALUES}).encode(),
    json.dumps({"image": base64.b64encode(PNGS[0]).decode()}).encode(),
    b"[1]\n{}\n[[1, 2]]",
)
NPYS = (
    npy.write(bytes(1568), (2, 28, 28)),
    npy.write(bytes(784), (28, 28)),
    npy.write(bytes(784), (1, 784)),
    tables.npy_of(tables.HEADER.replace("|u1", "<i2"), values=bytes(1568)),
)
DOCUMENTS = (
    b'{"inputs": [{"name": "x", "shape": [1, 28, 28], "datatype": "UINT8", "data": %b}]}' % LINES[0],
    b'{"dataframe_split": {"columns": ["label", "a"], "data": [[7, 1], [1, 2]]}}',
    b'{\n "instances": [\n  [1,\n  0.5]\n ]\n}',
    b'{"body": {"instances": "[[1, 2]]"}}',
    b'{"Inputs": {"data": [{"a": 1}]}, "b": {"c": 1}}',
    b'{"inputs": {"a": [1, 2], "b": [3, 4]}}',
    json.dumps({"pixels": [" ".join(map(str, VALUES)), VALUES]}).encode(),
    b'{"messages": [{"role": "user", "content": "a"}]}',
    b'{"instances": [{"content": "%b", "mimeType": "image/png"}]}' % base64.b64encode(PNGS[0]),
)
JSONS = (*LINES[:3], b'{"instances": [%b]}' % LINES[0])
CSVS = (
    b'"%b"\n"%b"\n' % (ROW, ROW),
    b'name,Experience\n"Ann\nLee",3.1\n"Bob,5\n\n8.1\n',
    ROW,
    b"id,label," + tables.NAMES[:200] + b"\n1,2,3",
    ROW.replace(b",", b";") + b"\n" + ROW,
    b'1,2\n"3",4\n',
    b"id,a,b\n1,2,3\nTotal,2,3\n\nc,d\n4,5\n",
    b"| a | b |\n|---|---|\n| 1 | 2 |\n",
)
EMPTY = encoded(Image.new("L", (1, 1)))
ZIPS = (archives.zipped({"a.png": PNGS[0], "b.jpg": EMPTY}), archives.zipped({"a": EMPTY}, 0), archives.zip64(50))
NPZS = (archives.zipped({"x.npy": NPYS[0], "y.npy": npy.write(bytes(2), (2,))}), archives.zipped({"a.npy": NPYS[1], "b.npy": NPYS[1]}, 0))
TEXTS = (ROW.decode().encode("utf-16"), b"sep=;\n" + ROW.replace(b",", b";"), b"7," + ROW + b"\r1," + ROW)
GZIPS = (gzip.compress(ROW), gzip.compress(NPYS[1]), gzip.compress(LINES[0]) * 2)
IDXS = (tables.idx(), gzip.compress(tables.idx()))


STOPS = load("stop_search")
STOP = {column.name: column.values[0] if isinstance(column, Category) else 51.5 for column in STOPS.features}
STOP_JSON = json.dumps(STOP).encode()
STOP_LINES = b"\n".join(b",".join(str(each).encode() for each in line) for line in (STOP, STOP.values(), STOP.values()))
COLUMN_TENSORS = [
    {"name": name, "shape": [1], "datatype": "BYTES" if isinstance(value, str) else "FP32", "data": [value]} for name, value in STOP.items()
]
CODES = np.zeros((2, 10), np.float32).tobytes()
CATEGORIES = {
    JSON: (
        STOP_JSON,
        b'{"instances": [%b, {"Type": "x"}]}' % STOP_JSON,
        json.dumps({name: [value] for name, value in STOP.items()}).encode(),
    ),
    CSV: (STOP_LINES, STOP_LINES.replace(b",", b";"), STOP_LINES + b"\n" + STOP_LINES),
    NPY: (npy.write(CODES, (2, 10), "float32"),),
    FORM: (urlencode(STOP).encode(), urlencode({**STOP, "a": 1, "Gender": "x"}).encode()),
}


def form(*files: bytes) -> bytes:
    """Return a form of files, whose boundary is x."""
    head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    return b"".join(head + file + b"\r\n" for file in files) + b"--x--\r\n"


def tensor(size: int, **fields: object) -> bytes:
    """Return the JSON of a request whose tensor follows it in so many bytes; it has 160 characters."""
    inputs = [{"name": "x", "parameters": {"binary_data_size": size}, **fields}]
    return json.dumps({"inputs": inputs}).encode().ljust(160)


FORMS = (
    form(PNGS[0]),
    form(PNGS[1], ROW, gzip.compress(JSONS[0])),
    b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\naGk=\r\n--x--',
    form(PNGS[0]).replace(b"\r\n", b"\n"),
)
ENCODED_FORMS = (
    b"image=" + base64.b64encode(PNGS[0]).replace(b"+", b"%2B"),
    b"instances=%5B" + LINES[0] + b"%5D&a=1",
    b"image=aGk%3D",
    urlencode({"img": b"data:image/png;base64," + base64.b64encode(PNGS[0])}).encode(),
)
PACKED = (
    *GZIPS,
    base64.b64encode(PNGS[0]),
    json.dumps(base64.b64encode(PNGS[0]).decode()).encode(),
    b"data:image/png;base64,aGk=",
    ROW,
    gzip.compress(gzip.compress(NPYS[1])),
    b"\xef\xbb\xbf" + PNGS[0],
)
TENSORS = (
    json.dumps({"id": "a", "inputs": [{"name": "x", "shape": [1, 784], "datatype": "UINT8", "data": VALUES}]}).encode(),
    json.dumps({"inputs": [{"name": "x", "shape": [1], "datatype": "BYTES", "data": [base64.b64encode(PNGS[0]).decode()]}]}).encode(),
)
BINARY_TENSORS = (
    tensor(784, shape=[1, 784], datatype="UINT8") + bytes(VALUES),
    tensor(len(PNGS[0]) + 4, shape=[1], datatype="BYTES") + len(PNGS[0]).to_bytes(4, "little") + PNGS[0],
)
RUNS = {
    "uploads of categories": Run("functions", "upload-categories", tuple(seed for seeds in CATEGORIES.values() for seed in seeds)),
    **{f"requests of categories: {kind}": Run("functions", f"request categories {kind}", seeds) for kind, seeds in CATEGORIES.items()},
    "requests of categories: tensors": Run("functions", "request categories tensors", (json.dumps({"inputs": COLUMN_TENSORS}).encode(),)),
    "requests of categories: tensors in bytes": Run("functions", "request categories tensors, bytes", (tensor(80, shape=[2, 10], datatype="FP32") + CODES, tensor(6, shape=[1], datatype="BYTES") + b"\x02\0\0\0no")),
    "uploads": Run("functions", "upload", (*PNGS, *JPEGS, *(seed for seeds in OTHERS.values() for seed in seeds), *ZIPS, *GZIPS, *CSVS, *TEXTS, *LINES, *DOCUMENTS, *NPYS, *NPZS, *IDXS, *PACKED)),
    "uploads in colour": Run("functions", "upload-colours", (*PNGS, *JPEGS, *(seed for seeds in OTHERS.values() for seed in seeds), *ZIPS)),
    "uploads of numbers": Run("functions", "upload-numbers", NUMBERS),
    "requests: JSON": Run("functions", f"request {JSON}", (*JSONS, *DOCUMENTS)),
    "requests: PNG": Run("functions", f"request {PNG}", PNGS),
    "requests: JPEG": Run("functions", f"request {JPEG}", JPEGS),
    **{f"requests: {kind}": Run("functions", f"request {kind}", seeds) for kind, seeds in OTHERS.items()},
    "requests: paper": Run("functions", f"request {BMP}", draw_papers()),
    "requests: CSV": Run("functions", f"request {CSV}", (*CSVS, *TEXTS)),
    "requests: npy": Run("functions", f"request {NPY}", NPYS),
    "requests: npz": Run("functions", f"request {NPZ}", NPZS),
    "requests: forms": Run("functions", f"request {MULTIPART}", FORMS),
    "requests: encoded forms": Run("functions", f"request {FORM}", ENCODED_FORMS),
    "requests: packed": Run("functions", "request ", PACKED),
    "requests: digits": Run("functions", "request digits=all", (*PNGS, *JPEGS)),
    "requests: tensors": Run("functions", "request tensors", TENSORS),
    "requests: tensors in bytes": Run("functions", "request tensors, bytes", BINARY_TENSORS),
    "model archives": Run("models", "tar", (models.PLAIN, models.tar(*models.BOTH, format_=tarfile.PAX_FORMAT))),
    "model archives, packed": Run("models", "archive", (models.packed(*models.BOTH),)),
    "model manifests": Run("models", "manifest", (models.MANIFEST,)),
    "ONNX": Run("models", "onnx", (models.MODEL,)),
    "data sets: pickle": Run("models", "plain pickle", (models.PICKLE,)),
    "data sets: idx": Run("models", "idx", IDXS),
    "data sets: npy": Run("models", "split", NPYS),
    "data sets: recordio": Run("models", "recordio", (recordio.write(Split(np.ones((3, 1), np.float32), np.ones(3))),)),
    "data sets: CSV": Run("models", "table", (b"years,salary\n1,2\n3,4.5\n",)),
    "data sets: CSV of categories": Run("models", "table of categories", (STOP_LINES.replace(b"51.5\n", b"51.5,x\n"), b"Outcome," + STOP_LINES.replace(b"\n", b"\nArrest,"))),
    "server: JSON": Run("models", f"server {JSON}", JSONS),
    "server: CSV": Run("models", f"server {CSV}", CSVS),
    "server: npy": Run("models", f"server {NPY}", NPYS),
}  # fmt: skip
