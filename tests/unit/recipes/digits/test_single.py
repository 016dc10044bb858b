"""Parts of a picture are one digit where the model trusts that, and not them; and two digits never become one."""

from recipes.digits.single import FEW, choose_single, may_be_empty, may_be_single
from recipes.recipe import Box, FoundInstance, ImageInstance, Picture

WHOLE = ImageInstance(b"whole", place=(0.25, 0.2, 0.75, 0.8))
BOX = (100, 40, 200, 120)  # of the whole, in a picture of 400 by 200


def picture_of(*parts: tuple[str, Box], unread: tuple[Box, ...] = ()) -> Picture:
    return Picture(400, 200, [FoundInstance(name.encode(), box) for name, box in parts], unread)


def choose(picture: Picture, **trusts: float) -> Picture:
    return choose_single(picture, WHOLE, lambda instance: trusts[instance.decode()])


HALVES = picture_of(("left", (100, 40, 90, 120)), ("right", (200, 40, 100, 120)))


def test_parts_that_are_not_trusted_are_the_one_digit_that_is() -> None:
    chosen = choose(HALVES, whole=0.99, left=0.9, right=0.1)
    assert (chosen.found, chosen.unread) == ([FoundInstance(b"whole", None)], [])


def test_parts_stay_where_all_are_trusted_or_the_whole_is_not_or_less() -> None:
    assert choose(HALVES, whole=0.99, left=0.9, right=0.8) == HALVES
    assert choose(HALVES, whole=0.7, left=0.1, right=0.1) == HALVES
    assert choose(HALVES, whole=0.85, left=0.95, right=0.1) == HALVES


def test_one_part_stays_where_it_is_trusted_more() -> None:
    part = picture_of(("part", (110, 50, 180, 100)))
    assert choose(part, whole=0.9, part=0.95) == part
    assert [each.instance for each in choose(part, whole=0.9, part=0.7).found] == [b"whole"]


def test_another_digit_outside_is_never_lost() -> None:
    page = picture_of(("left", (100, 40, 90, 120)), ("right", (200, 40, 100, 120)), ("beside", (320, 40, 60, 120)))
    assert choose(page, whole=0.99, left=0.9, right=0.1, beside=0.9) == page
    chosen = choose(page, whole=0.99, left=0.9, right=0.1, beside=0.1)
    assert (chosen.found, chosen.unread) == ([FoundInstance(b"whole", BOX)], [(320, 40, 60, 120)])


def test_ink_outside_is_unread_and_ink_inside_is_the_digits() -> None:
    page = HALVES._replace(unread=[(150, 60, 20, 20), (10, 10, 30, 30)])
    chosen = choose(page, whole=0.99, left=0.1, right=0.1)
    assert (chosen.found, chosen.unread) == ([FoundInstance(b"whole", BOX)], [(10, 10, 30, 30)])


def test_what_stands_beside_the_digit_is_still_told_of_and_what_is_a_piece_of_it_is_not() -> None:
    part = FoundInstance(b"part", (110, 50, 180, 100), after="point", before="minus")
    page = Picture(400, 200, [part])
    assert choose_single(page, WHOLE, lambda instance: 0.9 if instance == WHOLE.values else 0.7).found == [FoundInstance(b"whole", None)]
    less = choose_single(page, WHOLE._replace(marks=2), lambda instance: 0.9 if instance == WHOLE.values else 0.7)
    assert less.found == [FoundInstance(b"whole", BOX, after="point", before="minus")]


def test_pieces_of_printed_lines_are_no_ones() -> None:
    page = picture_of(("left", (100, 40, 200, 120)), ("line", (40, 40, 3, 70)))
    assert [each.instance for each in choose(page, whole=0.99, left=0.3, line=0.99).found] == [b"whole"]


def test_a_page_of_many_digits_is_not_asked_for_as_one() -> None:
    digits = [("digit", (30 * at, 0, 20, 30)) for at in range(FEW + 1)]
    assert not may_be_single(picture_of(*digits))
    assert may_be_single(picture_of(*digits[1:]))
    assert may_be_single(picture_of(("digit", (0, 0, 90, 90)), *digits))


def test_what_may_be_paper_is_few_large_parts_or_strokes_alone() -> None:
    small = [("digit", (30 * at, 0, 20, 30)) for at in range(FEW + 1)]
    assert may_be_empty(picture_of(("edge", (0, 0, 60, 90))))
    assert may_be_empty(picture_of(*[("line", (9 * at, 0, 2, 20)) for at in range(40)]))
    assert not may_be_empty(picture_of(*small))
    assert not may_be_empty(picture_of(("stroke", (0, 0, 60, 90)), *[("digit", (9 * at, 0, 8, 12)) for at in range(40)]))
    assert not may_be_empty(Picture(400, 200, [FoundInstance(b"whole", None)]))
