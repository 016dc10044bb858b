"""The paper under one digit's ink: its level at every pixel, and its noise. Pillow and plain Python."""

from operator import itemgetter, mul
from typing import NamedTuple, NoReturn

from PIL import Image, ImageChops

from recipes.errors import BlankImage

MIN_CONTRAST = 12  # of 255 levels
DARKEST = 16  # levels: a picture of these alone was saved with values of another scale, as masks (1) and scikit-learn's digits (16) are
RING_CELLS = 28  # the paper is read off the outermost cells of a grid of this many
FLAT_SHARE = 0.9  # of the border's pixels on one level: it is drawn, not photographed
CUT_PAPER, CUT_EVEN = 0.3, 0.7  # of the border of a drawn digit that was cut out close is on the paper's level, and of what is no ink there
CUT_INK, CUT_PALE, CUT_BETWEEN = 0.5, 0.1, 2  # of its contrast what is ink, and what is no paper; times the ink, the most between them
MAX_DEVIATION = (
    10  # levels: where more of the border is so far from the plane, something else than ink touches it, or the light is no plane
)
MAX_OTHER_SIDE = 0.01  # of the ink's energy: what stands out to the other side is a gleam
_LAST = RING_CELLS - 1
_RING = [(x, y) for y in range(RING_CELLS) for x in (range(RING_CELLS) if y in {0, _LAST} else (0, _LAST))]
_RING_X, _RING_Y = ([2 * cell[axis] - _LAST for cell in _RING] for axis in (0, 1))
_cut_ring = itemgetter(*(y * RING_CELLS + x for x, y in _RING))
_CUBES = [level**3 for level in range(256)]
Levels = list[tuple[int, int]]  # (level, how many pixels have it), lowest first, without levels that none has


class Ink(NamedTuple):
    """How far each pixel stands out from the paper.

    Args:    size: width and height in pixels.
             pixels: a byte each, row by row.
             histogram: how many pixels have each level, from 0 on.
             noise: one sigma of the paper's, in levels.
             is_alone: whether nothing else stands out, as printed lines and the edges of shadows do by less.
    """

    size: tuple[int, int]
    pixels: bytes
    histogram: list[int]
    noise: float
    is_alone: bool = True

    @classmethod
    def of_image(cls, image: Image.Image, noise: float, *, is_alone: bool = True) -> "Ink":
        """Return the ink that an "L" image shows."""
        return cls(image.size, image.tobytes(), image.histogram(), noise, is_alone)

    @property
    def strongest(self) -> int:
        """The highest level that a pixel has."""
        return next(level for level in reversed(range(len(self.histogram))) if self.histogram[level])


class _Plane(NamedTuple):
    """Grey level over the picture: at its centre, and its slopes from edge to edge."""

    level: float
    slope_x: float
    slope_y: float

    def render(self, size: tuple[int, int]) -> Image.Image:
        """Return it as an "L" image."""
        corners = Image.new("F", (2, 2))
        for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
            corners.putpixel((x, y), self.level + (x - 0.5) * self.slope_x + (y - 0.5) * self.slope_y)
        # Between the centres of four pixels, bilinear interpolation is the plane itself.
        return corners.resize(size, Image.Resampling.BILINEAR, box=(0.5, 0.5, 1.5, 1.5)).convert("L")


def measure_even(grey: Image.Image) -> Ink | None:
    """Return how far each pixel of an "L" image stands out from the paper, on the side the ink is; None if no plane is the paper."""
    pixels = grey.tobytes()
    edge = _cut_border(pixels, *grey.size)
    if edge.count(edge[:1]) == len(edge):
        return _measure_flat(grey, pixels, edge[0])
    border = _count_levels(edge)
    count = max(border)
    level = border.index(count) if count >= FLAT_SHARE * sum(border) else _find_cut_paper(border, grey)
    if level is not None:
        return _measure_flat(grey, pixels, level)
    paper = _fit_paper(grey).render(grey.size)
    deviation = list_levels(_count_deviations(edge, _cut_border(paper.tobytes(), *grey.size)))
    if find_percentile(deviation, 0.97) > MAX_DEVIATION:
        return None
    noise = find_percentile(deviation, 0.68)  # two thirds of a normal distribution
    lighter = ImageChops.lighter(paper, grey)
    dark, light = ImageChops.subtract_modulo(lighter, grey), ImageChops.subtract_modulo(lighter, paper)  # half of what `subtract` takes
    sides = [(compute_energy(histogram := side.histogram(), noise), side, histogram) for side in (dark, light)]
    less, more = sorted(sides, key=itemgetter(0))
    if less[0] > MAX_OTHER_SIDE * more[0]:
        return None
    return Ink(grey.size, more[1].tobytes(), more[2], noise)


def _find_cut_paper(border: list[int], grey: Image.Image) -> int | None:
    """Return the level of a drawn digit's paper that was cut so close about it that strokes are on the border; None if it was not.

    Most pixels have that level, as no photo's have, and of the rest few are between it and the ink: a stroke's soft edge, but no shadow.
    """
    levels = list_levels(grey.histogram())
    paper, _ = max(levels, key=itemgetter(1))
    full = max(paper - levels[0][0], levels[-1][0] - paper)
    pale = sum(count for level, count in enumerate(border) if abs(level - paper) < CUT_PALE * full)
    if border[paper] < max(CUT_PAPER * sum(border), CUT_EVEN * pale):
        return None
    ink, other = (sum(count for level, count in levels if abs(level - paper) >= share * full) for share in (CUT_INK, CUT_PALE))
    return paper if other - ink <= CUT_BETWEEN * ink else None


def _measure_flat(grey: Image.Image, pixels: bytes, paper: int) -> Ink:
    """Return the ink on paper of one level: the same, by tables in place of pictures."""
    histogram = grey.histogram()
    darks = [sum(histogram[paper:]), *histogram[:paper][::-1]]
    lights = [sum(histogram[: paper + 1]), *histogram[paper + 1 :]]
    if paper == 255 or (paper and compute_energy(darks, 0) > compute_energy(lights, 0)):
        return Ink(grey.size, pixels.translate(bytes(range(paper, 0, -1)) + bytes(256 - paper)), darks, 0)
    return Ink(grey.size, pixels.translate(bytes(paper) + bytes(range(256 - paper))) if paper else pixels, lights, 0)


def list_levels(histogram: list[int]) -> Levels:
    """Return the levels of a histogram that a pixel has."""
    return [(level, count) for level, count in enumerate(histogram) if count]


def find_percentile(levels: Levels, share: float) -> int:
    """Return the level that this share of the pixels does not exceed."""
    target, below = share * sum(count for _, count in levels), 0
    for level, count in levels:
        below += count
        if below >= target:
            return level
    return 0


def _fit_paper(grey: Image.Image) -> _Plane:
    """Fit a plane to the border, without the fifth of it that fits worst: ink may touch the border."""
    ring = _cut_ring(grey.resize((RING_CELLS, RING_CELLS), Image.Resampling.BOX).tobytes())
    median = sorted(ring)[len(ring) // 2]
    distances = [abs(level - median) for level in ring]
    kept = sorted(range(len(ring)), key=distances.__getitem__)[: len(ring) * 4 // 5]
    return _fit_plane([_RING_X[at] for at in kept], [_RING_Y[at] for at in kept], [ring[at] for at in kept])


def _fit_plane(xs: list[int], ys: list[int], levels: list[int]) -> _Plane:
    """Return the plane through points by the normal equations, centred so that two unknowns are left.

    Args:    xs, ys: of the points, in half cells from the centre: all sums are of whole numbers.
    """
    n, x, y, level = len(xs), sum(xs), sum(ys), sum(levels)
    xx, yy, xy = (n * _dot(a, b) - a_sum * b_sum for a, b, a_sum, b_sum in ((xs, xs, x, x), (ys, ys, y, y), (xs, ys, x, y)))
    xl, yl = n * _dot(xs, levels) - x * level, n * _dot(ys, levels) - y * level
    determinant = xx * yy - xy * xy
    if not determinant:  # the kept cells lie on a line
        return _Plane(level / n, 0, 0)
    slope_x, slope_y = (xl * yy - yl * xy) / determinant, (yl * xx - xl * xy) / determinant
    return _Plane((level - slope_x * x - slope_y * y) / n, slope_x * 2 * RING_CELLS, slope_y * 2 * RING_CELLS)


def _dot(some: list[int], others: list[int]) -> int:
    return sum(map(mul, some, others))


def _cut_border(pixels: bytes, width: int, height: int) -> bytes:
    """Return the pixels of the border, a cell thick; the corners are there twice."""
    thickness = max(1, min(width, height) // RING_CELLS)
    columns = [pixels[at::width] for at in (*range(thickness), *range(width - thickness, width))]
    return b"".join([pixels[: thickness * width], pixels[-thickness * width :], *columns])


def _count_levels(pixels: bytes) -> list[int]:
    return _to_line(pixels).histogram()


def _count_deviations(some: bytes, others: bytes) -> list[int]:
    return ImageChops.difference(_to_line(some), _to_line(others)).histogram()


def _to_line(pixels: bytes) -> Image.Image:
    return Image.frombytes("L", (len(pixels), 1), pixels)


def compute_energy(histogram: list[int], noise: int) -> int:
    """Return how much of it stands out from the noise."""
    # Cubed: a little ink far from the paper outweighs much paper that is a little uneven.
    return sum(map(mul, histogram[4 * noise :], _CUBES))


def percentile(histogram: list[int], share: float) -> int:
    """Return the level (0-255) that this share of the histogram's counts does not exceed."""
    return find_percentile(list(enumerate(histogram)), share)


def refuse_blank() -> NoReturn:
    """Refuse a picture with nothing on it."""
    raise BlankImage("nothing stands out from the background", advice="Draw one digit, dark on light or light on dark, and send that.")
