"""A request's body into instances, by its content type."""

from collections.abc import Callable

from functions.shared.reading.requests import Batch, read_csv, read_image, read_json, read_npy
from recipes import images, npy
from recipes.errors import UnsupportedType
from recipes.media_types import CSV, JPEG, JSON, NPY, OCTET_STREAM, PNG
from recipes.recipe import Recipe

Reader = Callable[[bytes, Recipe], Batch]
READERS: dict[str, Reader] = {PNG: read_image, JPEG: read_image, JSON: read_json, CSV: read_csv, NPY: read_npy}


def decode(body: bytes, content_type: str, recipe: Recipe) -> Batch:
    """Return the instances in the body.

    Args:    content_type: a media type; if empty or application/octet-stream, the first bytes tell a picture or an array.
    Raises:  InvalidInput: of the kind that fits, naming the place.
    """
    if content_type in {"", OCTET_STREAM}:
        content_type = images.sniff(body) or (NPY if body.startswith(npy.MAGIC) else content_type)
    reader = READERS.get(content_type)
    if reader is None:
        known = [kind for kind, reader in READERS.items() if recipe.takes_pictures or reader is not read_image]
        raise UnsupportedType(
            f"the content type is {content_type[:80]!r}" if content_type else "the request has no content type",
            advice=f"Send {', '.join(known)}.",
        )
    return reader(body, recipe)
