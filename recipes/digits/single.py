"""Whether a picture of few digits is rather of one: on squared paper, in a box or in pale pencil a digit's ink may come as several parts.

Reading the whole picture as one digit takes printed lines and paper away by other means, so each reading catches what the other misses.
"""

from recipes.recipe import Box, FoundInstance, ImageInstance, Picture, Place, Trust

FEW = 8  # parts that one digit's ink may come as
MANY = 20  # parts that paper's edges and specks come as; more beside a large one are writing
LARGE = 0.5  # of the largest part's size: smaller ones may be what is left of printed lines
TRUSTED = 0.5  # from it, a part counts as a digit
SURE = 0.8  # from it, the whole does: two digits that touch are trusted less
SEEN = 0.1  # of the longer side: digits of half of that are read in the whole picture
INSIDE = 0.3  # of a part's box is in the digit's: it is a piece of it
CLOSE = 0.05  # by so much a piece may be trusted more than the whole
SLIM, LOW = 0.3, 0.75  # of its height, how wide a piece of a printed line is at most; of the digit's, how high


def may_be_single(picture: Picture) -> bool:
    """Return whether so few parts were found that they may be one digit."""
    sizes = [max(part.box[2:]) for part in picture.found if part.box]
    least = LARGE * max(sizes, default=0)
    return sum(size >= least for size in sizes) <= FEW


def may_be_empty(picture: Picture) -> bool:
    """Return whether what was found may be paper: few parts, as a gleam's edges are, or upright strokes alone, as pieces of lines are.

    Digits of that size, and ones, are seen in the whole picture, too.
    """
    boxes = [part.box for part in picture.found if part.box]
    if len(boxes) < len(picture.found):
        return False
    is_large = max(max(box[2:]) for box in boxes) >= SEEN * max(picture.width, picture.height)
    return (is_large and len(boxes) <= MANY and may_be_single(picture)) or all(box[2] < SLIM * box[3] for box in boxes)


def choose_single(picture: Picture, single: ImageInstance, trust: Trust) -> Picture:
    """Return the picture as one digit where the model trusts that more than the parts; and no other digit is beside it.

    Args:    single: the picture read as one digit.
             trust: how far the model's answer to what was found, and to that, can be trusted.
    """
    said = trust(single.values)
    if said < SURE or single.place is None:
        return picture
    box = _scale(single.place, picture)
    pieces: list[FoundInstance] = []
    outside: list[FoundInstance] = []
    for part in picture.found:
        is_inside = part.box is None or _measure_share(part.box, box) >= INSIDE
        (pieces if is_inside else outside).append(part)
    trusts = [trust(part.instance) for part in pieces]
    others = [part for part in outside if trust(part.instance) >= TRUSTED]
    if any(not _is_remains(part, box) for part in others) or max(trusts, default=0.0) > said + CLOSE:
        return picture
    is_clear = min(trusts, default=0.0) >= (TRUSTED if len(pieces) > 1 else said)
    if is_clear and len(others) == len(outside) <= FEW:
        return picture
    unread = [*(part.box for part in outside if part.box), *(each for each in picture.unread if _measure_share(each, box) < INSIDE)]
    # Without ink about the whole, what stood beside a piece of it was a piece as well.
    before, after = (pieces[0].before, pieces[-1].after) if single.marks and pieces else ("", "")
    found = FoundInstance(single.values, box if unread or before or after else None, after=after, before=before)
    return picture._replace(found=[found], unread=unread)


def _is_remains(part: FoundInstance, digit: Box) -> bool:
    """Tell what is left of a printed line, which the model takes for a one."""
    return part.box is not None and part.box[3] < LOW * digit[3] and part.box[2] < SLIM * part.box[3]


def _scale(place: Place, picture: Picture) -> Box:
    across, down = picture.width, picture.height
    left, top, right, bottom = round(place[0] * across), round(place[1] * down), round(place[2] * across), round(place[3] * down)
    return left, top, max(1, right - left), max(1, bottom - top)


def _measure_share(part: Box, box: Box) -> float:
    """Return the share of a part's box that is in another."""
    across = min(part[0] + part[2], box[0] + box[2]) - max(part[0], box[0])
    down = min(part[1] + part[3], box[1] + box[3]) - max(part[1], box[1])
    return max(0, across) * max(0, down) / (part[2] * part[3])
