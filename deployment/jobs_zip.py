"""The zip that every job of the pipeline runs: recipes/, training/ and the lock, with training/bootstrap.py as its __main__."""

import io
import zipfile
from hashlib import sha256
from pathlib import Path

from deployment.paths import BUILD, ROOT

LEFT_OUT = {"__pycache__", "golden"}
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say


def build() -> Path:
    """Write the zip under .build/training/, named by its content, and return its path: the same bytes for the same sources."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, path in sorted(_members().items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(entry, path.read_bytes())
    content = out.getvalue()
    path = BUILD / "training" / f"{sha256(content).hexdigest()}.zip"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return path


def _members() -> dict[str, Path]:
    """Return each file by its name in the zip."""
    found = [path for package in ("recipes", "training") for path in (ROOT / package).rglob("*") if path.is_file()]
    kept = [path for path in found if not any(part in LEFT_OUT or part.startswith(".") for part in path.relative_to(ROOT).parts)]
    lock = ROOT / "requirements/training.txt"
    return {"__main__.py": ROOT / "training/bootstrap.py", **{str(path.relative_to(ROOT)): path for path in (*kept, lock)}}
