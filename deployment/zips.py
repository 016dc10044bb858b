"""Zips of which the same files give the same bytes, so that nothing is deployed anew that has not changed."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say


def pack_zip(files: Mapping[str, Path]) -> bytes:
    """Return a zip of the files by their names in it, which everybody may read and nobody is to run."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, source.read_bytes())
    return out.getvalue()
