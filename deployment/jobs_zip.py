"""The zip that every job of the pipeline runs: recipes/, training/ and the lock, with training/bootstrap.py as its __main__."""

import io
import tempfile
import zipfile
from pathlib import Path

from deployment.paths import BUILD, ROOT
from deployment.sources import digest, list_sources, name_below

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say


def build(folder: Path = BUILD / "training", checkout: Path = ROOT) -> Path:
    """Write the zip into the folder, named by what goes into it, unless it is there, and return its path.

    The same sources give the same bytes.
    """
    sources = [path for package in ("recipes", "training") for path in list_sources(checkout / package, for_training=True)]
    files = name_below(checkout, [*sources, checkout / "requirements/training.txt"])
    files |= {"__main__.py": checkout / "training/bootstrap.py"}
    path = folder / f"{digest(files, Path(__file__).read_text())}.zip"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as unfinished:
            unfinished.write(_pack(files))
        Path(unfinished.name).replace(path)  # whole or not there, for who builds at the same time
    return path


def _pack(files: dict[str, Path]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, source.read_bytes())
    return out.getvalue()
