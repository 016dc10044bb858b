"""The archive SageMaker takes, model.onnx and manifest.json in one model.tar.gz: the same bytes whenever and wherever it is packed,
and unpacked so that an archive can write no other file."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from recipes.errors import InvalidArtifact

MODEL_FILE, MANIFEST_FILE = "model.onnx", "manifest.json"
MEMBERS = (MANIFEST_FILE, MODEL_FILE)
LARGEST_FILE_BYTES = 4 << 30


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


def unpack(archive: Path, model_dir: Path) -> Path:
    """Write the archive's two files into the folder, ignore everything else in it, and return the folder.

    Raises:  InvalidArtifact: not a gzipped tar, or one of the two is missing, present twice, too large, or not a regular file.
    """
    model_dir.mkdir(parents=True, exist_ok=True)
    written: set[str] = set()
    try:
        with tarfile.open(archive, mode="r|gz") as tar:
            for member in tar:
                name = member.name.removeprefix("./")
                if name not in MEMBERS:
                    continue
                if name in written:
                    raise InvalidArtifact(f"{archive.name} contains {name} twice")
                content = tar.extractfile(member) if member.isreg() else None
                if content is None:
                    raise InvalidArtifact(f"{archive.name}: {name} is not a regular file")
                if member.size > LARGEST_FILE_BYTES:
                    raise InvalidArtifact(f"{archive.name}: {name} has {member.size} bytes; the limit is {LARGEST_FILE_BYTES}")
                with (model_dir / name).open("wb") as target:
                    while block := content.read(1 << 20):
                        target.write(block)
                written.add(name)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise InvalidArtifact(f"{archive.name} is not a gzipped tar: {error}") from error
    if missing := [name for name in MEMBERS if name not in written]:
        raise InvalidArtifact(
            f"{archive.name} holds no {' and no '.join(missing)}",
            advice=f"A model archive holds {MODEL_FILE} and {MANIFEST_FILE} at its top level.",
        )
    return model_dir
