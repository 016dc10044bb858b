"""A body's bytes into instances, by what they are."""

from collections.abc import Callable

from functions.predict.reading.kinds import recognize
from functions.shared.reading.batch import Batch
from functions.shared.reading.requests import read_csv, read_image, read_json, read_npy, read_npz
from recipes.errors import InvalidInput, UnsupportedType
from recipes.media_types import CSV, JSON, NPY, NPZ, PICTURES
from recipes.recipe import Recipe

Reader = Callable[[bytes, Recipe], Batch]
READERS: dict[str, Reader] = {**dict.fromkeys(PICTURES, read_image), JSON: read_json, CSV: read_csv, NPY: read_npy, NPZ: read_npz}


def decode(body: bytes, content_type: str, recipe: Recipe) -> Batch:
    """Return the instances in the body.

    Args:    content_type: what the sender calls the body; it counts where the bytes do not tell.
    Raises:  InvalidInput: of the kind that fits, naming the place.
    """
    reader = READERS.get(recognize(body, content_type))
    if reader is None:
        known = [kind for kind, reader in READERS.items() if recipe.takes_pictures or reader is not read_image]
        called = f"the content type is {content_type[:80]!r}" if content_type else "the request has no content type"
        raise UnsupportedType(
            f"{called}, and the bytes do not tell what it is", advice=f'Say it in the header "content-type: …": {", ".join(known)}.'
        )
    return reader(body, recipe)


def decode_or_explain(content: bytes, media_type: str, recipe: Recipe) -> Batch:
    """Return the instances; an error tells which tool's mistake this is, where one is known."""
    try:
        return decode(content, media_type, recipe)
    except InvalidInput as error:
        refusal = error
    refusal.release_frames()  # they hold what was read of the content, which is read once more now
    from functions.shared.reading.mistakes.bodies import explain_request  # noqa: PLC0415 - most starts never need it

    raise explain_request(refusal, content, recipe)
