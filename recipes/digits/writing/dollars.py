"""A dollar sign: an S with a bar through it that stands out above and below, which would be taken for an eight."""

from collections.abc import Callable

from recipes.digits.writing.part import Part

OUT = 0.06  # of its height, how far the bar stands out at least, above and below
MAX_BAR = 0.2  # of its height, how wide the bar is
CENTRE = (0.3, 0.7)  # of its width, where the bar is
DRAWN = 0.85  # of the rows have ink where the bar is
ASIDE = 0.12  # of its height, how far the S goes to either side of the bar, in its upper and in its lower half
UPPER, LOWER = (0.2, 0.45), (0.72, 0.88)  # the second below where a four has its crossbar
MIN_WIDTH = 0.35


def is_dollar(part: Part) -> bool:
    """Tell a dollar sign from an eight, whose top and bottom are round, and from a four, which has ink on one side of its stem."""
    if len(part.components) > 1 or not MIN_WIDTH * part.height <= part.width <= part.height:
        return False
    runs = part.components[0].runs
    height, out = part.height, max(1, round(OUT * part.height))
    above, below = runs[:out], runs[-out:]
    if above[-1][0] != part.top + out - 1 or below[0][0] != part.bottom - out:  # several runs in a row
        return False
    if max(end - start for _, start, end in (*above, *below)) > MAX_BAR * height:
        return False
    top, bottom = (sum(start + end for _, start, end in each) / 2 / out for each in (above, below))
    if not all(CENTRE[0] <= (at - part.left) / part.width <= CENTRE[1] for at in (top, bottom)):
        return False

    def find_bar(row: int) -> float:
        return top + (bottom - top) * (row - part.top) / height

    drawn = {row for row, start, end in runs if start - 1 <= find_bar(row) <= end + 1}
    return len(drawn) >= DRAWN * height and all(_goes_aside(part, band, find_bar) for band in (UPPER, LOWER))


def _goes_aside(part: Part, band: tuple[float, float], find_bar: Callable[[int], float]) -> bool:
    """Tell whether there is ink on both sides of the bar between two shares of the height."""
    first, last = (part.top + share * part.height for share in band)
    runs = [(find_bar(row) - start, end - find_bar(row)) for row, start, end in part.components[0].runs if first <= row < last]
    return all(max(side, default=0.0) >= ASIDE * part.height for side in zip(*runs, strict=True)) if runs else False
