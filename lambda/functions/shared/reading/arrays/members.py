"""A member of a zip as a file, in bounded memory."""

import zipfile
from typing import IO

from recipes.errors import Malformed, TooLarge, UnsupportedType

MAX_UNPACKED_BYTES = 4 << 30  # four times the largest upload
METHOD_NAMES = {9: "Deflate64", zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "LZMA", 93: "Zstandard", 95: "XZ"}
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # others unpack into as much memory as their sender likes


def open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    """Return a member as a file, which gives no more bytes than the directory claims.

    Raises:  InvalidInput: it is encrypted, or packed in a way or a size that is not read here.
    """
    if member.flag_bits & 1:
        raise Malformed("the file in the zip is encrypted", advice="Zip it without a password.")
    if member.compress_type not in METHODS:
        method = METHOD_NAMES.get(member.compress_type, f"method {member.compress_type}")
        raise UnsupportedType(f"the file in the zip is packed with {method}; deflate and store are read here", advice="Pack it again.")
    if member.file_size > MAX_UNPACKED_BYTES:
        raise TooLarge(f"the file in the zip unpacks to more than {MAX_UNPACKED_BYTES:,} bytes", advice="Split it up.")
    return archive.open(member)
