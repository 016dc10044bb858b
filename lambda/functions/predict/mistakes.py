"""What a tool did to a body that cannot be read, and what to do about it. Imported only when something cannot be read."""

import json
import re
from collections.abc import Callable
from typing import NamedTuple

from recipes.errors import InvalidInput, Malformed, UnsupportedType
from recipes.instances import format_shape
from recipes.other_files import SNIFFED_BYTES, find_other_file
from recipes.recipe import Recipe

LOST = "\ufffd".encode()  # what stands for a byte that is no UTF-8
LEAST_BINARY_BYTES = 512  # in so many random ones there is a line break, but for one time in fifty
BINARY = "curl's -d takes line breaks out of a file: use --data-binary @FILE."
AS_OCTETS = 'Send it with the header "content-type: application/octet-stream": its bytes tell what it is.'
_BINARY_MAGICS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*", b"\x93NUMPY", b"\x1f\x8b", b"PK\3\4")
_S3_ERROR = re.compile(rb"<Error>\s{0,20}<Code>(\w{1,60})</Code>", re.DOTALL)
_NUMBER = re.compile(rb"\s*[\d.eE+-]+\s*")
_PYTHON = re.compile(r"True|False|None|nan|inf|array\(|tensor\(|dtype")
_BARE_NAME = re.compile(r"[A-Za-z_]\w*\s*:")
# What only an event has: of an HTTP API, of a REST API, of queues and buckets, and of Lambda's console.
_EVENTS = (
    ({"requestContext", "rawPath"}, "the event that an HTTP API sends to its function"),
    ({"requestContext", "httpMethod"}, "the event that a REST API sends to its function"),
    ({"requestContext", "headers"}, "the event that an API sends to its function"),
    ({"isBase64Encoded", "body"}, "the event that an API sends to its function"),
    ({"body"}, "an event around what is to be predicted"),
    ({"Records"}, "the event that a queue or a bucket sends to a function"),
    ({"key1", "key2", "key3"}, "the test event of Lambda's console"),
)


class Mistake(NamedTuple):
    """What was done, as a sentence about the body, and how it is done right."""

    detail: str
    advice: str
    kind: type[InvalidInput] = Malformed


Finder = Callable[[bytes, Recipe], Mistake | None]


def explain(error: InvalidInput, body: bytes, recipe: Recipe) -> InvalidInput:
    """Return the error that a body's reader raised; in place of it one that names the tool's mistake, where that is known."""
    for find in _FINDERS:
        if mistake := find(body, recipe):
            return mistake.kind(mistake.detail, advice=mistake.advice)
    return error


def refuse_joined_numbers(body: bytes) -> None:
    """Refuse one number in what may come from curl's -d: it makes 12 of the lines 1 and 2, and nothing would tell.

    Raises:  UnsupportedType: with the header to send.
    """
    if b"\n" not in body.strip() and _NUMBER.fullmatch(body):
        raise UnsupportedType(
            "the body is one number and may have been several lines, which curl's -d joins",
            advice='Send it with the header "content-type: text/csv", and a file with --data-binary @FILE.',
        )


def _find_nothing(body: bytes, recipe: Recipe) -> Mistake | None:
    if body.strip():
        return None
    example = "-H 'content-type: image/png' --data-binary @seven.png" if recipe.takes_pictures else "-d '{\"instances\": [[1.5]]}'"
    return Mistake("the request has no body", f"Send what is to be predicted; with curl: {example}.")


def _find_lost_bytes(body: bytes, _: Recipe) -> Mistake | None:
    """Find what a gateway does to a binary body that is declared as text: each byte that is no UTF-8 becomes the same three."""
    if LOST not in body[:16]:
        return None
    return Mistake("the body is not text but was sent with a type of text, on which way its bytes were lost", AS_OCTETS)


def _find_stripped_lines(body: bytes, _: Recipe) -> Mistake | None:
    """Find what curl's -d does to a binary file, and a transfer as text."""
    if body.startswith(b"\x89PNG") and not body.startswith(b"\x89PNG\r\n\x1a\n"):
        what = "changed" if b"\n" in body else "taken out"
        return Mistake(f"the body is a PNG whose line breaks were {what} on its way", BINARY)
    if body.startswith(_BINARY_MAGICS) and len(body) >= LEAST_BINARY_BYTES and b"\n" not in body and b"\r" not in body:
        return Mistake("the body is a binary file whose line breaks were taken out on its way", BINARY)
    return None


def _find_joined_rows(body: bytes, recipe: Recipe) -> Mistake | None:
    """Find rows of CSV joined to one line: the last value of each and the first of the next became one."""
    text = body.strip()
    if b"\n" in text or b"\r" in text or text[:1] in {b"{", b"["}:
        return None
    separator = max((b",", b";", b"\t"), key=text.count)
    count = text.count(separator) + 1
    for width in (recipe.instance_size, recipe.instance_size + 1):  # with a label, too
        rows, rest = divmod(count - 1, max(1, width - 1))
        if width > 2 and rows > 1 and not rest:
            return Mistake(
                f"the body is one line of {count:,} values, as {rows:,} rows of {width} are when the line breaks between them are lost",
                BINARY,
            )
    return None


def _find_other_file(body: bytes, _: Recipe) -> Mistake | None:
    """Find files of other kinds, and what a download gives in place of a file."""
    if found := _S3_ERROR.search(body[:SNIFFED_BYTES]):
        return Mistake(
            f"the body is an error of S3, {found[1].decode()!r}, in place of a file",
            "Download the file again: a signed link ends after some time, and a private object needs one.",
        )
    other = find_other_file(body)
    return Mistake(f"the body is {other.name}", other.advice, UnsupportedType) if other else None


def _find_event(body: bytes, _: Recipe) -> Mistake | None:
    document = _parse(body)
    if not isinstance(document, dict):
        return None
    for keys, name in _EVENTS:
        if keys <= document.keys():
            return Mistake(
                f"the body is {name}, not what is to be predicted",
                'Send what its "body" holds, decoded if "isBase64Encoded" is true.'
                if "body" in document
                else 'Send {"instances": […]} or a picture to POST /predictions; a function is tested with an event of the API around it.',
            )
    return None


def _find_quoted_json(body: bytes, _: Recipe) -> Mistake | None:
    document = _parse(body)
    for name, value in document.items() if isinstance(document, dict) else ():
        if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"}:
            return Mistake(
                f"{name[:40]!r} is a string that holds JSON", "Send the list itself, without quotes around it: json.dumps is called once."
            )
    return None


def _find_broken_json(body: bytes, recipe: Recipe) -> Mistake | None:
    head = body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if head not in {b"{", b"["}:
        return None
    try:
        text = body.decode("utf-8-sig")
        json.loads(text)
    except json.JSONDecodeError as error:
        return _explain_json(text, error, recipe)
    except (ValueError, RecursionError):
        pass
    return None


def _explain_json(text: str, error: json.JSONDecodeError, recipe: Recipe) -> Mistake | None:
    """Return what is wrong where a JSON parser stopped, if it is one of the usual things."""
    at, rest, before = f"line {error.lineno}, column {error.colno}", text[error.pos :].lstrip(), text[: error.pos].rstrip()
    dump = f"Write it with json.dumps(array.tolist()), of shape [N, {format_shape(recipe.instance_shape)}]."
    found: tuple[tuple[bool, str, str], ...] = (
        (rest.startswith("'"), "single quotes", "JSON takes double quotes: write it with json.dumps(…) or JSON.stringify(…)."),
        (_PYTHON.match(rest) is not None, "a value of Python", dump),
        (rest.startswith(("...", "…")), "dots that stand for values", f"{dump} Leave no value out."),
        (before.endswith(",") and rest.startswith(("]", "}")), "a comma before a closing bracket", "Take the comma out."),
        (
            _BARE_NAME.match(rest) is not None,
            "a name without quotes",
            'Put names in double quotes: {"instances": […]}. In a shell put single quotes around all of it.',
        ),
        (not rest, "its end, before what it begins is complete", "Send all of it."),
        ((before[-1:] + rest[:1]).isdigit() or before[-1:] + rest[:1] == "][", "two values without a comma", dump),
    )
    return next((Mistake(f"the body is not JSON: at {at} is {what}", advice) for is_it, what, advice in found if is_it), None)


def _parse(body: bytes) -> object:
    try:
        return json.loads(body) if body.lstrip()[:1] == b"{" else None
    except (ValueError, RecursionError):
        return None


_FINDERS: tuple[Finder, ...] = (
    _find_nothing,
    _find_lost_bytes,
    _find_stripped_lines,
    _find_other_file,
    _find_event,
    _find_quoted_json,
    _find_broken_json,
    _find_joined_rows,
)
