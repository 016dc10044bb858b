"""The zip that every job of the pipeline runs: recipes/, training/ and the lock, with training/bootstrap.py as its __main__."""

import tempfile
from pathlib import Path

from deployment.paths import BUILD, ROOT
from deployment.sources import digest, list_sources, name_below
from deployment.zips import pack_zip


def build(folder: Path = BUILD / "training", checkout: Path = ROOT) -> Path:
    """Write the zip into the folder, named by what goes into it, unless it is there, and return its path.

    The same sources give the same bytes.
    """
    sources = [path for package in ("recipes", "training") for path in list_sources(checkout / package, for_training=True)]
    files = name_below(checkout, [*sources, checkout / "requirements/training.txt"])
    files |= {"__main__.py": checkout / "training/bootstrap.py"}
    how = name_below(ROOT, [Path(__file__), ROOT / "deployment/zips.py"])
    path = folder / f"{digest(files | how)}.zip"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as unfinished:
            unfinished.write(pack_zip(files))
        Path(unfinished.name).replace(path)  # whole or not there, for who builds at the same time
    return path
