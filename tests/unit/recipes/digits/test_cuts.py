"""Where two digits touch there is a cut between them, although a path through one of them would cross less ink, in two places."""

from itertools import pairwise

import pytest
from PIL import Image, ImageDraw

from recipes.digits.ink.components import find_components
from recipes.digits.writing import touching
from recipes.digits.writing.cuts import Grid, cut_out, slice_component
from recipes.digits.writing.part import Part

WIDTH, HEIGHT, STROKE, GAP = 44, 70, 9, 6


def two_joined_boxes(contact_px: int) -> Image.Image:
    """Return two angular zeros beside each other, joined by ink of that height."""
    mask = Image.new("L", (2 * WIDTH + GAP, HEIGHT))
    pen = ImageDraw.Draw(mask)
    for left in (0, WIDTH + GAP):
        pen.rectangle((left, 0, left + WIDTH - 1, HEIGHT - 1), outline=255, width=STROKE)
    pen.rectangle((WIDTH, 20, WIDTH + GAP, 20 + contact_px - 1), fill=255)
    return mask


@pytest.mark.parametrize("contact_px", [9, 20, 22, 24])
def test_a_cut_lies_where_two_digits_touch(contact_px: int) -> None:
    mask = two_joined_boxes(contact_px)
    (component,) = find_components(mask.tobytes(), mask.width)
    cuts = Grid(component, 0, mask.width).find_cuts()
    between = [cut for cut in cuts if all(WIDTH <= column <= WIDTH + GAP for column in cut.columns)]
    assert {cut.crossings for cut in between} == {1}


@pytest.mark.parametrize("overlap_px", [0, 2])
def test_a_cut_lies_where_two_round_digits_touch(overlap_px: int) -> None:
    mask = Image.new("L", (2 * WIDTH - overlap_px, HEIGHT))
    pen = ImageDraw.Draw(mask)
    for left in (0, WIDTH - overlap_px):
        pen.ellipse((left, 0, left + WIDTH - 1, HEIGHT - 1), outline=255, width=STROKE)
    (component,) = find_components(mask.tobytes(), mask.width)
    cuts = Grid(component, 0, mask.width).find_cuts()
    middle = mask.width // 2
    between = [cut for cut in cuts if all(abs(column - middle) < STROKE for column in cut.columns)]
    assert {cut.crossings for cut in between} == {1}


def test_what_is_cut_out_is_the_slice_between_the_cuts() -> None:
    mask = two_joined_boxes(20)
    (component,) = find_components(mask.tobytes(), mask.width)
    cuts = Grid(component, 0, mask.width).find_cuts()
    pieces = [cut_out(component, left, right) for left, right in pairwise([None, *cuts, None])]
    assert len(pieces) > 2
    assert pieces == slice_component(component, cuts)


def test_a_piece_shares_no_ink_for_a_little_more_trust() -> None:
    mask = two_joined_boxes(20)
    (component,) = find_components(mask.tobytes(), mask.width)
    part = Part.from_component(component)
    (chain,) = touching.find_chains([part], HEIGHT).values()
    pieces = chain.cut(lambda seen: 0.0 if seen is part else 0.99 + 1e-7 * seen.area)  # most where ink is shared
    assert len(pieces) > 1
    assert sum(piece.area for piece in pieces) == part.area


@pytest.mark.parametrize("width", [36, WIDTH])
def test_a_one_and_a_zero_that_are_no_wider_than_a_digit_are_shown_apart(width: int) -> None:
    mask = Image.new("L", (STROKE + width, HEIGHT))
    pen = ImageDraw.Draw(mask)
    pen.rectangle((0, 0, STROKE - 1, HEIGHT - 1), fill=255)
    pen.ellipse((STROKE - 2, 0, STROKE - 3 + width, HEIGHT - 1), outline=255, width=STROKE)
    (component,) = find_components(mask.tobytes(), mask.width)
    (chain,) = touching.find_chains([Part.from_component(component)], HEIGHT).values()
    boxes = [(part.left, part.right) for part in chain.list_doubtful()]
    assert any(left == 0 and right <= 0.55 * mask.width for left, right in boxes)
    assert any(left >= STROKE and right >= mask.width - 2 for left, right in boxes)


@pytest.mark.parametrize(("trusts", "is_cut"), [((0.0, 0.99), False), ((0.99, 0.99), True), ((0.2, 0.99), True)])
def test_no_one_is_cut_out_of_a_scribble(trusts: tuple[float, float], is_cut: bool) -> None:
    mask = two_joined_boxes(20)
    mask.paste(0, (WIDTH + GAP + STROKE, 0, mask.width, HEIGHT))  # a wide zero, and a one
    ImageDraw.Draw(mask).rectangle((STROKE, STROKE, WIDTH - 1, HEIGHT - STROKE), fill=255)
    (component,) = find_components(mask.tobytes(), mask.width)
    part = Part.from_component(component)
    (chain,) = touching.find_chains([part], HEIGHT).values()
    pieces = chain.cut(lambda seen: 0.01 if seen is part else trusts[seen.left > WIDTH - STROKE])
    assert (len(pieces) > 1) is is_cut


def test_what_would_take_too_long_to_cut_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = two_joined_boxes(20)
    (component,) = find_components(mask.tobytes(), mask.width)
    part = Part.from_component(component)
    (chain,) = touching.find_chains([part, part], HEIGHT).values()
    monkeypatch.setattr(touching, "MAX_RUNS", chain.count_runs())
    assert len(touching.find_chains([part], HEIGHT)) == 1
    monkeypatch.setattr(touching, "MAX_RUNS", chain.count_runs() - 1)
    assert touching.find_chains([part], HEIGHT) == {}
