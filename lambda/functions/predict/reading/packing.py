"""How a body is packed for its way: it is unpacked up to a limit, and other encodings than gzip are refused by name."""

import zlib

from functions.predict.config import MAX_BODY_BYTES
from functions.shared.reading import wrappers
from recipes.errors import Malformed, TooLarge, UnsupportedType

GZIP_MEMBER = 31  # zlib's sign for a gzip header
MAX_GZIP_MEMBERS = 16  # what follows one is copied
READ_HERE = {"", "gzip", "x-gzip", "identity"}


def check_encoding(header: str) -> None:
    """Raise UnsupportedType unless each encoding in a Content-Encoding is gzip or none at all; the bytes tell which of the two."""
    for name in header.lower().split(","):
        if name.strip() not in READ_HERE:
            raise UnsupportedType(
                f"the content encoding is {name.strip()[:40]!r}; gzip is read here", advice="Send the body as it is, or in gzip."
            )


def unwrap(content: bytes, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Return what is inside gzip, base64, and the quotes of a JSON string.

    Raises:  Malformed: a wrapper is damaged, or there are too many.
             TooLarge: it is larger than the limit when it is unpacked.
    """
    for _ in range(wrappers.MAX_WRAPPERS + 1):
        wrapper = wrappers.find_wrapper(content)
        if not wrapper:
            return content
        if wrapper == "gzip":
            content = unpack_gzip(content, max_bytes)
        elif wrapper == "stray":
            content = content[wrappers.count_stray(content) :]
        else:
            content = wrappers.unwrap_text(content, wrapper, "the body")
    raise Malformed(f"the body is packed more than {wrappers.MAX_WRAPPERS} times", advice="Send what is in it.")


def unpack_gzip(body: bytes, max_bytes: int) -> bytes:
    """Return what is in gzip; no more than the limit is ever unpacked.

    Raises:  TooLarge: it holds more bytes than the limit.
             Malformed: it is damaged or cut off.
    """
    parts: list[bytes] = []
    left = max_bytes + 1
    for _ in range(MAX_GZIP_MEMBERS):  # gzip files may follow each other
        member = zlib.decompressobj(GZIP_MEMBER)
        try:
            parts.append(member.decompress(body, left))
        except zlib.error as error:
            raise Malformed(
                "the gzip in the body is damaged", advice="Pack it again, and send it as binary: curl's --data-binary."
            ) from error
        left -= len(parts[-1])
        if left <= 0:
            raise TooLarge(
                f"the body has more than {max_bytes:,} bytes when it is unpacked", advice="Send fewer instances, or make a job: POST /jobs."
            )
        if not member.eof:
            raise Malformed("the gzip in the body is cut off", advice="Pack it again, and send it as binary: curl's --data-binary.")
        body = member.unused_data.lstrip(b"\0")  # some tools pad what is between members
        if not body:
            return b"".join(parts)
        if not body.startswith(wrappers.GZIP):
            raise Malformed("what follows the gzip in the body is no gzip", advice="Pack it again, all of it in one file.")
    raise TooLarge(f"the body has more than {MAX_GZIP_MEMBERS} gzip files one after another", advice="Pack it as one.")
