"""Every digit of a page is found where it is, in reading order, and read right by the model that ships."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from benchmarks.digits.sheet_kinds import draw
from recipes.dataset import Dataset, Split
from recipes.digits.ink.components import find_components
from recipes.digits.segment import find_digits
from recipes.recipe import Picture
from tests.pages import Drawn, Paper, encoded, overlap, photographed, ruled
from tests.training.recipes.labels import read_labels
from training.artifact import OnnxModel


@pytest.fixture(scope="module")
def test_set(mnist: Dataset) -> Split:
    few = mnist.test.head(300)
    # What MNIST's own scanning broke into pieces is not what these tests are about.
    whole = [
        {len(find_components(np.where(image > level, 255, 0).astype(np.uint8).tobytes(), 28)) for level in (60, 110)} == {1}
        for image in few.inputs
    ]
    return Split(few.inputs[whole], few.targets[whole])


class Pen:
    """Writes the test set's digits one after the other."""

    def __init__(self, digits: Split, first: int = 0) -> None:
        self._digits, self._next = digits, first

    def line(self, paper: Paper, count: int, x: float, y: float, height_px: float, *, pitch: float = 1.25, slope: float = 0) -> None:
        chosen = slice(self._next, self._next + count)
        self._next += count
        paper.line(self._digits.inputs[chosen], self._digits.targets[chosen].tolist(), x, y, height_px, pitch=pitch, slope=slope)


def one_line(pen: Pen) -> tuple[Drawn, str]:
    paper = Paper(800, 160)
    pen.line(paper, 10, 30, 50, 60)
    return paper.page(), "PNG"


def phone_number(pen: Pen) -> tuple[Drawn, str]:
    paper = Paper(500, 400)
    for row, count in enumerate((3, 3, 4)):
        pen.line(paper, count, 60, 40 + 110 * row, 60, pitch=1.4)
    return paper.page(), "PNG"


def light_on_dark(pen: Pen) -> tuple[Drawn, str]:
    page, format_ = phone_number(pen)
    return Drawn(ImageOps.invert(page.image), page.labels, page.boxes), format_


def mixed_sizes(pen: Pen) -> tuple[Drawn, str]:
    paper = Paper(900, 560)
    pen.line(paper, 3, 40, 30, 180)
    pen.line(paper, 8, 40, 260, 70)
    pen.line(paper, 10, 50, 430, 36, pitch=1.6)
    return paper.page(), "PNG"


def photo(pen: Pen, **light: float) -> tuple[Drawn, str]:
    paper = Paper(800, 520)
    for row in range(3):
        pen.line(paper, 6, 80, 50 + row * 145, 80)
    return paper.page(photographed(paper.ink, **light)), "JPEG"


def noisy_photo(pen: Pen) -> tuple[Drawn, str]:
    return photo(pen, noise=8)


def shaded_photo(pen: Pen) -> tuple[Drawn, str]:
    return photo(pen, seed=1, shadow=0.5)


def slanted(pen: Pen) -> tuple[Drawn, str]:
    paper = Paper(1000, 460)
    for row in range(2):
        pen.line(paper, 9, 50, 120 + row * 150, 70, slope=-0.09)
    return paper.page(), "PNG"


def ruled_paper(pen: Pen) -> tuple[Drawn, str]:
    paper = Paper(1000, 700)
    for row in range(3):
        pen.line(paper, 7, 100, 70 + row * 200, 90)
    return paper.page(photographed(ruled(paper.ink, every_px=64, width_px=2, slope=0.01), noise=3)), "JPEG"


def specked(pen: Pen) -> tuple[Drawn, str]:
    page, format_ = phone_number(pen)
    for x, y in np.random.default_rng(0).integers(0, (480, 380), (40, 2)).tolist():
        ImageDraw.Draw(page.image).ellipse((x, y, x + 2, y + 2), fill=0)
    return page, format_


def framed(pen: Pen) -> tuple[Drawn, str]:
    page, format_ = phone_number(pen)
    draw = ImageDraw.Draw(page.image)
    draw.rectangle((0, 0, 499, 399), outline=0, width=6)
    draw.rectangle((20, 20, 480, 380), outline=0, width=2)
    return page, format_


def sheet_on_a_table(pen: Pen) -> tuple[Drawn, str]:
    page, _ = photo(pen)
    sheet = Image.new("L", page.image.size)
    ImageDraw.Draw(sheet).polygon([(45, 15), (780, 30), (765, 505), (30, 490)], fill=255)
    return Drawn(Image.composite(page.image, Image.new("L", sheet.size, 60), sheet), page.labels, page.boxes), "JPEG"


PAGES: dict[str, Callable[[Pen], tuple[Drawn, str]]] = {
    page.__name__: page
    for page in (
        one_line,
        phone_number,
        light_on_dark,
        mixed_sizes,
        noisy_photo,
        shaded_photo,
        slanted,
        ruled_paper,
        specked,
        framed,
        sheet_on_a_table,
    )
}


def check_boxes(picture: Picture, drawn: Drawn) -> None:
    boxes = [found.box for found in picture.found]
    assert len(boxes) == len(drawn.boxes)
    for found, expected in zip(boxes, drawn.boxes, strict=True):
        assert found is not None
        assert overlap(found, expected) > 0.75, (found, expected)


def test_finds_each_digit_of_a_page_in_order_and_reads_them(test_set: Split, model: OnnxModel) -> None:
    right = written = 0
    for name, page in PAGES.items():
        drawn, format_ = page(Pen(test_set))
        picture = find_digits(encoded(drawn.image, format_))
        assert (picture.width, picture.height) == drawn.image.size, name
        check_boxes(picture, drawn)
        right += sum(a == b for a, b in zip(read_labels(picture, model), drawn.labels, strict=True))
        written += len(drawn.labels)
    assert right >= 0.97 * written
    assert written > 130


def test_tells_the_line_of_each_digit(test_set: Split) -> None:
    drawn, format_ = phone_number(Pen(test_set))
    assert [found.line for found in find_digits(encoded(drawn.image, format_)).found] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 3]


def test_finds_the_digits_of_a_photo_of_12_mpx_where_the_photo_has_them(test_set: Split, model: OnnxModel) -> None:
    paper = Paper(1000, 750)
    for row in range(2):
        Pen(test_set, 5 * row).line(paper, 5, 100, 120 + row * 250, 95, pitch=1.6)
    large = photographed(paper.ink).resize((4000, 3000), Image.Resampling.BILINEAR)
    picture = find_digits(encoded(large, "JPEG"))
    assert (picture.width, picture.height) == (4000, 3000)
    boxes = [(4 * x, 4 * y, 4 * width, 4 * height) for x, y, width, height in paper.boxes]
    check_boxes(picture, Drawn(large, paper.labels, boxes))
    assert read_labels(picture, model) == paper.labels


def test_a_one_against_a_six_is_cut_off_where_the_likeliest_cut_nests_its_pieces(mnist: Dataset, model: OnnxModel) -> None:
    image, written = draw("gap 0", 60, mnist.validation)
    picture = find_digits(encoded(image))
    shown = picture.list_instances()
    trusts = model.judge(np.frombuffer(b"".join(shown), np.uint8).reshape(-1, 28, 28)).tolist()
    chosen = picture.decide({each: {"trust": trust} for each, trust in zip(shown, trusts, strict=True)})
    assert read_labels(chosen, model) == [each.label for each in written] == [6, 1, 8, 4, 7, 3]
