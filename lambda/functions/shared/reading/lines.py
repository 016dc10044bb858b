"""Text into its lines, whatever its encoding and its line ends, in bounded memory."""

import codecs
import io
from collections.abc import Iterator
from typing import Any, NoReturn

from recipes.errors import InvalidInput, Malformed, TooLarge, UnsupportedType
from recipes.recipe import Recipe

MAX_LINE_BYTES = 2 << 20  # a picture of 1.5 MB in base64; a line of 784 numbers has 3 kB
VALUE_BYTES, OTHER_BYTES = 64, 8192  # the most of a line of numbers: for each of them, and for all else
MAX_SILENCE_BYTES = 64 << 20  # without a row, because nobody looks at the clock meanwhile
EMPTY_LINE_BYTES = 32  # what one costs is as much as so many bytes of a long line
FORGIVEN_BYTES = 1 << 16  # of the silence, by a row: a hundred are read before anybody looks at the clock
MAX_SKIPPED, FORGIVEN_LINES = 1 << 20, 1000  # without a row: a spreadsheet writes as many lines of commas at most
SNIFFED_BYTES = 1 << 16
RULE, RULES = b"---", b" |+-=:"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
Line = tuple[int, bytes | InvalidInput]


def find_encoding(first: bytes) -> str | None:
    """Return utf-16-le or utf-16-be if text begins so, with a byte order mark or without; None for any other bytes.

    Raises:  UnsupportedType: it is UTF-32.
    """
    if first.startswith(UTF_32):
        raise UnsupportedType("the text is UTF-32", advice="Save it as UTF-8.")
    if first.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if first.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    pairs = first[: min(len(first), 64) & ~1]
    if len(pairs) < 4:
        return None
    even, odd = pairs[::2], pairs[1::2]
    if not any(odd) and all(even) and even.isascii():
        return "utf-16-le"
    return "utf-16-be" if not any(even) and all(odd) and odd.isascii() else None


def open_text(file: "io.BufferedReader[Any]") -> "io.BufferedReader[Any]":
    """Return text as UTF-8 without a byte order mark, its lines ended by line feeds."""
    first = file.peek(SNIFFED_BYTES)[:SNIFFED_BYTES]
    encoding = find_encoding(first)
    if encoding:
        file = io.BufferedReader(_Recoded(file, encoding), SNIFFED_BYTES)
        first = file.peek(SNIFFED_BYTES)[:SNIFFED_BYTES]
    if first.startswith(BYTE_ORDER_MARK):
        file.read(len(BYTE_ORDER_MARK))
    if b"\r" in first and b"\n" not in first:
        file = io.BufferedReader(_Recoded(file, None), SNIFFED_BYTES)
    return file


class _Recoded(io.RawIOBase):
    """Text in another encoding as UTF-8, or text whose lines end with carriage returns with line feeds.

    Args:    encoding: of the text; None if it is UTF-8 whose lines end with carriage returns.
    """

    def __init__(self, file: "io.BufferedReader[Any]", encoding: str | None) -> None:
        super().__init__()
        self._file, self._ready = file, b""
        self._decoder = codecs.getincrementaldecoder(encoding)() if encoding else None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            content = self._file.read1(SNIFFED_BYTES)
            self._ready = self._recode(content)
            if not content:
                break
        given = self._ready[: len(buffer)]
        self._ready = self._ready[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)

    def _recode(self, content: bytes) -> bytes:
        if self._decoder is None:
            return content.replace(b"\r", b"\n")
        try:
            return self._decoder.decode(content, final=not content).encode()
        except UnicodeError as error:
            raise Malformed("the text begins as UTF-16 and goes on as something else", advice="Save it as UTF-8.") from error


class Chained(io.RawIOBase):
    """Bytes, and then the rest of a file."""

    def __init__(self, first: bytes, file: "io.BufferedReader[Any]") -> None:
        super().__init__()
        self._first, self._file = first, file

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, and return with how many bytes."""
        content = self._first[: len(buffer)] or self._file.read1(len(buffer))
        self._first = self._first[len(content) :]
        buffer[: len(content)] = content
        return len(content)


def read_lines(file: "io.BufferedReader[Any]", longest_bytes: int = MAX_LINE_BYTES) -> Iterator[Line]:
    """Give each line that is not empty with its number from 1; in place of one that is too long, the error.

    Args:    longest_bytes: of a line.
    Raises:  Malformed: so many lines are empty, or one is so long, that this is no file of rows.
    """
    number = silence = 0
    while line := file.readline(MAX_LINE_BYTES):
        number += 1
        before = silence
        silence += len(line) + EMPTY_LINE_BYTES
        is_cut = len(line) == MAX_LINE_BYTES and not line.endswith(b"\n")
        while is_cut and silence < MAX_SILENCE_BYTES and (rest := file.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
            silence += len(rest)
        if silence >= MAX_SILENCE_BYTES:
            _refuse_silence(number)
        if is_cut:
            yield number, TooLarge(f"line {number} has more than {MAX_LINE_BYTES:,} bytes")
        elif not line.isspace():
            yield number, limit_line(number, _strip(line), longest_bytes)
        else:
            continue
        silence = max(0, before - FORGIVEN_BYTES)


class Skipped:
    """Counts the lines that hold no row, because nobody looks at the clock meanwhile; each row forgives some."""

    def __init__(self) -> None:
        self._left = MAX_SKIPPED

    def add(self, number: int) -> None:
        """Count a line; raise Malformed if there are too many."""
        self._left -= 1
        if self._left < 0:
            raise Malformed(f"there is hardly a row in the {MAX_SKIPPED:,} lines up to line {number:,}", advice="Leave out what is no row.")

    def forgive(self) -> None:
        """Count some lines less, at a row."""
        self._left = min(MAX_SKIPPED, self._left + FORGIVEN_LINES)


def _strip(line: bytes) -> bytes:
    """Return a line without what is around it: no tab, which may part two empty cells, but a byte order mark where files were joined."""
    return line.strip(b" \r\n\v\f").removeprefix(BYTE_ORDER_MARK)


def is_drawn(line: bytes) -> bool:
    """Return whether a line is drawn, as below a header in Markdown and by databases."""
    return RULE in line and not line.strip(RULES)


def read_text_line(file: "io.BufferedReader[Any]", limit_bytes: int) -> bytes:
    """Return the next line that is not empty, up to a limit, after a line feed for each empty one before it.

    Raises:  Malformed: so many are empty that this is no file of rows.
    """
    empty = silence = 0
    while (line := file.readline(limit_bytes)).isspace():
        empty += line.endswith(b"\n")
        silence += len(line) + EMPTY_LINE_BYTES
        if silence >= MAX_SILENCE_BYTES:
            _refuse_silence(empty)
    return b"\n" * empty + line


def _refuse_silence(number: int) -> NoReturn:
    raise Malformed(f"there is hardly a row in the {MAX_SILENCE_BYTES >> 20} MB up to line {number:,}", advice="Leave empty lines out.")


def limit_line(number: int, line: bytes, longest_bytes: int) -> bytes | InvalidInput:
    """Return a line; the error in its place if it is too long."""
    if len(line) <= longest_bytes:
        return line
    return TooLarge(f"line {number} has {len(line):,} bytes; the limit of a line of numbers is {longest_bytes:,}")


def find_longest(recipe: Recipe) -> int:
    """Return how many bytes a line of one instance's numbers may have."""
    return OTHER_BYTES + VALUE_BYTES * recipe.instance_size
