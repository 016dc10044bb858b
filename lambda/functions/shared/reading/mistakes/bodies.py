"""What a tool did to a body that cannot be read, and what to do about it. Imported only when something cannot be read."""

import base64
import re
from collections.abc import Callable, Sequence
from functools import partial

from functions.shared.pictures import ADDRESS, FILE_NAME
from functions.shared.reading.mistakes.json_mistakes import find_framed_json, find_json_mistake
from functions.shared.reading.mistakes.mistake import BODY, Mistake
from functions.shared.reading.mistakes.text_formats import find_text_format
from functions.shared.reading.wrappers import find_wrapper, recognize_binary
from recipes.errors import InvalidInput, UnsupportedType
from recipes.other_files import SNIFFED_BYTES, find_other_file
from recipes.recipe import Recipe

LOST = "\ufffd".encode()  # what stands for a byte that is no UTF-8
LEAST_BINARY_BYTES = 512  # in so many random ones there is a line break, but for one time in fifty
LEAST_RAW_VALUES = 16  # of an instance; of fewer, many a body has a multiple of them by chance
LEAST_BASE64_BYTES = 40  # a word or a name may be of the same characters, and shorter
BINARY = "curl's -d takes line breaks out of a file: use --data-binary @FILE."
AS_OCTETS = 'Send it with the header "content-type: application/octet-stream": its bytes tell what it is.'
_BINARY_MAGICS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*", b"\x93NUMPY", b"\x1f\x8b", b"PK\3\4")
_S3_ERROR = re.compile(rb"<Error>\s{0,20}<Code>(\w{1,60})</Code>", re.DOTALL)
_ADDRESS = re.compile(ADDRESS + r"\S{1,2000}\s*", re.IGNORECASE)
_NUMBER = re.compile(rb"\s*[\d.eE+-]+\s*")


Finder = Callable[[bytes, Recipe, InvalidInput], Mistake | None]


def explain_request(error: InvalidInput, body: bytes, recipe: Recipe) -> InvalidInput:
    """Return the error that a request's reader raised; in place of it one that names the tool's mistake, where that is known."""
    return _explain(error, body, recipe, BODY, (_find_nothing, _find_failed_download, _find_other_file, *_FINDERS, _find_raw_values))


def explain_upload(error: InvalidInput, content: bytes, recipe: Recipe, size_bytes: int) -> InvalidInput:
    """Return the same for an upload, whose reader knows other files by itself.

    Args:    content: the upload, or its beginning.
             size_bytes: of all of it.
    """
    return _explain(error, content, recipe, "the upload", (*_FINDERS, partial(_find_raw_values, size_bytes=size_bytes)))


def _explain(error: InvalidInput, body: bytes, recipe: Recipe, called: str, finders: Sequence[Finder]) -> InvalidInput:
    mistake = next((found for find in finders if (found := find(body, recipe, error))), None)
    return mistake.kind(mistake.detail.replace(BODY, called, 1), advice=mistake.advice) if mistake else error


def refuse_joined_numbers(body: bytes) -> None:
    """Refuse one number in what may come from curl's -d: it makes 12 of the lines 1 and 2, and nothing would tell.

    Raises:  UnsupportedType: with the header to send.
    """
    if b"\n" not in body.strip() and _NUMBER.fullmatch(body):
        raise UnsupportedType(
            "the body is one number and may have been several lines, which curl's -d joins",
            advice='Send it with the header "content-type: text/csv", and a file with --data-binary @FILE.',
        )


def _find_nothing(body: bytes, recipe: Recipe, _: InvalidInput) -> Mistake | None:
    if body.strip():
        return None
    example = "-H 'content-type: image/png' --data-binary @picture.png" if recipe.takes_pictures else "-d '{\"instances\": [[1.5]]}'"
    return Mistake("the body is empty", f"Send what is to be predicted; with curl: {example}.")


def _find_lost_bytes(body: bytes, _: Recipe, __: InvalidInput) -> Mistake | None:
    """Find what a gateway does to a binary body that is declared as text: each byte that is no UTF-8 becomes the same three."""
    if LOST not in body[:16]:
        return None
    return Mistake("the body is not text but was sent with a type of text, on which way its bytes were lost", AS_OCTETS)


def _find_binary_string(body: bytes, _: Recipe, __: InvalidInput) -> Mistake | None:
    """Find bytes of which each was taken for a letter and written in UTF-8, as JavaScript sends a string of readAsBinaryString()."""
    try:
        content = body.decode().encode("latin-1")
    except UnicodeError:
        return None
    if content == body or not (recognize_binary(content) or content.startswith(b"\x1f\x8b")):
        return None
    return Mistake("the body is bytes that were sent as text", "Send them as they are: in a browser a Blob, a File or an ArrayBuffer.")


def _find_stripped_lines(body: bytes, _: Recipe, refusal: InvalidInput) -> Mistake | None:
    """Find what curl's -d does to a binary file, and a transfer as text."""
    if body.startswith(b"\x89PNG") and not body.startswith(b"\x89PNG\r\n\x1a\n"):
        what = "changed" if b"\n" in body else "taken out"
        return Mistake(f"the body is a PNG whose line breaks were {what} on its way", BINARY)
    if isinstance(refusal, UnsupportedType) and recognize_binary(body):
        return None  # it was read as far as to tell what is not read of it; a small one may be without line breaks
    is_long = len(body) >= LEAST_BINARY_BYTES or b"\0" not in body  # newer curls take zeros out, too, which all of these begin with
    if body.startswith(_BINARY_MAGICS) and is_long and b"\n" not in body and b"\r" not in body:
        return Mistake("the body is a binary file whose line breaks were taken out on its way", BINARY)
    return None


def _find_name(body: bytes, _: Recipe, __: InvalidInput) -> Mistake | None:
    """Find what is sent in place of a file: its name, or its address."""
    text = body[:4096].decode("utf-8", "replace")
    if _ADDRESS.fullmatch(text):
        return Mistake("the body is the address of a file; nothing is fetched here", "Download it, and send its bytes.", UnsupportedType)
    if body.startswith(b"version https://git-lfs"):
        return Mistake("the body is a pointer of Git LFS in place of a file", "Fetch the file with git lfs pull.", UnsupportedType)
    if re.fullmatch(FILE_NAME, text, re.IGNORECASE):
        return Mistake(
            "the body is the name of a file, not the file", "With curl: --data-binary @FILE, or -F image=@FILE.", UnsupportedType
        )
    return None


def _find_joined_rows(body: bytes, recipe: Recipe, _: InvalidInput) -> Mistake | None:
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


def _find_raw_values(body: bytes, recipe: Recipe, refusal: InvalidInput, size_bytes: int = 0) -> Mistake | None:
    """Find an array's bytes without a header, as its tobytes() gives them: their type and shape are not told.

    Args:    size_bytes: of all of it, if `body` is only its beginning.
    """
    is_text = body.isascii() and body.strip(b"\0") != b""
    size_bytes = size_bytes or len(body)
    is_multiple = size_bytes >= recipe.instance_size >= LEAST_RAW_VALUES and size_bytes % recipe.instance_size == 0
    if is_text or not is_multiple or not isinstance(refusal, UnsupportedType) or find_other_file(body):
        return None
    what = f"the body is {size_bytes:,} bytes without a header, as array.tobytes() gives them"
    return Mistake(what, "Send npy, as numpy.save writes it.", UnsupportedType)


def _find_base64(body: bytes, _: Recipe, __: InvalidInput) -> Mistake | None:
    """Find text in base64; a picture, an array and gzip in it are read."""
    head = b"".join(body[:SNIFFED_BYTES].split())[: SNIFFED_BYTES // 8]
    if len(head) < LEAST_BASE64_BYTES or not re.fullmatch(rb"[A-Za-z0-9+/_-]+=*", head):
        return None
    text = head.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    inner = base64.b64decode(text[: len(text) // 4 * 4])
    if not inner.isascii() or not inner.decode().replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable():
        return None
    what = "base64" if find_wrapper(inner, is_whole=False) == "base64" else "JSON or CSV"
    return Mistake(f"the body is {what} in base64", "Decode it (base64 --decode) and send what is in it.")


def _find_failed_download(body: bytes, _: Recipe, __: InvalidInput) -> Mistake | None:
    """Find what S3 gives in place of a file."""
    found = _S3_ERROR.search(body[:SNIFFED_BYTES])
    return found and Mistake(
        f"the body is an error of S3, {found[1].decode()!r}, in place of a file",
        "Download the file again: a signed link ends after some time, and a private object needs one.",
    )


def _find_other_file(body: bytes, _: Recipe, __: InvalidInput) -> Mistake | None:
    """Find files of other kinds."""
    other = None if recognize_binary(body) else find_other_file(body)  # an npz is a zip file, too
    return Mistake(f"the body is {other.name}", other.advice, UnsupportedType) if other else None


_FINDERS: tuple[Finder, ...] = (
    _find_lost_bytes,
    _find_binary_string,
    _find_stripped_lines,
    _find_name,
    _find_failed_download,
    _find_base64,
    find_json_mistake,
    find_text_format,
    find_framed_json,
    _find_joined_rows,
)
