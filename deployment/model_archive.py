"""The archive of the model that the recipe ships, or of another folder's model, as a file for an asset."""

import hashlib
from pathlib import Path

from deployment.paths import BUILD, ROOT
from recipes.errors import InvalidArtifact
from recipes.models import artifact
from recipes.models.archive import pack_folder
from recipes.models.model_files import MEMBERS
from recipes.recipe import load


def find(recipe: str, model_dir: str = "") -> Path:
    """Return the folder of a model that the recipe's endpoint can serve.

    Args:    recipe: a folder of recipes/.
             model_dir: where model.onnx and manifest.json are, relative to the checkout; recipes/<recipe>/pretrained when empty.
    Raises:  InvalidArtifact: there is no such model, it is damaged, or it is none of the recipe.
    """
    source = ROOT / (model_dir or f"recipes/{recipe}/pretrained")
    missing = [name for name in MEMBERS if not (source / name).is_file()]
    if missing:
        raise InvalidArtifact(
            f"{source} has no {' and no '.join(missing)}",
            advice=f"Train one (inferstack train {recipe} --out {source}), or make one there as in docs/your-own-model.md.",
        )
    wanted = load(recipe)
    try:
        artifact.check_recipe(artifact.load(source).manifest, wanted)
    except InvalidArtifact as error:
        raise InvalidArtifact(f"{source}: {error.detail}", advice=error.advice) from error
    return source


def build(recipe: str, model_dir: str = "") -> Path:
    """Write the model that `find` finds as model.tar.gz under .build/model/ and return its path."""
    source = find(recipe, model_dir)
    archive = pack_folder(source)
    # Another folder's model gets another path, so that a synth with it does not change the recipe's.
    own = f"{recipe}-{hashlib.sha256(str(source).encode()).hexdigest()[:8]}" if model_dir else recipe
    path = BUILD / "model" / own / "model.tar.gz"
    if not path.is_file() or path.read_bytes() != archive:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive)
    return path
