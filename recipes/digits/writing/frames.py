"""A ring or another frame that is drawn about digits: it is told of as unread, and what is in it is read."""

from collections.abc import Sequence

from recipes.digits.writing.neighbours import Budget, Neighbours
from recipes.digits.writing.part import Part

LEAST_INSIDE = 0.25  # of the frame's height is what it is drawn about; less is a dotted zero's dot
MAX_FILL = 0.45  # of the frame's box is ink


def part_frames(parts: Sequence[Part], budget: Budget) -> tuple[list[Part], list[Part]]:
    """Return the parts that frame no other, and those that do.

    Raises:  TooLarge: so many parts are close to each other that this would take too long.
    """
    near = Neighbours[Part](budget)
    for part in parts:
        near.add(part)
    frames = [part for part in parts if part.fill <= MAX_FILL and any(_is_about(part, other, budget) for other in near.find(part))]
    ids = set(map(id, frames))
    return [part for part in parts if id(part) not in ids], frames


def _is_about(frame: Part, part: Part, budget: Budget) -> bool:
    """Tell whether a part stands in another, with its ink on all four sides."""
    if part.height < LEAST_INSIDE * frame.height:
        return False
    if not (frame.left < part.left and part.right < frame.right and frame.top < part.top and part.bottom < frame.bottom):
        return False
    runs = [run for component in frame.components for run in component.runs]
    budget.spend(len(runs) // 8)
    row, column = int(part.row), int(part.middle)
    beside = [start for each, start, _ in runs if each == row]
    across = [each for each, start, end in runs if start <= column < end]
    return (
        any(start < part.left for start in beside)
        and any(start >= part.right for start in beside)
        and any(each < part.top for each in across)
        and any(each >= part.bottom for each in across)
    )
