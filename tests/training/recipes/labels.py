"""What a model makes of the digits that were found on a picture."""

import numpy as np

from recipes.recipe import Picture
from training.artifact import OnnxModel


def read_labels(picture: Picture, model: OnnxModel) -> list[int]:
    """Return the label of each digit, in reading order."""
    instances = np.frombuffer(b"".join(found.instance for found in picture.found), np.uint8).reshape(-1, 28, 28)
    return [int(label) for label in model.predict(instances).argmax(1)]
