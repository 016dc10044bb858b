"""What the model saw, beside its predictions: the values, or a picture of them. Imported only when asked for."""

import base64
import io
from collections.abc import Sequence
from typing import Any

from PIL import Image

from recipes.errors import TooLarge
from recipes.recipe import Recipe

MAX_VALUES = 1_000_000  # of an answer: each takes up to four characters, and Lambda answers 6 MB
MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # Pillow's, by the values of a pixel


def show_instances(predictions: Sequence[dict[str, Any]], instances: bytes, recipe: Recipe, shown: str) -> list[dict[str, Any]]:
    """Return the predictions, each with its instance: as `pixels`, a list of its values, or as `seen`, a data: URL of a PNG.

    Args:    shown: which of the two.
    Raises:  TooLarge: the values are more than an answer can hold.
    """
    size = recipe.instance_bytes
    seen = [instances[at : at + size] for at in range(0, len(instances), size)]
    if shown == "seen":
        return [{**each, "seen": draw(values, recipe.instance_shape)} for each, values in zip(predictions, seen, strict=True)]
    if len(instances) > MAX_VALUES:
        raise TooLarge(
            f"the model saw {len(instances):,} values; include=pixels shows {MAX_VALUES:,} at most",
            advice="Send fewer at once, or ask with include=seen: a PNG of each is shorter.",
        )
    return [{**each, "pixels": list(values)} for each, values in zip(predictions, seen, strict=True)]


def draw(instance: bytes, shape: tuple[int, ...]) -> str:
    """Return an instance of rows and columns, and perhaps channels, as a data: URL of a PNG."""
    rows, columns, channels = (*shape, 1)[:3]
    file = io.BytesIO()
    Image.frombytes(MODES[channels], (columns, rows), instance).save(file, "PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
