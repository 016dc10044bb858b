"""One digit on paper of the kinds that the transform has branches for, as BMP: a mutant's changed byte is a changed pixel."""

import numpy as np
from PIL import Image, ImageDraw

from tests.digits import any_digit, encoded, on_page

SIDE_PX = 64
Y, X = np.mgrid[:SIDE_PX, :SIDE_PX] / SIDE_PX - 0.5


def draw_papers() -> tuple[bytes, ...]:
    """Return a digit in a frame, on ruled and on squared paper, in a shadow, of faint ink, and in colours equally light."""
    page = _write(90, 200)
    framed = page.copy()
    ImageDraw.Draw(framed).rectangle((6, 6, 57, 57), outline=60, width=2)
    ruled, squared, shadow = page.copy(), page.copy(), np.asarray(page) * np.where(X + 0.7 * Y > 0.05, 0.65, 1)
    for at in range(4, SIDE_PX, 12):
        ImageDraw.Draw(ruled).line((0, at, SIDE_PX, at + 1), fill=130)
        ImageDraw.Draw(squared).line((0, at, SIDE_PX, at), fill=130)
        ImageDraw.Draw(squared).line((at, 0, at, SIDE_PX), fill=130)
    coloured = Image.merge("RGB", [_write(*levels) for levels in ((200, 60), (80, 150), (60, 70))])
    papers = framed, *map(_shake, (ruled, squared, Image.fromarray(shadow.astype(np.uint8)))), _write(191, 200), coloured
    return tuple(encoded(paper, "BMP") for paper in papers)


def _write(pen: int, paper: int) -> Image.Image:
    return on_page(any_digit(), page_px=SIDE_PX, scale=1.6, right_px=11, down_px=10, paper=paper, pen=pen)


def _shake(image: Image.Image) -> Image.Image:
    """Return it with a sensor's noise."""
    noise = np.random.default_rng(0).normal(0, 2, (SIDE_PX, SIDE_PX))
    return Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype(np.uint8))
