"""Every digit of one picture in the order of reading, with where it stands: what `?digits=all` answers. Imported only when asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from functions.predict.body import Body, read_body
from functions.shared.reading.requests import Batch
from recipes.errors import BlankImage, InvalidInput, TooLarge, WrongShape
from recipes.instances import MAX_INSTANCES
from recipes.recipe import FoundInstance, ImageInstance, Recipe


@dataclass(frozen=True, slots=True)
class ReadPage:
    """The digits of a picture, and what the answer says of the picture itself."""

    digits: Batch
    facts: Mapping[str, Any]


def read_page(body: Body, recipe: Recipe) -> ReadPage:
    """Return every digit in the one picture that a body holds, however it is packed.

    Raises:  WrongShape: the body holds something else than one picture.
             BlankImage: nothing is drawn, or no digit is among what is.
             TooLarge: more digits than a request may have.
             InvalidInput: of the kind that fits; or the recipe's pictures hold one instance each.
    """
    find = recipe.find_instances
    if find is None:
        raise InvalidInput("this model's pictures hold no digits to be found", advice="Leave digits=all out.")
    pictures: list[bytes] = []

    def keep(image: bytes) -> ImageInstance:
        pictures.append(image)
        return ImageInstance(bytes(recipe.instance_bytes))

    batch = read_body(body, replace(recipe, read_image=keep))
    if len(pictures) != 1 or len(batch.instances) != recipe.instance_bytes:
        held = f"{len(pictures)} pictures" if len(pictures) > 1 else "values" if not pictures else "a picture and values"
        raise WrongShape(f"digits=all is for one picture; the request holds {held}", advice="Send one picture a request.")
    page = find(pictures[0])
    if not page.found:
        marks = f"; {len(page.unread)} marks on it could not be read" if page.unread else ""
        raise BlankImage(f"no digit was found in the picture{marks}", advice="Write them darker and larger, and send that.")
    if len(page.found) > MAX_INSTANCES:
        raise TooLarge(
            f"the picture has {len(page.found):,} digits; the limit of a request is {MAX_INSTANCES:,}",
            advice="Make a job of it: POST /jobs.",
        )
    about = batch.details[0] if batch.details else {}
    return ReadPage(
        Batch(b"".join(each.instance for each in page.found), details=tuple({**about, **_describe(each)} for each in page.found)),
        {"image": {"width": page.width, "height": page.height}, "unread": [list(box) for box in page.unread]},
    )


def _describe(digit: FoundInstance) -> dict[str, Any]:
    box = {} if digit.box is None else {"box": list(digit.box)}  # one digit that fills the picture has none
    return {**box, "line": digit.line, "after": digit.after}
