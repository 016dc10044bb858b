"""The archive SageMaker takes, model.onnx and manifest.json in one model.tar.gz: the same bytes whenever and wherever it is packed."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

MEMBERS = ("manifest.json", "model.onnx")


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
