"""Every digit of a picture in the order of reading, with where it stands: what `?digits=all` answers. Imported only when asked for.

Where digits touch, the model is shown each way to cut them, in the same call; which of them stand on the page its answers decide.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from functions.predict.reading.body import Body, read_body
from functions.shared.reading.batch import Batch
from recipes.errors import BlankImage, InvalidInput
from recipes.recipe import ImageInstance, Picture, Recipe

SEVERAL = 2  # the least count that a batch keeps
Taken = TypeVar("Taken")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The digits of pictures and the instances that are values, with what is said of each, and what is said of each picture."""

    digits: Batch
    predictions: list[dict[str, Any]]
    pictures: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Pages:
    """A body's pictures, and its instances that are values.

    Args:    batch: an instance for each picture, of zeros, and the values, in the body's order.
             pages: the pictures by their index in it.
             size: bytes of an instance.
    """

    batch: Batch
    pages: Mapping[int, Picture]
    size: int

    def list_instances(self) -> list[bytes]:
        """Return all that the model is to be shown."""
        return [instance for index in range(self._count()) for instance in self._list_instances(index)]

    def choose(self, predictions: Sequence[dict[str, Any]]) -> Chosen:
        """Return what the pictures hold by the predictions of all instances, in order."""
        values: list[bytes] = []
        kept: list[dict[str, Any]] = []
        details, pictures, at = [], [], 0
        for index in range(self._count()):
            about = self.batch.details[index] if self.batch.details else {}
            instances = self._list_instances(index)
            answers = dict(zip(instances, predictions[at : at + len(instances)], strict=True))
            at += len(instances)
            if index not in self.pages:
                values += instances
                kept += answers.values()
                details.append(about)
                continue
            page = self.pages[index].decide(answers)
            pictures.append({**about, "width": page.width, "height": page.height, "unread": [list(box) for box in page.unread]})
            values += [digit.instance for digit in page.found]
            kept += [answers[digit.instance] for digit in page.found]
            details += [{**about, "picture": len(pictures), **digit.describe_place()} for digit in page.found]
        return Chosen(Batch(b"".join(values), self.batch.notes, details=tuple(details)), kept, pictures)

    def _count(self) -> int:
        return len(self.batch.instances) // self.size

    def _list_instances(self, index: int) -> list[bytes]:
        if index in self.pages:
            return self.pages[index].list_instances()
        return [self.batch.instances[index * self.size : (index + 1) * self.size]]


def read_pages(body: Body, recipe: Recipe) -> Pages:
    """Return the pages in a body, however it is packed; instances that are values stay what they are.

    Raises:  BlankImage: there are pictures, and no digit on any of them.
             InvalidInput: of the kind that fits; or the recipe's pictures hold one instance each.
    """
    find = recipe.find_instances
    if find is None:
        raise InvalidInput("nothing is looked for in this model's pictures: each is answered as a whole", advice="Leave digits=all out.")
    batch, pages = take_pictures(body, recipe, find)
    found = Pages(batch, pages, recipe.instance_bytes)
    if pages and not found.list_instances():
        marks = sum(len(page.unread) for page in pages.values())
        unread = f"; {marks} marks could not be read" if marks else ""
        raise BlankImage(f"no {recipe.noun} was found{unread}", advice="Write larger and darker.")
    return found


def take_pictures(body: Body, recipe: Recipe, take: Callable[[bytes], Taken]) -> tuple[Batch, dict[int, Taken]]:
    """Return a body's batch, with zeros for each picture, and what `take` makes of each picture, by its index in the batch."""
    taken: list[Taken] = []

    def read_image(image: bytes) -> ImageInstance:
        # The count stands for the picture's number, so that the batch tells which of its instances is which picture.
        taken.append(take(image))
        return ImageInstance(bytes(recipe.instance_bytes), SEVERAL + len(taken) - 1)

    batch = read_body(body, recipe._replace(read_image=read_image))
    return batch, {index: taken[count - SEVERAL] for index, count in batch.counts.items()}
