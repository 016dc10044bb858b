"""Any picture of one digit → the 28×28 that MNIST would have stored. Pillow and plain Python: functions, which run it, have no numpy.

The steps, each a function below:  decode → flatten the paper → find the ink's side → stretch its contrast → drop specks → fit and centre.
"""

from dataclasses import dataclass
from typing import NoReturn

from PIL import Image, ImageChops, ImageFilter

from recipes.digits.components import Component, find_components
from recipes.errors import BlankImage
from recipes.images import MAX_PIXELS, decode
from recipes.recipe import ImageInstance

SIDE, BOX_SIDE, CENTRE = 28, 20, 14
WORK_PX = 224  # the longer side that is worked on: enough for a digit that fills a sixth of its picture
RING_CELLS = 28  # the paper is read off the outermost cells of a grid of this many
SPECK_GRID = 56
SPECK_SHARE = 0.04  # of the largest component's area; the detached bar of a 5 has a fifth
DIGIT_HEIGHT, DIGIT_SHARE = 0.5, 0.1  # of the tallest component and of the largest: less is a part of a digit
MAX_OVERLAP = 0.25  # of the narrower's columns: parts of one digit are above each other
MIN_CONTRAST = 12  # of 255 levels


def to_digit(image: bytes, *, max_pixels: int = MAX_PIXELS) -> bytes:
    """Return the picture's digit as MNIST would have stored it; see `read_digit`."""
    return read_digit(image, max_pixels=max_pixels).values


def read_digit(image: bytes, *, max_pixels: int = MAX_PIXELS) -> ImageInstance:
    """Return the picture as MNIST would have stored it, and how many digits stand beside each other in it.

    Args:    image: an encoded PNG or JPEG of at most `max_pixels`, holding one digit: any size, either polarity, uneven paper, off-centre.
    Returns: 784 bytes, uint8 [28, 28] row-major: ink bright on black, in a box of 20 pixels, centre of mass at (14, 14).
    Raises:  UnsupportedType, Malformed, TooLarge: not a picture that can be decoded here.
             BlankImage: nothing stands out from the paper.
    Source:  MNIST's 20-pixel box and centring (yann.lecun.com/exdb/mnist); measured in recipes/digits/README.md.
    """
    grey = decode(image, max_pixels=max_pixels, target_px=2 * WORK_PX)
    factor = -(-max(grey.size) // WORK_PX)
    if factor > 1:
        grey = grey.reduce(factor)
    return _read_ink(*_measure_ink(grey))


def from_ink(ink: Image.Image, noise: float) -> bytes:
    """Return an "L" image of how far each pixel stands out from the paper as MNIST would have stored it; see `read_digit`.

    Args:    ink: one digit's, at most about `WORK_PX` long: more only costs time.
             noise: one sigma of the paper's, in levels.
    Raises:  BlankImage: nothing stands out from the noise.
    """
    return _read_ink(ink, noise).values


def _read_ink(ink: Image.Image, noise: float) -> ImageInstance:
    ink, threshold = _stretch(ink, noise)
    mask = remove_noise(ink.point([255 if level >= threshold else 0 for level in range(256)]), noise)
    kept, count = _remove_specks(mask)
    if kept is not mask:
        ink = ImageChops.darker(ink, kept)
        mask = ImageChops.darker(mask, kept)
    box = mask.getbbox()
    if box is None:
        refuse_blank()
    return ImageInstance(_fit(ink, box), count)


@dataclass(frozen=True, slots=True)
class _Plane:
    """Grey level over the picture: at its centre, and its slopes from edge to edge."""

    level: float
    slope_x: float
    slope_y: float

    def render(self, size: tuple[int, int]) -> Image.Image:
        if self.slope_x == self.slope_y == 0:
            return Image.new("L", size, round(self.level))
        corners = Image.new("F", (2, 2))
        for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
            corners.putpixel((x, y), self.level + (x - 0.5) * self.slope_x + (y - 0.5) * self.slope_y)
        # Between the centres of four pixels, bilinear interpolation is the plane itself.
        return corners.resize(size, Image.Resampling.BILINEAR, box=(0.5, 0.5, 1.5, 1.5)).convert("L")


def _measure_ink(grey: Image.Image) -> tuple[Image.Image, float]:
    """Return how far each pixel stands out from the paper, on the side the ink is, and the paper's noise (one sigma), in levels."""
    paper = _fit_paper(grey).render(grey.size)
    dark, light = ImageChops.subtract(paper, grey), ImageChops.subtract(grey, paper)
    noise = _measure_noise(ImageChops.add(dark, light))
    floor = 4 * noise

    def compute_energy(side: Image.Image) -> float:
        # Cubed: a little ink far from the paper outweighs much paper that is a little uneven.
        return sum(count * (level - floor) ** 3 for level, count in enumerate(side.histogram()) if level > floor)

    return (dark if compute_energy(dark) > compute_energy(light) else light), noise


def _fit_paper(grey: Image.Image) -> _Plane:
    """Fit a plane to the border, without the fifth of it that fits worst: ink may touch the border."""
    cells = grey.resize((RING_CELLS, RING_CELLS), Image.Resampling.BOX).tobytes()
    last = RING_CELLS - 1
    ring = [(x, y, cells[y * RING_CELLS + x]) for y in range(RING_CELLS) for x in (range(RING_CELLS) if y in {0, last} else (0, last))]
    levels = sorted(level for _, _, level in ring)
    if levels[len(levels) // 10] == levels[-len(levels) // 10]:
        return _Plane(levels[len(levels) // 2], 0, 0)
    median = levels[len(levels) // 2]
    kept = sorted(ring, key=lambda cell: abs(cell[2] - median))[: len(ring) * 4 // 5]
    return _fit_plane([((x + 0.5) / RING_CELLS - 0.5, (y + 0.5) / RING_CELLS - 0.5, level) for x, y, level in kept])


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


def _measure_noise(deviation: Image.Image) -> float:
    """Return the paper's sigma: two thirds of the border's pixels deviate less."""
    width, height = deviation.size
    thickness = max(1, min(width, height) // RING_CELLS)
    counts = [0] * 256
    for box in (
        (0, 0, width, thickness),
        (0, height - thickness, width, height),
        (0, 0, thickness, height),
        (width - thickness, 0, width, height),
    ):
        counts = [a + b for a, b in zip(counts, deviation.crop(box).histogram(), strict=True)]
    return float(percentile(counts, 0.68))


def _stretch(ink: Image.Image, noise: float) -> tuple[Image.Image, int]:
    """Return the ink from black to white, and the level (0-255) that parts it from the paper."""
    histogram = ink.histogram()
    strongest = max(level for level, count in enumerate(histogram) if count)
    if strongest <= max(MIN_CONTRAST, 4 * noise):
        refuse_blank()
    parting = _find_threshold(histogram)
    full = max(percentile([count if level > parting else 0 for level, count in enumerate(histogram)], 0.8), strongest // 2)
    if full <= max(MIN_CONTRAST, 4 * noise):
        refuse_blank()
    floor = min(3.5 * noise, 0.6 * parting)
    scale = 255 / (full - floor)
    stretched = ink.point([max(0, min(255, round((level - floor) * scale))) for level in range(256)])
    return stretched, max(1, round((parting - floor) * scale / 2) if noise > 1 else 15)


def _find_threshold(histogram: list[int]) -> int:
    """Return the level that parts a histogram into the two most different halves (Otsu, 1979)."""
    total, mass = sum(histogram), sum(level * count for level, count in enumerate(histogram))
    below = below_mass = best_level = 0
    best = -1.0
    for level, count in enumerate(histogram):
        below += count
        below_mass += level * count
        if not count or below == total:
            continue
        between = (mass * below - below_mass * total) ** 2 / (below * (total - below))
        if between > best:
            best, best_level = between, level
    return best_level


def percentile(histogram: list[int], share: float) -> int:
    """Return the level (0-255) that this share of the histogram's counts does not exceed."""
    target, below = share * sum(histogram), 0
    for level, count in enumerate(histogram):
        below += count
        if below >= target:
            return level
    return 255


def remove_noise(mask: Image.Image, noise: float) -> Image.Image:
    """Return the mask's pixels that have company, if its paper is noisy: a pixel of ink has two of its four neighbours in the ink too."""
    if noise <= 1 or min(mask.size) < 3:
        return mask
    neighbours = mask.point([min(level, 60) for level in range(256)]).filter(
        ImageFilter.Kernel((3, 3), (0, 1, 0, 1, 0, 1, 0, 1, 0), scale=1)
    )
    return ImageChops.darker(mask, neighbours.point([255 if level >= 120 else 0 for level in range(256)]))


def _remove_specks(mask: Image.Image) -> tuple[Image.Image, int]:
    """Return a mask that is white around every component but specks, the mask itself if it has none; and how many digits there are.

    The components are looked for on a grid of the ink's box: a small digit's cells are small, too.
    """
    box = mask.getbbox()
    if box is None:
        refuse_blank()
    factor = -(-max(box[2] - box[0], box[3] - box[1]) // SPECK_GRID)
    grid = mask.crop(box)
    if factor > 1:
        grid = grid.reduce(factor)
    found = find_components(grid.tobytes(), grid.width)
    kept = [component for component in found if component.area >= SPECK_SHARE * found[0].area]
    count = 1 if len(kept) == 1 else _count_digits(kept)
    if len(kept) == len(found):
        return mask, count
    cells = bytearray(grid.width * grid.height)
    for component in kept:
        for row, start, end in component.runs:
            cells[row * grid.width + start : row * grid.width + end] = b"\xff" * (end - start)
    white = Image.frombytes("L", grid.size, bytes(cells)).filter(ImageFilter.MaxFilter(3))  # a cell of margin, for the strokes' soft edges
    about = Image.new("L", mask.size)
    about.paste(white.resize((grid.width * factor, grid.height * factor), Image.Resampling.NEAREST) if factor > 1 else white, box[:2])
    return about, count


def _count_digits(components: list[Component]) -> int:
    """Return how many of the components are digits beside each other: a large share of the tallest, and with columns of their own."""
    boxes = [component.measure_box() for component in components]
    tallest = max(bottom - top for _, top, _, bottom in boxes)
    ends = sorted(
        (left, right)
        for component, (left, top, right, bottom) in zip(components, boxes, strict=True)
        if bottom - top >= DIGIT_HEIGHT * tallest and component.area >= DIGIT_SHARE * components[0].area
    )
    count, last_left, last_right = 0, 0, 0
    for left, right in ends:
        if count and last_right - left > MAX_OVERLAP * min(right - left, last_right - last_left):
            last_right = max(last_right, right)
            continue
        count, last_left, last_right = count + 1, left, right
    return count


def _fit(ink: Image.Image, box: tuple[int, int, int, int]) -> bytes:
    """Return the box's ink in 20 pixels of 28, by its centre of mass."""
    width, height = box[2] - box[0], box[3] - box[1]
    scale = BOX_SIDE / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    digit = ink.crop(box)
    if size != digit.size:
        digit = digit.resize(size, Image.Resampling.BOX if scale < 0.5 else Image.Resampling.BILINEAR)
    columns, rows = size
    pixels = digit.tobytes()
    lines = [pixels[row * columns : (row + 1) * columns] for row in range(rows)]
    weights = [sum(line) for line in lines]
    total = sum(weights)
    brightest = max(pixels, default=0)
    if not total:
        refuse_blank()
    top = _find_start(sum(row * weight for row, weight in enumerate(weights)) / total, rows)
    left = _find_start(sum(column * value for line in lines for column, value in enumerate(line)) / total, columns)
    if brightest < 255:
        lift = bytes(min(255, level * 255 // brightest) for level in range(256))
        lines = [line.translate(lift) for line in lines]
    empty = bytes(SIDE)
    before, after = bytes(left), bytes(SIDE - left - columns)
    return empty * top + b"".join(before + line + after for line in lines) + empty * (SIDE - top - rows)


def _find_start(centre_of_mass: float, length: int) -> int:
    return min(max(round(CENTRE - centre_of_mass), 0), SIDE - length)


def refuse_blank() -> NoReturn:
    """Refuse a picture with nothing on it."""
    raise BlankImage("nothing stands out from the background", advice="Draw one digit, dark on light or light on dark, and send that.")
