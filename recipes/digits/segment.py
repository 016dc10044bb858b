"""Every digit in a large picture, in reading order, each as MNIST would have stored it. Pillow and plain Python.

The steps:  decode → what is ink (page.py) → drop ruled lines (rules.py) → components → which are digits (layout.py) → crop and fit each.
"""

from collections.abc import Callable, Container
from functools import cache, partial
from itertools import accumulate

from PIL import Image, ImageChops

from recipes.digits.ink.bits import Bits
from recipes.digits.ink.components import find_components
from recipes.digits.ink.faint import stretch_darkest
from recipes.digits.ink.page import Page, read_page
from recipes.digits.ink.paper import refuse_blank
from recipes.digits.ink.rules import drop_remains, remove_rules
from recipes.digits.letters import set_words_aside
from recipes.digits.single import choose_single, may_be_empty, may_be_single
from recipes.digits.transform import WORK_PX, from_ink, read_digit, refuse_values
from recipes.digits.writing.layout import MAX_DIGITS, Layout, Sheet, read_sheet, refuse_too_many
from recipes.digits.writing.part import Part
from recipes.errors import BlankImage
from recipes.media_types import JPEG
from recipes.pictures.decode import decode, sniff
from recipes.recipe import Box, FoundInstance, ImageInstance, Picture, Trust

MAX_PIXELS = 50_000_000
PAGE_PIXELS = 3_200_000  # what is worked on: a digit 5 mm high on a sheet of A4 has about 35 of them from top to bottom
LEAST_SIDE_PX = 100  # of the longer side: a smaller picture is enlarged, because in it a seven's stem is as long and thin as a printed line
PAGE_SIDE_PX = 1440  # of the shorter side, when a JPEG is decoded to less than it holds
MAX_UNREAD = 100
MAX_RUNS = 150_000  # a page of 1,000 digits has two thirds of them
MAX_SHOWN_PIXELS = 40_000_000  # of all parts that the model is shown beside what was found; those of crowded sheets have two pages' worth
SOFT_EDGE_PX = 2
FILLING_SHARE = 0.25


def find_digits(image: bytes, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Return every digit in a picture, in reading order; the picture's size and the boxes are in pixels of the upright picture.

    Args:    image: an encoded PNG or JPEG of at most `max_pixels`: either polarity, uneven light, lines a few degrees aslant.
    Returns: one `FoundInstance` without a box, as from `to_digit`, if one digit fills the picture or the ink cannot be divided.
             Where digits touch they are parted by their shapes; `Picture.others` are the other ways, of which a model can choose.
    Raises:  UnsupportedType, Malformed: not a picture that can be decoded here.
             TooLarge: more pixels than `max_pixels`, or more than 1,000 digits, which is noise.
             BlankImage: nothing stands out from the paper.
    """
    grey = decode(image, max_pixels=max_pixels, target_px=PAGE_SIDE_PX)
    width, height = grey.info["full_size"]
    refuse_values(grey)
    # A JPEG is decoded to less for one digit, which takes a tenth of the time.
    read_whole = partial(read_digit, image, max_pixels=max_pixels, grey=None if sniff(image) == JPEG else grey)
    try:
        page = read_page(_fit_to_page(stretch_darkest(grey) or grey))
        sheet = _read_sheet(page)
    except BlankImage:
        return Picture(width, height, [FoundInstance(read_whole().values, None)])
    return _Reader(page, sheet, partial(_unless_blank, read_whole), (width, height)).read()


def _unless_blank(read_whole: Callable[[], ImageInstance]) -> ImageInstance | None:
    """Return the whole picture as one digit; None if it is blank."""
    try:
        return read_whole()
    except BlankImage:
        return None


class _Reader:
    """Makes pictures of a sheet: each part is looked at once, however often the sheet is arranged.

    Args:    read_whole: reads the whole picture as one digit.
             full_size: the upright picture's, in its own pixels.
    """

    def __init__(self, page: Page, sheet: Sheet, read_whole: Callable[[], ImageInstance | None], full_size: tuple[int, int]) -> None:
        self._page, self._sheet, self._full_size = page, sheet, full_size
        self._read_whole = cache(read_whole)
        self._cut_instance = cache(lambda part: _cut_instance(page, part))
        alone = sheet.find_alone()
        self._whole = alone if alone and _is_filled_by(alone, page.ink) else None

    def read(self) -> Picture:
        """Return the picture as the shapes on it say, and what a model may be shown to choose another way to read them."""
        first = self._describe(self._sheet.arrange())
        doubtful = {part: instance for part in self._list_shown() if (instance := self._show(part))}
        if may_be_empty(first) and self._read_whole() is None:
            refuse_blank()
        single = self._read_single() if may_be_single(first) else None
        found = {each.instance for each in first.found}
        shown = [single.values, *doubtful.values()] if single else doubtful.values()
        others = list(dict.fromkeys(instance for instance in shown if instance not in found))[: MAX_DIGITS - len(first.found)]
        if not others:
            return first._replace(choose=partial(set_words_aside, first)) if len(first.found) > 1 else first
        known = found.union(others)

        def choose(trust: Trust) -> Picture:
            def judge(part: Part) -> float | None:
                instance = doubtful.get(part)
                return trust(instance) if instance in known else None

            picture = self._describe(self._sheet.arrange(judge), known)
            if any(each.instance not in known for each in picture.found):
                picture = first
            return set_words_aside(choose_single(picture, single, trust) if single else picture, trust)

        return first._replace(others=others, choose=choose)

    def _describe(self, layout: Layout, known: Container[bytes] | None = None) -> Picture:
        """Return the picture of a layout.

        Args:    known: the instances that the model was shown: beside other digits, what was a sign may be a digit. None for any.
        """
        parts = [part for line in layout.lines for part in line.digits]
        digits = {part: instance for part in parts if (instance := self._take_instance(part, known))}
        if not digits or (parts == [self._whole] and layout.is_bare()):
            whole = self._read_whole() or refuse_blank()
            return Picture(*self._full_size, [FoundInstance(whole.values, None)])
        found = [
            FoundInstance(digits[part], self._scale_box(part), number, after, "" if at else line.before)
            for number, line in enumerate(layout.lines, 1)
            for at, (part, after) in enumerate(zip(line.digits, line.after, strict=True))
            if part in digits
        ]
        unread = [*layout.unread, *(part for part in parts if part not in digits)]
        largest = sorted(unread, key=lambda part: -part.size)[:MAX_UNREAD]
        return Picture(*self._full_size, found, [self._scale_box(part) for part in largest])

    def _take_instance(self, part: Part, known: Container[bytes] | None) -> bytes | None:
        """Return the instance of a part, None if it is blank or the model was not shown it."""
        looks = self._cut_instance(part), self._show(part) if known is not None else None
        return next((instance for instance in looks if instance and (known is None or instance in known)), None)

    def _list_shown(self) -> list[Part]:
        """Return the doubtful parts, the first ones that have at most MAX_SHOWN_PIXELS together."""
        parts = self._sheet.list_doubtful()
        areas = accumulate(part.width * part.height for part in parts)
        return [part for part, area in zip(parts, areas, strict=True) if area <= MAX_SHOWN_PIXELS]

    def _read_single(self) -> ImageInstance | None:
        """Return the whole picture as one digit; None if it is none, or several."""
        whole = self._read_whole()
        return whole if whole and whole.side_by_side == 1 else None

    def _show(self, part: Part) -> bytes | None:
        """Return what the model is shown of a part; None if that is blank."""
        if part is not self._whole:
            return self._cut_instance(part)
        whole = self._read_whole()
        return whole.values if whole else None

    def _scale_box(self, part: Part) -> Box:
        x, y = (full / side for full, side in zip(self._full_size, self._page.ink.size, strict=True))
        left, top, right, bottom = round(part.left * x), round(part.top * y), round(part.right * x), round(part.bottom * y)
        return left, top, max(1, right - left), max(1, bottom - top)


def _is_filled_by(part: Part, page: Image.Image) -> bool:
    """Whether the picture is of this one digit; a small one in a large photo is better cut out: a shadow's edge may outweigh it."""
    return max(part.width / page.width, part.height / page.height) > FILLING_SHARE


def _fit_to_page(grey: Image.Image) -> Image.Image:
    pixels, longer = grey.width * grey.height, max(grey.size)
    if longer < LEAST_SIDE_PX:
        times = -(-LEAST_SIDE_PX // longer)
        return grey.resize((times * grey.width, times * grey.height), Image.Resampling.BICUBIC)
    if pixels <= PAGE_PIXELS:
        return grey
    scale = (PAGE_PIXELS / pixels) ** 0.5
    size = max(1, round(grey.width * scale)), max(1, round(grey.height * scale))
    return grey.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def _read_sheet(page: Page) -> Sheet:
    mask, rules = remove_rules(page.mask, page.faint)
    if _count_runs(mask) > MAX_RUNS:
        refuse_too_many()
    components = find_components(mask.tobytes(), mask.width)
    return read_sheet(drop_remains(components, rules) if rules else components, *mask.size)


def _count_runs(mask: Image.Image) -> int:
    """Return how many runs of ink there are: pixels of ink without ink to their left. Labelling takes time in proportion."""
    inked = mask.crop(mask.getbbox())
    right = inked.crop((-1, 0, inked.width - 1, inked.height))
    return ImageChops.subtract(inked, right).histogram()[255]


def _cut_instance(page: Page, part: Part) -> bytes | None:
    """Return the digit's own ink, without its neighbours', as MNIST would have stored it; None if it does not stand out from the noise."""
    pad = SOFT_EDGE_PX + 1
    left, top = max(0, part.left - pad), max(0, part.top - pad)
    right, bottom = min(page.ink.width, part.right + pad), min(page.ink.height, part.bottom + pad)
    width = right - left
    cells = bytearray(width * (bottom - top))
    for component in part.components:
        for row, start, end in component.runs:
            offset = (row - top) * width - left
            cells[offset + start : offset + end] = b"\xff" * (end - start)
    solid = Bits.from_mask(Image.frombytes("L", (width, bottom - top), bytes(cells)), SOFT_EDGE_PX)
    own = solid.spread(SOFT_EDGE_PX, SOFT_EDGE_PX).to_mask()
    ink = ImageChops.darker(page.ink.crop((left, top, right, bottom)), own)
    factor = -(-max(ink.size) // WORK_PX)
    try:
        return from_ink(ink.reduce(factor), page.noise / factor) if factor > 1 else from_ink(ink, page.noise)
    except BlankImage:
        return None
