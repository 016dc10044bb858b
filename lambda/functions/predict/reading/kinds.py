"""What a body is. Its bytes tell; what its sender calls it counts only where they leave that open."""

import re

from functions.shared.reading.wrappers import BYTE_ORDER_MARK, SNIFFED_BYTES, recognize_binary
from recipes.media_types import CSV, FORM, JSON, MULTIPART

# Names of CSV; the last is what a browser calls it on a machine with Excel.
_CSV_TYPES = {CSV, "text/x-csv", "application/csv", "text/comma-separated-values", "text/tab-separated-values", "application/vnd.ms-excel"}
# None is compiled before a body needs it: a start would pay for all of them.
_NUMBER = rb"[\d.eE+-]+\s*"
_ROW_OF_NUMBERS = rb"[\s.,;:|+\-eE\"']*\d[\s\d.,;:|+\-eE\"']*"
_BOUNDARY = rb"--\S{1,100}[ \t]{0,9}\r?\n(?i:content-)"
_FORM_FIELD = rb"[A-Za-z_][\w.\[\]%-]*="


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
    if _is_table(text) and not (is_json and re.fullmatch(_NUMBER, text)):
        return CSV
    return JSON if is_json else declared


def is_form(body: bytes, declared: str) -> bool:
    """Tell a form of fields, as a browser or `curl -F` and `-d` send it, from a body that is itself what is asked about."""
    # Two dashes alone begin YAML, and comments of SQL.
    if declared == MULTIPART or (body.startswith(b"--") and re.match(_BOUNDARY, body)):
        return not recognize_binary(body)
    may_be_fields = declared == FORM and (body.startswith(b"%") or re.match(_FORM_FIELD, body) is not None)
    return may_be_fields and not recognize_binary(body)  # as of BMP, whose third byte is of its size


def _is_table(text: bytes) -> bool:
    """Tell a table: its first or, under a header, its second line is a row of numbers, or has names beside them.

    Of few numbers among names the header must have as many cells.
    """
    from functions.shared.reading import cells  # noqa: PLC0415 - most starts never need it
    from functions.shared.reading.lines import is_drawn  # noqa: PLC0415 - as above
    from recipes.other_files import find_other_file  # noqa: PLC0415 - as above

    if text.startswith(b"#") and find_other_file(text):  # as of Octave
        return False
    held = list(filter(bytes.strip, dict.fromkeys(text[:SNIFFED_BYTES].splitlines())))
    named = cells.read_separator_line(held[0]) if held else None
    lines = [line for line in held[named is not None :] if not (line.startswith(b"#") or is_drawn(line))][:2]
    if any(re.fullmatch(_ROW_OF_NUMBERS, line) for line in lines):
        return True
    if len(lines) < 2:
        return False
    delimiter = named or cells.find_delimiter(lines[1])
    names, found = (cells.split_cells(line, delimiter) for line in lines)
    count = sum(map(cells.is_number, found))
    return delimiter.encode() in lines[0] and (2 * count >= len(list(filter(None, found))) > 0 or (count > 0 and len(names) == len(found)))


def _skip_marks(body: bytes) -> bytes:
    """Return the beginning of a text without byte order mark and blanks; of UTF-16 its ASCII."""
    head = body[:SNIFFED_BYTES]
    if b"\0" in head[:4] or head[:1] in {b"\xff", b"\xfe"}:
        from functions.shared.reading.lines import find_encoding  # noqa: PLC0415 - most starts never need it

        if encoding := find_encoding(head):
            head = head[: len(head) & ~1].decode(encoding, "replace").lstrip("\ufeff").encode("ascii", "replace")
    return head.removeprefix(BYTE_ORDER_MARK).lstrip()
