"""A zip: of pictures, a row each, or of one file of another kind."""

import io
import os
import zipfile
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any

from functions.process_upload.reading.cores import count_cores, map_on_cores
from functions.shared.litter import is_litter
from functions.shared.reading.arrays.members import open_member
from functions.shared.reading.broken import refuse_broken
from functions.shared.reading.marks import describe_picture
from functions.shared.reading.rows import LONGEST_ABOUT, Row, Rows
from recipes.errors import InvalidInput, Malformed, TooLarge, UnsupportedType, WrongShape
from recipes.other_files import SNIFFED_BYTES, find_other_file, find_zip_document
from recipes.pictures.decode import count_frames, sniff
from recipes.recipe import Recipe

MAX_PICTURE_BYTES = 5 << 20
MAX_MEMBERS, MAX_DIRECTORY_BYTES = 65_535, 16 << 20
BATCH_MEMBERS, BATCH_BYTES = 128, 1 << 20  # that a process reads at once, where there are several; handing over takes time
LOOKED_AT = 100  # a zip of more files is not searched for its first picture: if none is one, each row says so
Member = tuple[int, str, bytes | InvalidInput]  # its number, its name, and its bytes or why they cannot be read
ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
END, END_BYTES, LONGEST_COMMENT = b"PK\x05\x06", 22, 1 << 16  # of the directory; a comment may stand behind it
ZIP64_LOCATOR, ZIP64_LOCATOR_BYTES = b"PK\x06\x07", 20  # before the end


def open_zip(file: "io.BufferedReader[Any]", reads: str) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """Return a zip and those of its members that its sender means.

    Args:    reads: what is read here, as a sentence.
    Raises:  InvalidInput: it is broken or too large, holds no file, or is a document.
    """
    _check_directory(file)
    archive = zipfile.ZipFile(file)
    if document := find_zip_document("\n".join(archive.namelist())):
        raise UnsupportedType(f"the upload is {document.name}. {reads}", advice=document.advice)
    members = [member for member in archive.infolist() if not member.is_dir() and not is_litter(member.filename)]
    if len(members) > MAX_MEMBERS:
        raise TooLarge(f"the zip file has {len(members):,} files; the limit is {MAX_MEMBERS:,}", advice="Split it up.")
    if not members:
        raise WrongShape("the zip file holds no file; expected pictures, or one table")
    return archive, members


def _check_directory(file: "io.BufferedReader[Any]") -> None:
    """Refuse a directory that is too large: zipfile reads all of it at once, and keeps 700 bytes or more of each file.

    Raises:  InvalidInput: there is none, or it is larger than what is read here.
    """
    size_bytes = file.seek(0, io.SEEK_END)
    file.seek(max(0, size_bytes - LONGEST_COMMENT - END_BYTES - ZIP64_LOCATOR_BYTES))
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + END_BYTES:
        raise Malformed("the zip file has no directory at its end", advice="Upload the whole file.")
    directory_bytes = int.from_bytes(tail[at + 12 : at + 16], "little")
    # zipfile believes the size that a zip64's locator leads to, wherever there is one.
    is_zip64 = tail.startswith(ZIP64_LOCATOR, max(0, at - ZIP64_LOCATOR_BYTES))
    if is_zip64 or directory_bytes > MAX_DIRECTORY_BYTES:
        raise TooLarge(
            f"the zip file has more than {MAX_MEMBERS:,} files or 4 GB (zip64), or their names are too long", advice="Split it up."
        )


def refuse_without_pictures(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], recipe: Recipe) -> None:
    """Raise UnsupportedType if none of a zip's members is a picture; one that cannot be opened may be one."""
    if len(members) > LOOKED_AT:
        return
    for member in members:
        try:
            with refuse_broken("the file in the zip"), open_member(archive, member) as file:
                if sniff(file.read(SNIFFED_BYTES)):
                    return
        except InvalidInput:
            return
    with open_member(archive, members[0]) as file:
        kind = find_other_file(file.read(SNIFFED_BYTES))
    raise UnsupportedType(
        f"the zip holds {len(members):,} files and no picture: {members[0].filename[-LONGEST_ABOUT:]!r} is {kind.name if kind else 'none'}",
        advice=f"Upload {'a zip of pictures, or ' if recipe.takes_pictures else ''}each table by itself.",
    )


def read_pictures(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], recipe: Recipe) -> Rows:
    """Return a row for each member: what it shows, or why it cannot be read."""
    cores = count_cores(os.environ)
    batches = _read_contents(archive, members, 1 if cores == 1 else BATCH_MEMBERS)
    rows = chain.from_iterable(map_on_cores(partial(_read_rows, recipe), batches, cores))
    return Rows("zip", rows, len(members), reread=lambda number: _read_content(archive, members[number - 1]))


def _read_contents(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], most: int) -> Iterator[list[Member]]:
    """Give the members' bytes, or why they cannot be read, in lists that are read by one process."""
    batch, size_bytes = list[Member](), 0
    for number, member in enumerate(members, 1):
        content: bytes | InvalidInput
        try:
            content = _read_content(archive, member)
            size_bytes += len(content)
        except InvalidInput as error:
            error.release_frames()
            content = error
        batch.append((number, member.filename[-LONGEST_ABOUT:], content))
        if len(batch) >= most or size_bytes >= BATCH_BYTES:
            yield batch
            batch, size_bytes = [], 0
    if batch:
        yield batch


def _read_content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return a member's bytes; raise InvalidInput if they are broken or too many."""
    with refuse_broken("the file in the zip"), open_member(archive, member) as file:
        content = file.read(MAX_PICTURE_BYTES + 1)  # what the directory says of its size is only a claim
        if len(content) > MAX_PICTURE_BYTES:
            raise TooLarge(f"the file in the zip has more than {MAX_PICTURE_BYTES:,} bytes", advice="Upload it alone, or smaller.")
        return content


def _read_rows(recipe: Recipe, batch: list[Member]) -> list[Row]:
    return [_read_row(recipe, *member) for member in batch]


def _read_row(recipe: Recipe, number: int, name: str, content: bytes | InvalidInput) -> Row:
    about = {"name": name}
    if isinstance(content, InvalidInput):
        return Row(number, None, content, about)
    try:
        with refuse_broken("the file in the zip"):
            found, frames = recipe.read_image(content), count_frames(content)
            return Row(number, found.values, about={**about, **describe_picture(found, frames)}, count=found.side_by_side)
    except InvalidInput as error:
        return Row(number, None, error, about)
