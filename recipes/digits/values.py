"""Pictures' values that somebody saved as a picture, those of each in a row or a column: they would be read as strokes, and be ones.

As values of pictures, a row is like itself a picture's width farther on, and unlike the row below it. Nothing that is drawn is both.
"""

from math import isqrt

from PIL import Image, ImageChops

from recipes.errors import WrongShape

LINE_PX = 2  # across at most
LEAST, MOST = 8, 32  # the side of pictures of digits that are kept as values
LOOKED_AT_PX = 64  # rows
# How far values a picture's width apart differ, at most: of those half of it apart, and of how far rows usually differ from the next.
PERIOD, BELOW = 0.56, 1.6  # of values .1 to .55 and .1 to 1.6; of digits drawn beside each other .53 and 1.8, of most pages 1 and 2


def refuse_lines(grey: Image.Image) -> None:
    """Refuse a picture that is made of pictures' values; raise WrongShape."""
    width, height = size = grey.info["full_size"]
    if min(size) <= LINE_PX and max(size) >= LEAST**2:
        side = isqrt(width * height)
        values = f" If these are its values in a line: x.reshape({side}, {side})." if side * side == width * height else ""
        raise WrongShape(f"the picture is {width}×{height}, a line and no digit", advice=f"Send the picture itself.{values}")
    for across, called, row in ((grey.width, "rows", "x[0]"), (grey.height, "columns", "x[:, 0]")):
        side = isqrt(across)
        if not LEAST <= side <= MOST or side * side != across:
            continue
        rows = grey if called == "rows" else grey.transpose(Image.Transpose.TRANSPOSE)
        if _are_values(rows, side):
            raise WrongShape(
                f"the picture is {width}×{height}, and its {called} are the values of {rows.height} pictures of {side}×{side}",
                advice=f"Send each as a picture of its own: Image.fromarray({row}.reshape({side}, {side})).",
            )


def _are_values(grey: Image.Image, side: int) -> bool:
    """Return whether each row of an "L" image is the values of a picture of that side."""
    top = max(0, (grey.height - LOOKED_AT_PX) // 2)
    rows = grey.crop((0, top, grey.width, min(grey.height, top + LOOKED_AT_PX)))
    whole, half = (_measure(_compare(rows, apart, 0)) for apart in (side, side // 2))
    return whole < PERIOD * half and whole < BELOW * _measure_usual_row(_compare(rows, 0, 1))


def _compare(grey: Image.Image, right: int, down: int) -> Image.Image:
    """Return how far each pixel differs from the one so many pixels from it."""
    width, height = grey.size
    return ImageChops.difference(grey.crop((0, 0, width - right, height - down)), grey.crop((right, down, width, height)))


def _measure(difference: Image.Image) -> float:
    return sum(level * count for level, count in enumerate(difference.histogram())) / (difference.width * difference.height)


def _measure_usual_row(difference: Image.Image) -> float:
    """Return the median of the rows' means: printed lines differ much from the row below, and are few."""
    means = sorted(difference.resize((1, difference.height), Image.Resampling.BOX).tobytes())
    return means[len(means) // 2]
