"""What a body is packed in for its way, at both doors: gzip, base64, the quotes of a JSON string, white space before a picture."""

import base64
import binascii
import re

from functions.shared.json_body import parse_json
from functions.shared.pictures import HEXADECIMAL, decode_picture
from recipes import npy
from recipes.media_types import NPY, NPZ
from recipes.pictures.decode import sniff

GZIP, ZIP = b"\x1f\x8b", b"PK\3\4"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
STRAY = {b"\xef", b"\r", b"\n", b"\t", b" "}
MOST_STRAY_BYTES = 16
SNIFFED_BYTES = 1 << 15  # the header of a table of 784 columns has 9,000
MAX_WRAPPERS = 3  # as base64 in a JSON string, in gzip
LEAST_HEXADECIMAL = 32  # digits: no number has as many
_HEXADECIMAL = rb"[0-9a-fA-F]{32}"
_BASE64 = rb"[A-Za-z0-9+/_-]{16,}={0,2}"  # compiled when text first needs it


def recognize_binary(body: bytes) -> str:
    """Return the media type of a picture or an array, by its first bytes; "" if it is neither."""
    if body.startswith(ZIP) and b".npy" in body[:SNIFFED_BYTES]:
        return NPZ
    return sniff(body) or (NPY if body.startswith(npy.MAGIC) else "")


def find_wrapper(body: bytes, *, is_whole: bool = True) -> str:
    """Return what a body is packed in: "gzip", "base64" (a data: URL too), "string" (JSON's quotes) or "stray"; "" if in nothing.

    Stray is white space or a byte order mark before bytes that are no text, where a tool wrote them as text.

    Args:    is_whole: whether this is all of the body, and not its beginning.
    """
    if body.startswith(GZIP):
        return "gzip"
    first = body[:1]
    if first == b'"':
        return "string" if _is_string(body.rstrip(), is_whole=is_whole) else ""
    if first in STRAY:
        return "stray" if count_stray(body) else ""
    if first.isalnum() or first in {b"/", b"_"}:
        is_url = body.startswith(b"data:") and body[5:16].lstrip()[:1] not in {b"{", b"["}  # an event of a stream begins so too
        return "base64" if is_url or _is_packed_picture(body) else ""
    return ""


def count_stray(body: bytes) -> int:
    """Return how many bytes of white space and of a byte order mark are before a picture, an array or gzip; 0 if it is none of them."""
    head = body[:MOST_STRAY_BYTES]
    count = len(head) - len(head.lstrip().removeprefix(BYTE_ORDER_MARK).lstrip())
    return count if recognize_binary(body[count : count + SNIFFED_BYTES]) or body.startswith(GZIP, count) else 0


def unwrap_text(content: bytes, wrapper: str, called: str) -> bytes:
    """Return what is in base64, or in the quotes of a JSON string; raise Malformed if that is damaged."""
    if wrapper == "base64":
        return decode_picture(content.decode("ascii", "replace"), called)
    text: str = parse_json(content, called)
    return text.encode(errors="surrogatepass")


def _is_string(text: bytes, *, is_whole: bool) -> bool:
    """Tell one string of JSON: between its quotes is none that is not escaped."""
    is_closed = len(text) > 1 and text.endswith(b'"')
    inner = text[1:-1] if is_closed else text[1:]
    return (is_closed or not is_whole) and b'"' not in inner.replace(b"\\\\", b"").replace(b'\\"', b"")


def _is_packed_picture(body: bytes) -> bool:
    """Tell base64 of a picture, an array or gzip from other text, by what its beginning holds."""
    if re.fullmatch(_HEXADECIMAL, body[:LEAST_HEXADECIMAL]) and body[:10].decode().lower().startswith(HEXADECIMAL):
        return True
    head = b"".join(body[:128].split()).removeprefix(b"b'")[:64]  # Python's str() of bytes
    found = re.fullmatch(_BASE64, head)
    if not found:
        return False
    try:
        first = base64.b64decode(head[: len(head) // 4 * 4], b"-_" if set(head) & set(b"-_") else None)
    except (binascii.Error, ValueError):
        return False
    return bool(recognize_binary(first)) or first.startswith(GZIP)
