"""Files of kinds that are not read: by name, with the way out, and never what is read."""

import io
import json
import pickle
import zipfile

import pytest

from recipes import npy
from recipes.errors import UnsupportedType
from recipes.other_files import find_other_file, refuse_other_file, refuse_unknown_file
from tests.digits import any_digit, encoded


def zip_of(*names: str, mimetype: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if mimetype:
            archive.writestr(zipfile.ZipInfo("mimetype"), mimetype)
        for name in names:
            archive.writestr(name, name * 20)
    return out.getvalue()


OTHERS = {
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "a PDF behind a mail's header": b"Content-Type: application/pdf\r\n\r\n%PDF-1.4",
    "an Excel workbook": zip_of("[Content_Types].xml", "xl/workbook.xml"),
    "a Word document": zip_of("word/document.xml", "[Content_Types].xml"),
    "a PowerPoint presentation": zip_of("[Content_Types].xml", "ppt/presentation.xml"),
    "an OpenDocument file": zip_of("content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet"),
    "a Numbers, Pages or Keynote document": zip_of("Index/Document.iwa"),
    "a Java archive": zip_of("META-INF/MANIFEST.MF"),
    "a PyTorch file": zip_of("model/data.pkl"),
    "a HEIC picture": b"\x00\x00\x00\x20ftypheic\x00\x00\x00\x00mif1heic",
    "an AVIF picture": b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1",
    "an MP4 or QuickTime video": b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2",
    "an SVG drawing": b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "a Photoshop document": b"8BPS\x00\x01" + bytes(20),
    "a PostScript document": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "a JPEG XL picture": b"\xff\x0a\xfa\x1f",
    "a JPEG 2000 picture": b"\x00\x00\x00\x0cjP  \r\n\x87\n",
    "an icon": b"\x00\x00\x01\x00\x01\x00\x10\x10",
    "a DICOM picture": bytes(128) + b"DICM",
    "a BigTIFF picture": b"II+\x00\x08\x00\x00\x00",
    "an icon of a Mac": b"icns\x00\x00\x10\x00",
    "a DDS picture": b"DDS |\x00\x00\x00",
    "an SGI picture": b"\x01\xda\x01\x01\x00\x02",
    "a PCX picture": b"\n\x05\x01\x08",
    "an XBM picture": b"#define im_width 8\n",
    "a BLP picture": b"BLP2\x01",
    "a bitmap without": b"\x28\x00\x00\x00" + bytes(8) + b"\x01\x00\x18\x00",
    "a TGA picture": bytes(2) + b"\x02" + bytes(9) + b"\x1c\x00\x1c\x00\x18\x20",
    "a table of HTML": b'<table border="1" class="dataframe">\n',
    "a Netpbm picture": b"P5\n28 28\n255\n" + bytes(784),
    "a Parquet table": b"PAR1\x15\x04\x15\x10",
    "an HDF5 file": bytes(512) + b"\x89HDF\r\n\x1a\n\x00",
    "a pickle": pickle.dumps([[0] * 784]),
    "an ONNX model": b"\x08\x08\x12\x07pytorch\x1a\x05",
    "an SQLite database": b"SQLite format 3\x00",
    "a 7z archive": b"7z\xbc\xaf\x27\x1c\x00\x04",
    "a RAR archive": b"Rar!\x1a\x07\x01\x00",
    "a tar archive": b"a.png" + bytes(252) + b"ustar\x0000",
    "a file packed with xz": b"\xfd7zXZ\x00\x00\x04",
    "a file packed with bzip2": b"BZh91AY&SY",
    "a file packed with zstd": b"\x28\xb5\x2f\xfd\x04\x00",
    "an HTML page": b"\xef\xbb\xbf\n<!DOCTYPE HTML>\n<title>404</title>",
    "an XML document": b"<Error><Code>AccessDenied</Code></Error>",
    "a program": b"\x7fELF\x02\x01\x01",
    "a program of Windows": b"MZ\x90\x00\x03\x00\x00\x00",
    "a MessagePack or CBOR document": b"\x81\xa9instances\x91\x91\xcb" + bytes(8),
    "a BSON document": b"\x30\x00\x00\x00\x04instances\x00" + bytes(40),
    "a TFRecord file": b"\x20" + bytes(7) + b"\x01\x02\x03\x04\x0a\x1e" + bytes(40),
    "a RecordIO file": b"\x0a\x23\xd7\xce" + bytes(40),
    "a message of protobuf": b"\x0a\x12\x0a\x06values\x12\x08\x12\x06\x0a\x04" + bytes(4),
    "a message of protobuf behind a longer one": b"\x0a\xd0\x18\x0a\x06values\x12\xc5\x18\x12" + bytes(3140),
    "a message of protobuf behind an example's features": b"\x0a\x1e\x0a\x1c\x0a\x05image\x12\x13\x0a\x11" + bytes(17),
    "a message of protobuf behind a model's name": b"\x0a\x06digits\x2a\x10\x0a\x05image" + bytes(9),
    "an ARFF table": b"% digits\n@RELATION mnist\n@ATTRIBUTE pixel0 NUMERIC\n@DATA\n0\n",
    "a pickle behind protocol 0": b"(lp0\n(lp1\nF1.1\naa.",
    "a NetCDF file": b"CDF\x01" + bytes(40),
    "a FITS file": b"SIMPLE  =                    T",
    "a SAS file": bytes(12) + b"\xc2\xea\x81\x60" + bytes(40),
    "a Stata file": b"<stata_dta><header>",
    "a text file of Octave": b"# Created by Octave 8.4\n# name: x\n# type: matrix\n 1 2\n",
    "a file packed with zlib": b"\x78\x9c\x4b\x4c\x04\x00" + bytes(9),
    "an RTF document": rb"{\rtf1\ansi",
    "an old Office file": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "a sound recording": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "a zip file": zip_of("a.png", "b.jpg"),
    "an idx file": b"\x00\x00\x08\x03\x00\x00\x00\x05",
    "a Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00",
}


@pytest.mark.parametrize("name", OTHERS)
def test_names_what_is_not_read_and_says_what_to_do(name: str) -> None:
    with pytest.raises(UnsupportedType) as caught:
        refuse_other_file(OTHERS[name], "PNG and CSV are read here.", "the upload")
    said = caught.value.detail
    assert said.startswith("the upload is ")
    assert said.endswith(". PNG and CSV are read here.")
    assert name.split(" behind", maxsplit=1)[0].removesuffix(" of Windows") in said
    assert len(caught.value.advice) > 20


READ = {
    "a picture": encoded(any_digit()),
    "an array": npy.write(bytes(784), (28, 28)),
    "numbers": b",".join([b"0"] * 784),
    "a list": json.dumps([[0] * 784]).encode(),
    "a header like a program's": b"MZ,PT\n1,2\n",
    "a header like a table's": b"ORC,ID3,PAR1\n1,2,3\n",
    "a header in Latin-1": "µmol,°C\n1,2\n".encode("latin-1"),
    "a header in Shift-JIS": "経験,給与\n1,2\n".encode("shift-jis"),
    "a header in GBK": "经验,薪水\n1,2\n".encode("gbk"),
    "a header like a picture's": b"P1\tP2\n1\t2\n",
    "a number under an empty line": b"\n5\n1,2\n",
    "nothing": b"",
}


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_takes_nothing_that_is_read_for_something_else(content: bytes) -> None:
    assert find_other_file(content) is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bytes(range(20)), "00010203"),
        (b"file,label\na.png,7\n", "'file,label'"),
        (b"x\n", "780a"),
        (b"\xff\xfe\xfd\xfc", "fffefdfc"),
        (b"", "nothing"),
    ],
)
def test_says_how_what_is_not_known_begins(content: bytes, said: str) -> None:
    with pytest.raises(UnsupportedType, match=f"begins with {said}$"):
        refuse_unknown_file(content, "PNG and CSV are read here.")
