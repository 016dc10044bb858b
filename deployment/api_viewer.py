"""The viewer of the API's documentation, which stands beside the page: its files, as npm brought them."""

import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from deployment.paths import BUILD, ROOT
from deployment.sources import digest
from recipes.errors import NotBuilt

PACKAGE = ROOT / "node_modules/swagger-ui-dist"
FOLDER = "swagger-ui"  # beside the page
FILES = ("swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.css", "LICENSE", "NOTICE")


def build_viewer() -> Path:
    """Write the viewer's files to a folder under .build/, named by its content, and return its path.

    Raises:  NotBuilt: npm has not brought the viewer.
    """
    files = {name: PACKAGE / name for name in FILES}
    if missing := [name for name, path in files.items() if not path.is_file()]:
        lacking = f"{PACKAGE.relative_to(ROOT)} lacks {', '.join(missing)}"
        raise NotBuilt(f"{lacking}; run `make setup`", advice="`make setup` brings what package.json names")
    folder = BUILD / "page" / digest(files)
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent) as partial:
            whole = Path(partial) / "whole"
            (whole / FOLDER).mkdir(parents=True)
            for name, source in files.items():
                shutil.copyfile(source, whole / FOLDER / name)
            with suppress(OSError):  # another build was first, and wrote the same
                whole.rename(folder)
    return folder
