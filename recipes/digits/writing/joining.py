"""Which components of a page belong together: a digit's bar, its broken strokes, its halves; and which are none of the writing.

A part is left out where the page's border cuts it off, or where it is a frame.
"""

from collections.abc import Iterable

from recipes.digits.ink.components import Component
from recipes.digits.writing.bars import join_bars
from recipes.digits.writing.company import find_company
from recipes.digits.writing.frames import part_frames
from recipes.digits.writing.neighbours import Budget, Neighbours
from recipes.digits.writing.part import MIN_SIDE_PX, Part, find_usual_size
from recipes.digits.writing.signs import join_percents
from recipes.digits.writing.underlines import part_underline

POINT = 0.25  # of a digit's height, how large a point is, and how far from its foot
# Of the usual size: how far a broken digit's pieces are apart, how low one of them is, and how wide and high they are together.
BROKEN, LOW, MAX_BROKEN_WIDTH, MAX_BROKEN_HEIGHT = 0.1, 0.75, 0.9, 1.2
ABOVE = 0.2  # of the narrower one's width, how much of it is over or under the other
FLAT, BAR_REACH, MAX_BARRED_WIDTH = 0.65, 0.35, 1.2  # of its width; of the five's height from its top; of the usual size
UNDERLINE, LONG = 1.15, 4.0  # of a digit's width, how wide the line under it is at least; of its height
FLUSH, NEAR = 0.1, 0.05  # of its width, how far apart the sides are of halves of any size; of their height together, how far they are apart
MAX_DISTANCE = 1 << 32  # squared; no page is so large
MAX_JOINED = 1.25  # of the usual size, the height of two halves together


def find_parts(found: Iterable[Component], width: int, height: int) -> tuple[list[Part], list[Part]]:
    """Return what is written on a page of that size, those components joined that belong together; and frames drawn about it.

    Raises:  TooLarge: there are too many of them, or too many close to each other.
    """
    marks = [component for component in found if component.area >= MIN_SIDE_PX]
    budget = Budget(len(marks))
    parts = [Part.from_component(each) for component in marks for each in part_underline(component)]
    parts = [part for part in parts if not _is_edge(part, width, height)]
    usual = find_usual_size(parts)
    parts = [part for part in parts if not _is_cut_off(part, width, height, usual)]
    parts, frames = part_frames(parts, budget)
    return _join_parts(join_percents(join_bars(parts, budget), budget), budget), frames


def _is_edge(part: Part, width: int, height: int) -> bool:
    """Tell the table beside the paper, a frame, or a shadow along the border: it touches the border and follows it far."""
    along_x, along_y = part.width > 0.5 * width, part.height > 0.5 * height
    at_x, at_y = part.left <= 1 or part.right >= width - 1, part.top <= 1 or part.bottom >= height - 1
    frame = along_x and along_y and part.fill < 0.15
    return frame or (at_y and along_x and part.width > 3 * part.height) or (at_x and along_y and part.height > 6 * part.width)


def _is_cut_off(part: Part, width: int, height: int, usual: int) -> bool:
    """Tell what the border leaves of something else: a sliver along it, a corner, or a wedge that lies flush with it."""
    at_x, at_y = part.left <= 1 or part.right >= width - 1, part.top <= 1 or part.bottom >= height - 1
    if at_x and at_y and not 0.5 * usual <= part.size <= 1.6 * usual:
        return True
    if at_x and part.fill > 0.6 and _count_flush_rows(part, width) > 0.6 * part.height:
        return True
    return (at_x and part.width < 0.35 * usual and part.height < 0.85 * usual) or (at_y and part.height < 0.25 * usual)


def _count_flush_rows(part: Part, width: int) -> int:
    """Return in how many rows the part touches the left or the right border."""
    return len({row for component in part.components for row, start, end in component.runs if start <= 1 or end >= width - 1})


def _join_parts(parts: list[Part], budget: Budget) -> list[Part]:
    """Return the parts with the small ones in the larger ones they are part of, and the two halves of a broken digit as one."""
    usual = find_usual_size(parts)
    whole: list[Part] = []
    near = Neighbours[Part](budget)
    company = find_company(parts, budget)
    for part in sorted(parts, key=lambda part: -part.area):
        others = near.find(part, least_size=part.size) if id(part) not in company else []
        hosts = [other for other in others if _is_piece_of(part, other, usual) or _is_bar_of(part, other, usual)]
        if hosts:
            (hosts[0] if len(hosts) == 1 else _find_nearest(part, hosts, budget)).join(part)
        else:
            whole.append(part)
            near.add(part)
    return _join_halves(whole, company, budget)


def _join_halves(whole: list[Part], company: set[int], budget: Budget) -> list[Part]:
    usual = find_usual_size(whole)
    done: list[Part] = []
    near = Neighbours[Part](budget)
    for part in whole:
        candidates = near.find(part) if part.height <= MAX_JOINED * usual else []
        lone = id(part) not in company
        other = next(
            (
                other
                for other in candidates
                if (_are_halves(part, other, usual) or ((lone or _are_above(part, other)) and _are_fragments(part, other, usual)))
                and not _is_underline(part, other)
                and not _is_underline(other, part)
            ),
            None,
        )
        if other is None:
            done.append(part)
            near.add(part)
        else:
            other.join(part)
    return done


def _measure_gaps(one: Part, other: Part) -> tuple[int, int]:
    """Return how far the boxes are apart, across and down; negative where they overlap."""
    return max(one.left, other.left) - min(one.right, other.right), max(one.top, other.top) - min(one.bottom, other.bottom)


def _is_piece_of(part: Part, host: Part, usual: int) -> bool:
    """Tell a detached bar, a broken stroke or a speck: much less ink than its host, and close to it."""
    if part.area > 0.5 * host.area or part.size > 0.65 * max(host.digit_size, usual):
        return False
    across, down = _measure_gaps(part, host)
    if _is_underline(part, host):
        return False
    if across > 0 and part.size <= POINT * host.height and part.row > host.bottom - POINT * host.height:
        return across <= 0.02 * host.digit_size  # else a point beside it
    alone = part.height > 0.35 * host.height and part.fill < 0.6 and part.width < 1.5 * part.height  # it might be a smaller digit
    return across <= (0.03 if alone else 0.1) * host.digit_size and down <= (0.06 if alone else 0.2) * host.digit_size


def _is_bar_of(part: Part, host: Part, usual: int) -> bool:
    """Tell a five's bar that was written apart: flat, at its host's top, over its right end and often far beyond; a minus stands lower."""
    across, down = _measure_gaps(part, host)
    return (
        part.height <= FLAT * part.width
        and part.right > host.right
        and across <= 0
        and down <= BROKEN * usual
        and part.row <= host.top + BAR_REACH * host.height
        and part.right - host.left <= MAX_BARRED_WIDTH * usual
        and host.bottom - min(part.top, host.top) <= MAX_BROKEN_HEIGHT * usual
        and not _is_underline(part, host)
    )


def _is_underline(part: Part, other: Part) -> bool:
    """Tell a line under something, or over it, which is wider: a digit's own bar is not."""
    _, down = _measure_gaps(part, other)
    return part.width > UNDERLINE * other.width and part.width > LONG * part.height and -down <= part.height


def _are_above(one: Part, other: Part) -> bool:
    """Tell two parts of which one is above the other, as small digits of a row are not."""
    return -_measure_gaps(one, other)[0] > ABOVE * min(one.width, other.width)


def _are_halves(one: Part, other: Part, usual: int) -> bool:
    """Tell two halves of a digit, one above the other, together as high as digits are, or as they are wide."""
    across, down = _measure_gaps(one, other)
    together = max(one.bottom, other.bottom) - min(one.top, other.top)
    if max(abs(one.left - other.left), abs(one.right - other.right)) <= FLUSH * one.width and 0 < down <= NEAR * together:
        return True  # a display's zero, whose upper and lower bars are as high as digits where all come so
    return (
        -across >= 0.5 * min(one.width, other.width)
        and down <= 0.12 * together
        and -down <= 0.3 * min(one.height, other.height)
        and together <= MAX_JOINED * max(usual, one.width, other.width)
    )


def _are_fragments(one: Part, other: Part, usual: int) -> bool:
    """Tell two pieces of a digit, however they lie to each other: close, one of them low, and together no larger than a digit."""
    across, down = _measure_gaps(one, other)
    return (
        max(across, down) <= BROKEN * usual
        and min(one.height, other.height) <= LOW * usual
        and min(one.size, other.size) > POINT * usual
        and max(one.right, other.right) - min(one.left, other.left) <= MAX_BROKEN_WIDTH * usual
        and max(one.bottom, other.bottom) - min(one.top, other.top) <= MAX_BROKEN_HEIGHT * usual
    )


def _find_nearest(part: Part, hosts: list[Part], budget: Budget) -> Part:
    """Return the host whose runs are nearest to the part's."""
    ours = part.outline[:: len(part.outline) // 32 + 1]

    def measure_distance(host: Part) -> int:
        theirs = host.outline[:: len(host.outline) // 128 + 1]
        budget.spend(len(ours) * len(theirs) // 4)  # each takes a quarter of the time of two boxes
        nearest = MAX_DISTANCE
        for a, b, c in ours:
            for d, e, f in theirs:
                if (down := (a - d) ** 2) < nearest and (away := down + max(0, b - f, e - c) ** 2) < nearest:
                    nearest = away
        return nearest

    return min(hosts, key=measure_distance)
