"""The fields of a form, as browsers, `curl -F` and `curl -d` send them: multipart/form-data, and application/x-www-form-urlencoded.

Source:  RFC 7578 and 2046; HTML's "multipart/form-data encoding algorithm" for quotes in names.
"""

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from recipes.errors import Malformed, TooLarge
from recipes.media_types import CSV, read_media_type

MAX_FIELDS = 100
MAX_HEADER_BYTES = 8192
MAX_URLENCODED_BYTES = 1_000_000  # each of its characters may cost a hundred in memory
LONGEST_NAME = 256  # as of a row in an upload
_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;,"]{1,70}))', re.IGNORECASE)
_DISPOSITION = re.compile(rb"^content-disposition\s*:\s*form-data\s*;([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_TYPE = re.compile(rb"^content-type\s*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
# A name is tried from its beginning alone: else a word of 8,000 letters without a value takes time with its square.
_PARAMETER = re.compile(rb'(?<![\w*-])([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')
_TABLES = (b".csv", b".tsv")
_CURL = "With curl: -F image=@picture.png, and no content-type of your own."


class Field(NamedTuple):
    """A field of a form.

    Args:    name: of the field.
             file: the file's name without its folders; "" for a file without one; None for a field that is no file.
             media_type: what the sender calls it, or by its name a table; "" if neither tells.
    """

    name: str
    content: bytes
    file: str | None = None
    media_type: str = ""


def parse_multipart(body: bytes, content_type: str) -> list[Field]:
    """Return the fields of multipart/form-data, in order.

    Args:    content_type: the whole header, which holds the boundary.
    Raises:  Malformed: the header has no boundary, the body is none of its parts, or is cut off.
             TooLarge: too many fields.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise Malformed(
            "the content type of the form has no boundary; expected multipart/form-data; boundary=…",
            advice=f"Leave the header out: whatever makes the form writes it, with the boundary. {_CURL}",
        )
    boundary = (found[1] or found[2]).encode()
    # Some tools end lines with a line feed alone; a picture may hold one, so the first line tells it of all.
    end = b"\n" if body[: body.find(b"\n")].rstrip(b" \t").endswith(boundary) else b"\r\n"
    delimiter = re.compile(rb"--%b(--)?[ \t]*(?:%b|\Z)" % (re.escape(boundary), end))  # begins with what is fast to search
    fields: list[Field] = []
    start = None
    for match in delimiter.finditer(body):
        at = match.start()
        if at and body[at - len(end) : at] != end:
            continue  # it is not at the beginning of a line
        if start is not None:
            fields.append(_parse_part(body[start : at - len(end)], end))
            if len(fields) > MAX_FIELDS:
                raise TooLarge(
                    f"the form has more than {MAX_FIELDS} fields",
                    advice="Send fewer in a request, or upload a zip of the pictures: POST /jobs.",
                )
        if match[1]:
            return fields
        start = match.end()
    if start is None:
        raise Malformed("the boundary in the content type is not in the body", advice=f"Send the form as it was made. {_CURL}")
    raise Malformed("the form is cut off: its last boundary is missing", advice=f"Send the whole form. {_CURL}")


def parse_urlencoded(body: bytes) -> list[Field]:
    """Return the fields of application/x-www-form-urlencoded, in order; raise TooLarge if there are too many, or too many bytes."""
    if len(body) > MAX_URLENCODED_BYTES:
        raise TooLarge(f"a form without files may have {MAX_URLENCODED_BYTES:,} bytes", advice=f"Send the file itself. {_CURL}")
    pairs = body.split(b"&", MAX_FIELDS)
    if len(pairs) > MAX_FIELDS:
        raise TooLarge(f"the form has more than {MAX_FIELDS} fields", advice="Send JSON; with Python's requests json=…, not data=….")
    fields = []
    for pair in pairs:
        name, is_named, value = pair.partition(b"=")
        if not is_named:  # as curl's --data-urlencode @FILE
            name, value = b"", name
        name = name.replace(b"+", b" ")
        fields.append(Field(unquote_to_bytes(name).decode("utf-8", "replace"), unquote_to_bytes(value.replace(b"+", b" "))))
    return fields


def _parse_part(part: bytes, end: bytes) -> Field:
    # A part without headers begins with the empty line that ends them.
    headers, empty_line, content = (end + part).partition(2 * end)
    if not empty_line or len(headers) > MAX_HEADER_BYTES:
        raise Malformed("a part of the form has no end of its headers", advice=_CURL)
    _refuse_encoded(headers)
    found = _DISPOSITION.search(headers.removeprefix(end))
    parameters = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(found[1])} if found else {}
    file = parameters.get(b"filename")
    if extended := parameters.get(b"filename*"):  # of RFC 5987: utf-8''a%20b.png
        file = unquote_to_bytes(extended.rpartition(b"'")[2])
    declared = _TYPE.search(headers)
    media_type = read_media_type(declared[1].decode("latin-1")) if declared else ""
    if file is not None and file.lower().endswith(_TABLES):  # most senders know no type of it
        media_type = CSV
    return Field(_read_name(parameters.get(b"name", b"")), content, None if file is None else _read_name(file), media_type)


def _refuse_encoded(headers: bytes) -> None:
    """Refuse a part that is a form itself, as old mail programs send several files, and one in quoted-printable."""
    if re.search(rb"^content-type\s*:\s*multipart/", headers, re.IGNORECASE | re.MULTILINE):
        raise Malformed("a part of the form is a form itself", advice=f"Send each file as a part of its own. {_CURL}")
    if re.search(rb"^content-transfer-encoding\s*:\s*quoted-printable", headers, re.IGNORECASE | re.MULTILINE):
        raise Malformed("a part of the form is in quoted-printable", advice=f"Send its bytes as they are. {_CURL}")


def _read_name(value: bytes) -> str:
    """Return a name without folders and control characters, and of a long one its end."""
    text = value.decode("utf-8", "replace").replace('\\"', '"').replace("%22", '"')
    return "".join(character for character in re.split(r"[/\\]", text)[-1] if character.isprintable())[-LONGEST_NAME:]
