"""The weights that a DenseNet begins with: published ones of a folder, or of torchvision where it is installed, else random ones."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from recipes.errors import InvalidSettings
from training.trainers.densenet import DenseNet, load_weights

FOLDER_VARIABLE = "INFERSTACK_WEIGHTS_DIR"
RANDOM = "random"


def begin(network: DenseNet, name: str, source: str) -> str:
    """Put the first weights into a network, and return what they are, for the manifest.

    Args:    name: of the network, as in SIZES.
             source: "published", from $INFERSTACK_WEIGHTS_DIR, else from torchvision, else random; or "random".
    Raises:  InvalidSettings: another source, or a folder without a file of this network.
             InvalidArtifact: the file holds another network's weights.
    """
    if source not in {"published", RANDOM}:
        raise InvalidSettings(f"weights is {source!r}; expected published or {RANDOM}")
    if source == RANDOM:
        return RANDOM
    if folder := os.environ.get(FOLDER_VARIABLE):
        path = _find_file(Path(folder), name)
        load_weights(network, torch.load(path, map_location="cpu", weights_only=True))
        return f"{path.name}, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
    weights = _read_torchvision(name)
    if weights is None:
        return f"{RANDOM}, because ${FOLDER_VARIABLE} names no folder and torchvision is not installed"
    load_weights(network, weights)
    return "torchvision's, of ImageNet"


def _find_file(folder: Path, name: str) -> Path:
    """Return the one file of a network: densenet121-a639ec97.pth, as torchvision's is called, or any that begins with its name."""
    found = sorted([*folder.glob(f"{name}*.pth"), *folder.glob(f"{name}*.pt")])
    if len(found) != 1:
        files = ", ".join(path.name for path in found) or "no such file"
        raise InvalidSettings(
            f"${FOLDER_VARIABLE} is {folder}, which has {files}; expected one file {name}*.pth",
            advice="Put https://download.pytorch.org/models/densenet121-a639ec97.pth there, or unset it.",
        )
    return found[0]


def _read_torchvision(name: str) -> Mapping[str, Tensor] | None:
    try:
        from torchvision import models  # type: ignore[import-not-found]  # noqa: PLC0415 - it need not be installed
    except ImportError:
        return None
    weights: Mapping[str, Tensor] = models.get_model_weights(name).DEFAULT.get_state_dict(progress=False)
    return weights
