"""The paper under one digit's ink: its level at every pixel, and its noise. Pillow and plain Python."""

from dataclasses import dataclass
from operator import itemgetter, mul

from PIL import Image, ImageChops

RING_CELLS = 28  # the paper is read off the outermost cells of a grid of this many
FLAT_SHARE = 0.9  # of the border's pixels on one level: it is drawn, not photographed
_LAST = RING_CELLS - 1
_RING = [(x, y) for y in range(RING_CELLS) for x in (range(RING_CELLS) if y in {0, _LAST} else (0, _LAST))]
_cut_ring = itemgetter(*(y * RING_CELLS + x for x, y in _RING))
_CUBES = [level**3 for level in range(256)]
Levels = list[tuple[int, int]]  # (level, how many pixels have it), lowest first, without levels that none has


@dataclass(frozen=True, slots=True)
class Ink:
    """How far each pixel stands out from the paper.

    Args:    size: width and height in pixels.
             pixels: a byte each, row by row.
             levels: of the pixels.
             noise: one sigma of the paper's, in levels.
    """

    size: tuple[int, int]
    pixels: bytes
    levels: Levels
    noise: float

    @classmethod
    def of_image(cls, image: Image.Image, noise: float) -> "Ink":
        """Return the ink that an "L" image shows."""
        return cls(image.size, image.tobytes(), list_levels(image.histogram()), noise)


@dataclass(frozen=True, slots=True)
class _Plane:
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


def measure_ink(grey: Image.Image) -> Ink:
    """Return how far each pixel of an "L" image stands out from the paper, on the side the ink is."""
    pixels = grey.tobytes()
    border = _count_levels(_cut_border(pixels, *grey.size))
    count = max(border)
    if count >= FLAT_SHARE * sum(border):
        return _measure_flat(grey, pixels, border.index(count))
    paper = _fit_paper(grey).render(grey.size)
    dark, light = ImageChops.subtract(paper, grey), ImageChops.subtract(grey, paper)
    deviation = _cut_border(ImageChops.add(dark, light).tobytes(), *grey.size)
    noise = find_percentile(list_levels(_count_levels(deviation)), 0.68)  # two thirds of a normal distribution
    darks, lights = dark.histogram(), light.histogram()
    if _compute_energy(darks, noise) > _compute_energy(lights, noise):
        return Ink(grey.size, dark.tobytes(), list_levels(darks), noise)
    return Ink(grey.size, light.tobytes(), list_levels(lights), noise)


def _measure_flat(grey: Image.Image, pixels: bytes, paper: int) -> Ink:
    """Return the ink on paper of one level: the same, by tables in place of pictures."""
    histogram = grey.histogram()
    darks = [sum(histogram[paper:]), *histogram[:paper][::-1]]
    lights = [sum(histogram[: paper + 1]), *histogram[paper + 1 :]]
    if _compute_energy(darks, 0) > _compute_energy(lights, 0):
        return Ink(grey.size, pixels.translate(bytes(range(paper, 0, -1)) + bytes(256 - paper)), list_levels(darks), 0)
    return Ink(grey.size, pixels.translate(bytes(paper) + bytes(range(256 - paper))), list_levels(lights), 0)


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
    kept = sorted(zip(_RING, ring, strict=True), key=lambda cell: abs(cell[1] - median))[: len(ring) * 4 // 5]
    return _fit_plane([((x + 0.5) / RING_CELLS - 0.5, (y + 0.5) / RING_CELLS - 0.5, level) for (x, y), level in kept])


def _fit_plane(points: list[tuple[float, float, int]]) -> _Plane:
    """Return the plane through points (x, y, level) by the normal equations, centred so that two unknowns are left."""
    n = len(points)
    mean_x, mean_y, mean = (sum(axis) / n for axis in zip(*points, strict=True))
    xx = yy = xy = xl = yl = 0.0
    for x, y, level in points:
        dx, dy, dl = x - mean_x, y - mean_y, level - mean
        xx += dx * dx
        yy += dy * dy
        xy += dx * dy
        xl += dx * dl
        yl += dy * dl
    determinant = xx * yy - xy * xy
    if determinant < 1e-9:  # the kept cells lie on a line
        return _Plane(mean, 0, 0)
    slope_x, slope_y = (xl * yy - yl * xy) / determinant, (yl * xx - xl * xy) / determinant
    return _Plane(mean - slope_x * mean_x - slope_y * mean_y, slope_x, slope_y)


def _cut_border(pixels: bytes, width: int, height: int) -> bytes:
    """Return the pixels of the border, a cell thick; the corners are there twice."""
    thickness = max(1, min(width, height) // RING_CELLS)
    columns = [pixels[at::width] for at in (*range(thickness), *range(width - thickness, width))]
    return b"".join([pixels[: thickness * width], pixels[-thickness * width :], *columns])


def _count_levels(pixels: bytes) -> list[int]:
    return Image.frombytes("L", (len(pixels), 1), pixels).histogram()


def _compute_energy(histogram: list[int], noise: int) -> int:
    # Cubed: a little ink far from the paper outweighs much paper that is a little uneven.
    return sum(map(mul, histogram[4 * noise :], _CUBES))
