"""The folder that serving/Dockerfile is built in: what it copies and nothing else, so that nothing else changes the image."""

import shutil
from pathlib import Path

from deployment.paths import BUILD, ROOT
from deployment.sources import digest, list_sources, name_below
from recipes.errors import NotBuilt


def build() -> Path:
    """Write the folder under .build/image/, named by its content, and return its path.

    Raises:  NotBuilt: there is no serving/Dockerfile.
    """
    if not (ROOT / "serving" / "Dockerfile").is_file():
        raise NotBuilt("serving/Dockerfile is missing", advice="give serving_image the address of an image that is built already")
    locks = (ROOT / "requirements").glob("serving*.txt")
    files = name_below(ROOT, [*list_sources(ROOT / "serving"), *list_sources(ROOT / "recipes"), *locks])
    context = BUILD / "image" / digest(files)  # two builds at once may both write it, never differently
    for name, source in files.items():
        target = context / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return context
