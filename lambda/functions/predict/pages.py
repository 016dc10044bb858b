"""Every digit of a picture in the order of reading, with where it stands: what `?digits=all` answers. Imported only when asked for."""

from dataclasses import dataclass, replace
from typing import Any

from functions.predict.body import Body, read_body
from functions.shared.reading.requests import Batch
from recipes.errors import BlankImage, InvalidInput
from recipes.recipe import ImageInstance, Picture, Recipe

SEVERAL = 2  # the least count that a batch keeps


@dataclass(frozen=True, slots=True)
class Pages:
    """The digits of a body's pictures, with what is said of each, and what is said of each picture."""

    digits: Batch
    pictures: list[dict[str, Any]]


def read_pages(body: Body, recipe: Recipe) -> Pages:
    """Return every digit of each picture in a body, however it is packed; instances that are values stay what they are.

    Raises:  BlankImage: there are pictures, and no digit on any of them.
             InvalidInput: of the kind that fits; or the recipe's pictures hold one instance each.
    """
    find = recipe.find_instances
    if find is None:
        raise InvalidInput("this model's pictures hold no digits to be found", advice="Leave digits=all out.")
    pages: list[Picture] = []

    def read_image(image: bytes) -> ImageInstance:
        # The count stands for the page's number, so that the batch tells which of its instances is which page.
        pages.append(find(image))
        return ImageInstance(bytes(recipe.instance_bytes), SEVERAL + len(pages) - 1)

    batch, size = read_body(body, replace(recipe, read_image=read_image)), recipe.instance_bytes
    values, details, pictures = [], [], []
    for index in range(len(batch.instances) // size):
        about = batch.details[index] if batch.details else {}
        if index not in batch.counts:
            values.append(batch.instances[index * size : (index + 1) * size])
            details.append(about)
            continue
        page = pages[batch.counts[index] - SEVERAL]
        pictures.append({**about, "width": page.width, "height": page.height, "unread": [list(box) for box in page.unread]})
        values += [digit.instance for digit in page.found]
        details += [{**about, "picture": len(pictures), **digit.describe_place()} for digit in page.found]
    if pictures and not values:
        marks = sum(len(page.unread) for page in pages)
        raise BlankImage(f"no digit was found{f'; {marks} marks could not be read' if marks else ''}", advice="Write larger and darker.")
    return Pages(Batch(b"".join(values), batch.notes, details=tuple(details)), pictures)
