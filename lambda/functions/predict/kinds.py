"""What a body is. Its bytes tell; what its sender calls it counts only where they leave that open."""

import base64
import binascii
import re

from recipes import images, npy
from recipes.media_types import CSV, FORM, JSON, MULTIPART, NPY, NPZ

GZIP, ZIP = b"\x1f\x8b", b"PK\3\4"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SNIFFED_BYTES = 1 << 15  # the header of a table of 784 columns has 9,000
# Names of CSV; the last is what a browser calls it on a machine with Excel.
_CSV_TYPES = {CSV, "text/x-csv", "application/csv", "text/comma-separated-values", "text/tab-separated-values", "application/vnd.ms-excel"}
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_NUMBER = re.compile(rb"[\d.eE+-]+\s*")
_SEPARATORS = (b",", b";", b"\t")
_ROW_OF_NUMBERS = re.compile(rb"[\s\d.,;:|+\-eE\"']*\d[\s\d.,;:|+\-eE\"']*")
_FORM_FIELD = re.compile(rb"[A-Za-z_][\w.\[\]%-]*=")


def recognize(body: bytes, declared: str) -> str:
    """Return the media type that a body is to be read as; the declared one if the bytes tell none.

    Args:    declared: the media type in the request, lower-case and without parameters; "" if there is none.
    """
    if kind := recognize_binary(body):
        return kind
    text = _skip_marks(body)
    if text[:1] in {b"{", b"["}:
        return JSON
    if declared in _CSV_TYPES:
        return CSV
    is_json = declared.endswith(("/json", "+json", "/x-json"))
    if _is_table(text) and not (is_json and _NUMBER.fullmatch(text)):
        return CSV
    return JSON if is_json else declared


def recognize_binary(body: bytes) -> str:
    """Return the media type of a picture or an array, by its first bytes; "" if it is neither."""
    if body.startswith(ZIP) and b".npy" in body[:SNIFFED_BYTES]:
        return NPZ
    return images.sniff(body) or (NPY if body.startswith(npy.MAGIC) else "")


def find_wrapper(body: bytes) -> str:
    """Return what a body is packed in: "gzip", "base64" (a data: URL too) or "string" (JSON's quotes); "" if in nothing."""
    if body.startswith(GZIP):
        return "gzip"
    first = body[:1]
    if first == b'"':
        return "string" if _is_string(body.rstrip()) else ""
    if first.isalnum() or first in {b"/", b"_"}:
        return "base64" if body.startswith(b"data:") or _is_packed_picture(body) else ""
    return ""


def is_form(body: bytes, declared: str) -> bool:
    """Tell a form of fields, as a browser or `curl -F` and `-d` send it, from a body that is itself what is asked about."""
    if declared == MULTIPART or body.startswith(b"--"):
        return not recognize_binary(body)
    return declared == FORM and (body.startswith(b"%") or _FORM_FIELD.match(body) is not None)


def _is_string(text: bytes) -> bool:
    """Tell one string of JSON: between its quotes is none that is not escaped."""
    return len(text) > 1 and text.endswith(b'"') and b'"' not in text[1:-1].replace(b"\\\\", b"").replace(b'\\"', b"")


def _is_packed_picture(body: bytes) -> bool:
    """Tell base64 of a picture, an array or gzip from other text, by what its beginning holds."""
    head = b"".join(body[:128].split())[:64]
    found = _BASE64.fullmatch(head)
    if not found:
        return False
    try:
        first = base64.b64decode(head[: len(head) // 4 * 4], b"-_" if set(head) & set(b"-_") else None)
    except (binascii.Error, ValueError):
        return False
    return bool(recognize_binary(first)) or first.startswith(GZIP)


def _is_table(text: bytes) -> bool:
    """Tell a table: its first or, under a header, its second line is a row of numbers, or has names beside as many numbers at least."""
    lines = [line for line in text[:SNIFFED_BYTES].splitlines() if line.strip()][:2]
    if any(_ROW_OF_NUMBERS.fullmatch(line) for line in lines):
        return True
    separator = max(_SEPARATORS, key=lines[0].count) if len(lines) > 1 else b""
    if not separator or not 0 < lines[0].count(separator) == lines[1].count(separator):
        return False
    cells = lines[1].split(separator)
    return 2 * sum(_NUMBER.fullmatch(cell.strip(b' "')) is not None for cell in cells) >= len(cells)


def _skip_marks(body: bytes) -> bytes:
    """Return the beginning of a text without byte order mark and blanks; of UTF-16 its ASCII."""
    head = body[:SNIFFED_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode("ascii", "replace")
    return head.removeprefix(BYTE_ORDER_MARK).lstrip()
