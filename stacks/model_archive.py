"""The model archive SageMaker takes: model.onnx and manifest.json in one model.tar.gz, the same bytes whenever and wherever it is built."""

import gzip
import hashlib
import io
import tarfile
from pathlib import Path

from recipes.errors import InvalidArtifact
from stacks.paths import BUILD, ROOT

MEMBERS = ("manifest.json", "model.onnx")


def build(recipe: str, model_dir: str = "") -> Path:
    """Write the model as model.tar.gz under .build/model/ and return its path.

    Args:    recipe: a folder of recipes/.
             model_dir: where model.onnx and manifest.json are, relative to the checkout; recipes/<recipe>/pretrained when empty.
    Raises:  InvalidArtifact: there is no such model.
    """
    source = ROOT / (model_dir or f"recipes/{recipe}/pretrained")
    missing = [name for name in MEMBERS if not (source / name).is_file()]
    if missing:
        raise InvalidArtifact(
            f"{source} has no {' and no '.join(missing)}",
            advice=f"train one (inferstack train {recipe}) and name its folder: -c model_dir=…",
        )
    archive = pack({name: (source / name).read_bytes() for name in MEMBERS})
    # Another folder's model has a place of its own, so that a synth with it does not change the recipe's.
    own = f"{recipe}-{hashlib.sha256(str(source).encode()).hexdigest()[:8]}" if model_dir else recipe
    path = BUILD / "model" / own / "model.tar.gz"
    if not path.is_file() or path.read_bytes() != archive:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive)
    return path


def pack(members: dict[str, bytes]) -> bytes:
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
