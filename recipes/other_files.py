"""Files that people send and nothing here reads, known by their first bytes: they are refused by name, with the way out."""

import re
from typing import NamedTuple, NoReturn

from recipes.errors import UnsupportedType

SHOWN_LETTERS = 10  # of what begins as text
SNIFFED_BYTES = 2048  # as many of the first ones tell all that is told here
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class OtherFile(NamedTuple):
    """A kind of file that is not read here, and what its sender can do."""

    name: str
    advice: str


_AS_PICTURE = "Save it as PNG or JPEG and send that."
_AS_JPEG = "Save it as JPEG and send that; an iPhone takes JPEGs under Settings › Camera › Formats › Most Compatible."
_AS_PAGE = "Save the page as PNG or JPEG (pdftoppm -png FILE page) and send that."
_AS_TABLE = "Save the table as CSV and send that."
_AS_ARRAY = "Read it with the library that wrote it, and send the values as CSV, or as npy written with numpy.save."
_UNPACK = "Unpack it and send what is in it; a zip of pictures and a file packed with gzip are read as uploads."
_AS_UPLOAD = "Upload it as a job, POST /jobs or inferstack upload: there a zip of pictures or of one table is read, and idx."
_FRAME = "Save a frame of it as PNG or JPEG and send that."
_NO_INPUT = "Send the input of a prediction: a picture or a table."
_DECODE = "Decode what is in base64 (base64 --decode) and send the file itself."
_NO_TABLE = "This is often the page of an error or of a download; send the picture or the table itself."

_PACKED_JSON = "a MessagePack or CBOR document"

# What text may begin with too is known by what is behind it.
_PICTURES: tuple[tuple[bytes, str], ...] = (
    (rb"8BPS", "a Photoshop document"),
    (rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (rb"\x00\x00\x00\x0cJXL |\xff\x0a", "a JPEG XL picture"),
    (rb"\x00\x00\x01\x00", "an icon (ICO)"),
    (rb"gimp xcf", "a GIMP picture"),
    (rb"FUJIFILMCCD-RAW|II[*U]\x00.{4}CR|\x00.{3}ftypcrx", "a camera's raw picture"),
    (rb"\x00.{3}ftypavi", "an AVIF picture"),
    (rb"qoif\x00", "a QOI picture"),
    (rb"v/1\x01", "an OpenEXR picture"),
    (rb".{128}DICM", "a DICOM picture"),
    (rb"P[1-7]\s+(#|\d|WIDTH)", "a Netpbm picture"),
    (rb"II\+\x00\x08\x00|MM\x00\+\x00\x08", "a BigTIFF picture"),
    (rb"icns\x00", "an icon of a Mac (ICNS)"),
    (rb"DDS \x7c\x00", "a DDS picture"),
    (rb"\x01\xda[\x00\x01][\x01\x02]\x00", "an SGI picture"),
    (rb"\x0a[\x00-\x05]\x01[\x01\x02\x04\x08]", "a PCX picture"),
    (rb"#define \w{1,60}_width \d", "an XBM picture"),
    (rb"/\* XPM \*/", "an XPM picture"),
    (rb"BLP[12][\x00-\x08]", "a BLP picture"),
    (rb"\x28\x00\x00\x00.{8}\x01\x00[\x01\x04\x08\x10\x18\x20]\x00", "a bitmap without the header of its file (DIB)"),
    (rb".\x00[\x02\x03\x0a\x0b]\x00{5}.{8}[\x08\x0f\x10\x18\x20]|\x00\x01[\x01\x09].{4}[\x18\x20].{8}\x08", "a TGA picture"),
)
_PAGES = ((rb"AT&TFORM", "a DjVu document"), (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript document"))
_TABLES = (
    (rb"\{\\rtf", "an RTF document"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (doc, xls or ppt)"),
    (rb"PAR1\x15", "a Parquet table"),
    (rb"ARROW1\x00|FEA1\x00", "an Arrow or Feather table"),
    (rb"Obj\x01", "an Avro file"),
    (rb"ORC[^\w\s,;\"]", "an ORC table"),
    (rb"\xff\xff\xff\xff.{2}\x00\x00\x10\x00\x00\x00", "an Arrow stream"),
    (rb"X\n\x00\x00\x00[\x02\x03]|RD[AX][23]\n", "a file of R"),
    (rb"SQLite format 3\x00", "an SQLite database"),
    (rb"\$FL2@", "an SPSS file"),
    (rb"\x00{12}\xc2\xea\x81\x60|HEADER RECORD\*{7}LIB", "a SAS file"),
    (rb"<stata_dta>|[\x6e-\x73][\x01\x02]\x01\x00", "a Stata file"),
    (rb"\x03[\x00-\xff][\x01-\x0c][\x01-\x1f].{2}\x00\x00", "a dBase table"),
    (rb"(%[^\n]{0,200}\n\s{0,20}){0,50}@(?i:relation)\s", "an ARFF table"),
)
_ARRAYS = (
    (rb"\x80[\x02-\x05][\x28-\x95]", "a pickle"),
    (rb".{6}\x00\x00\{\"", "a safetensors file"),
    (rb"MATLAB [57]\.\d MAT-file", "a MATLAB file"),
    (rb"(.{512}|.{1024})?\x89HDF\r\n\x1a\n", "an HDF5 file"),  # behind a block of its user's own, perhaps
    (rb"# Created by Octave", "a text file of Octave"),
    (rb"(\(lp|\(dp)\d|[\]}]q\x00|c(numpy|copy_reg|builtins|__builtin__)", "a pickle"),
    (rb"CDF[\x01\x02\x05]", "a NetCDF file"),
    (rb"SIMPLE  =  ", "a FITS file"),
    (rb".{3}\x00{5}.{4}\x0a", "a TFRecord file"),
    (rb"\x0a\x23\xd7\xce", "a RecordIO file"),
    # Up to two fields that hold the next, then a short text and another field: a record of SageMaker, an example, a request of gRPC.
    (rb"(\n[\x80-\xff]{0,4}[\x00-\x7f]){0,2}\n[\x01-\x08\x0b\x0c\x0e-\x1f][\w./-]{1,31}[\x12\x1a*]", "a message of protobuf"),
    (rb"\xd9\xd9\xf7|(?=.{0,99}[\x00-\x08])([\x81-\x97\x9f][\x81-\x9f\xca\xcb\xf9-\xfb]|\xdc..[\x90-\x9f\xca\xcb\xdc])", _PACKED_JSON),
    (rb"[\x81-\x8f][\xa1-\xbf]\w{4}|[\xa1-\xbf][\x61-\x77]\w{1,23}[\x80-\x9f\xf9-\xfb]", _PACKED_JSON),
    (rb".{2}\x00\x00[\x01-\x13][\w$]{1,40}\x00", "a BSON document"),
)
_PACKED = (
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (rb"Rar!\x1a\x07", "a RAR archive"),
    (rb".{257}ustar", "a tar archive"),
    (rb"\xfd7zXZ\x00", "a file packed with xz"),
    (rb"BZh[1-9]1AY&SY", "a file packed with bzip2"),
    (rb"\x1f\x8b\x08", "a file packed with gzip"),
    (rb"\x28\xb5\x2f\xfd", "a file packed with zstd"),
    (rb"\x04\x22\x4d\x18", "a file packed with lz4"),
    (rb"\x1f\x9d", "a file packed with compress"),
    (rb"\x78[\x01\x9c\xda]", "a file packed with zlib"),
    (rb"MSCF\x00", "a cabinet archive"),
    (rb"!<arch>\n", "an ar archive"),
)
_MOVING = (
    (rb"\x1a\x45\xdf\xa3", "a Matroska or WebM video"),
    (rb"RIFF.{4}AVI ", "an AVI video"),
    (rb"\x00.{3}(ftyp|moov|mdat)", "an MP4 or QuickTime video"),
    (rb"FLV\x01", "a Flash video"),
)
_NO_INPUTS = (
    (rb"\x08[\x01-\x1f][\x12\x3a\x42]", "an ONNX model"),
    (rb".{4}TFL3", "a TensorFlow Lite model"),
    (rb"GGUF[\x01-\x05]\x00", "a GGUF model"),
    (rb"RIFF.{4}WAVE|OggS\x00|fLaC|ID3[\x02-\x04]", "a sound recording"),
    (rb"\x7fELF|MZ.{3}\x00|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe|\x00asm|#!/", "a program"),
)
_POINTERS = (
    (rb"version https://git-lfs", "a Git LFS pointer, not the file itself"),
    (rb"\x4c\x00\x00\x00\x01\x14\x02\x00", "a Windows shortcut, not the file itself"),
)
_ENCODED = (
    (rb"iVBORw0KGgo|/9j/[24]|R0lGOD[dl]h|JVBERi0|UklGR[\w+/]{6}XRUJQ", "a file in base64"),
    (rb"data:image/[\w.+-]{1,40};base64,", "a picture in a data: URL"),
)
_KINDS = tuple(
    (magic, OtherFile(name, advice))
    for rows, advice in (
        (((rb"\x00.{3}ftyp(hei|hev|mif1|msf1)", "a HEIC picture"),), _AS_JPEG),
        (_PICTURES, _AS_PICTURE),
        (_PAGES, _AS_PAGE),
        (_TABLES, _AS_TABLE),
        (_ARRAYS, _AS_ARRAY),
        (_PACKED, _UNPACK),
        (_MOVING, _FRAME),
        (_NO_INPUTS, _NO_INPUT),
        (((rb"\x00\x00\x08[\x01-\x04]", "an idx file"),), _AS_UPLOAD),
        (_ENCODED, _DECODE),
        (_POINTERS, "Send the file that it points to (git lfs pull fetches it)."),
    )
    for magic, name in rows
)
# Of names in a zip's directory, or of an OpenDocument's type, which stands in it unpacked.
_ZIP_MARKS = (
    ("xl/workbook", OtherFile("an Excel workbook", _AS_TABLE)),
    ("word/document", OtherFile("a Word document", _AS_TABLE)),
    ("ppt/presentation", OtherFile("a PowerPoint presentation", _AS_PICTURE)),
    ("[Content_Types].xml", OtherFile("an Office document", _AS_TABLE)),
    ("vnd.oasis.opendocument", OtherFile("an OpenDocument file (ods, odt or odp)", _AS_TABLE)),
    ("META-INF/manifest.xml", OtherFile("an OpenDocument file (ods, odt or odp)", _AS_TABLE)),
    ("epub+zip", OtherFile("an EPUB", _AS_PICTURE)),
    ("META-INF/container.xml", OtherFile("an EPUB", _AS_PICTURE)),
    ("Index/Document.iwa", OtherFile("a Numbers, Pages or Keynote document", _AS_TABLE)),
    ("META-INF/MANIFEST.MF", OtherFile("a Java archive", _NO_INPUT)),
    ("AndroidManifest.xml", OtherFile("an Android package", _NO_INPUT)),
    ("/data.pkl", OtherFile("a PyTorch file", _AS_ARRAY)),
    ("model.weights.h5", OtherFile("a Keras model", _NO_INPUT)),
)
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")


def find_other_file(content: bytes) -> OtherFile | None:
    """Return which kind of file that nothing here reads begins so; None if it is none that is known.

    Args:    content: the file, or its first SNIFFED_BYTES or more.
    """
    for magic, kind in _KINDS:
        if re.match(magic, content, re.DOTALL):  # compiled when the first file is refused, which few starts of a function see
            return kind
    if content.startswith(_ZIPS):
        return find_zip_document(content.decode("latin-1")) or OtherFile("a zip file", _AS_UPLOAD)
    return _find_markup(content[:SNIFFED_BYTES])


def find_zip_document(names: str) -> OtherFile | None:
    """Return which kind of document or program a zip is.

    Args:    names: all of its members' names, one after another; whatever else is between them.
    """
    return next((kind for mark, kind in _ZIP_MARKS if mark in names), None)


def refuse_other_file(content: bytes, reads: str, what: str = "this") -> None:
    """Raise UnsupportedType with a file's name and the way out if it is of a kind that is known and not read here.

    Args:    content: the file, or its first SNIFFED_BYTES or more.
             reads: what is read there, as a sentence.
             what: what the file is called, like "the upload".
    """
    if kind := find_other_file(content):
        raise UnsupportedType(f"{what} is {kind.name}. {reads}", advice=kind.advice)


def refuse_unknown_file(content: bytes, reads: str, what: str = "this") -> NoReturn:
    """Raise UnsupportedType: by name if the kind of file is known, else with its first bytes."""
    refuse_other_file(content, reads, what)
    is_text = content[:SHOWN_LETTERS].isascii() and content[:SHOWN_LETTERS].decode("latin-1").isprintable()
    begins = content[:4].hex() if content and not is_text else repr(content[:SHOWN_LETTERS].decode()) if content else "nothing"
    raise UnsupportedType(f"the format of {what} is not known: it begins with {begins}", advice=reads)


def _find_markup(content: bytes) -> OtherFile | None:
    if b"%PDF-" in content[:1024]:  # readers take what is before it for nothing
        return OtherFile("a PDF", _AS_PAGE)
    text = content.removeprefix(BYTE_ORDER_MARK).lstrip().lower()
    if not text.startswith(b"<") or text.startswith(b"<tf."):  # as Python prints a tensor
        return None
    if b"<svg" in text:
        return OtherFile("an SVG drawing", _AS_PICTURE)
    if b"data:image/" in text:
        return OtherFile("markup around a picture in a data: URL", "Send what begins with data: alone, or the picture itself.")
    if text.startswith((b"<table>", b"<table ")):
        return OtherFile("a table of HTML", _AS_TABLE)
    is_page = b"<html" in text or b"<!doctype html" in text
    return OtherFile("an HTML page", _NO_TABLE) if is_page else OtherFile("an XML document", _AS_TABLE)
