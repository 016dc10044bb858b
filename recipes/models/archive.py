"""The archive SageMaker takes, model.onnx and manifest.json in one model.tar.gz: the same bytes whenever and wherever it is packed,
and unpacked so that an archive can write no other file."""

import gzip
import io
import shutil
import tarfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import IO, cast

from recipes.errors import InvalidArtifact
from recipes.models.model_files import MANIFEST_FILE, MEMBERS, MODEL_FILE

LARGEST_FILE_BYTES = 4 << 30
MAX_MEMBERS = 10_000
MAX_HEADER_BYTES = 1 << 20  # of what comes before a member: a long name, times, owners


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return a .tar.gz of the members without times, owners or modes of this machine."""
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for name, content in sorted(members.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def pack_folder(folder: Path) -> bytes:
    """Return the archive of a model folder."""
    return pack({name: (folder / name).read_bytes() for name in MEMBERS})


class _Member(tarfile.TarInfo):
    """A member whose header, which tarfile reads into memory, is not larger than a header is."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        if not (self.isreg() or self.isdir()) and self.size > MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header has {self.size:,} bytes")
        return super()._proc_member(tar)  # type: ignore[misc, no-any-return]  # tarfile's own hook, which typeshed leaves out


class _Limited:
    """What is packed in a gzip file, up to a limit that is on what comes out."""

    def __init__(self, file: gzip.GzipFile, most_bytes: int) -> None:
        self._file, self._left, self._most = file, most_bytes, most_bytes

    def read(self, size: int) -> bytes:
        content = self._file.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise tarfile.ReadError(f"it unpacks to more than {self._most:,} bytes")
        return content


def unpack(archive: Path, model_dir: Path, *, optional: Collection[str] = ()) -> Path:
    """Write the archive's files that a model has into the folder, ignore everything else in it, and return the folder.

    Args:    optional: names of files that may be there as well; with one of them, the model's own may be missing.
    Raises:  InvalidArtifact: not a gzipped tar, one of too many members or bytes, or a file is missing, present twice, too large, or not
             a regular file.
    """
    model_dir.mkdir(parents=True, exist_ok=True)
    try:
        with gzip.open(archive) as zipped:
            limited = cast("IO[bytes]", _Limited(zipped, 2 * LARGEST_FILE_BYTES))
            with tarfile.open(fileobj=limited, mode="r|", tarinfo=_Member) as tar:
                written = _write_members(tar, archive.name, {*MEMBERS, *optional}, model_dir)
    except InvalidArtifact:
        raise
    except Exception as error:  # tarfile raises anything
        raise InvalidArtifact(f"{archive.name} is not a gzipped tar: {error}") from error
    missing = [name for name in MEMBERS if name not in written]
    if missing and not written.intersection(optional):
        raise InvalidArtifact(
            f"{archive.name} holds no {' and no '.join(missing)}",
            advice=f"A model archive holds {MODEL_FILE} and {MANIFEST_FILE} at its top level.",
        )
    return model_dir


def _write_members(tar: tarfile.TarFile, archive: str, known: Collection[str], folder: Path) -> set[str]:
    """Write the members with a known name into the folder, and return these names."""
    written: set[str] = set()
    for number, member in enumerate(tar, 1):
        if number > MAX_MEMBERS:
            raise InvalidArtifact(f"{archive} has more than {MAX_MEMBERS:,} members")
        name = member.name.removeprefix("./")
        if name not in known:
            continue
        if name in written:
            raise InvalidArtifact(f"{archive} contains {name} twice")
        content = tar.extractfile(member) if member.isreg() else None
        if content is None:
            raise InvalidArtifact(f"{archive}: {name} is not a regular file")
        if member.size > LARGEST_FILE_BYTES:
            raise InvalidArtifact(f"{archive}: {name} has {member.size} bytes; the limit is {LARGEST_FILE_BYTES}")
        with (folder / name).open("wb") as target:
            shutil.copyfileobj(content, target, 1 << 20)
        written.add(name)
    return written
