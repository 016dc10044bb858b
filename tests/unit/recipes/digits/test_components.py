from hypothesis import given
from hypothesis import strategies as st

from recipes.digits.ink.components import find_components


@st.composite
def masks(draw: st.DrawFn) -> tuple[bytes, int]:
    width, height = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    return bytes(draw(st.lists(st.sampled_from([0, 0, 255]), min_size=width * height, max_size=width * height))), width


def flood_fill(mask: bytes, width: int) -> set[frozenset[tuple[int, int]]]:
    """Return the components as sets of cells, the slow and plain way."""
    ink = {(at // width, at % width) for at, value in enumerate(mask) if value}
    found = set()
    while ink:
        component, edge = set(), [ink.pop()]
        while edge:
            row, column = edge.pop()
            component.add((row, column))
            touching = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)} & ink
            ink -= touching
            edge.extend(touching)
        found.add(frozenset(component))
    return found


@given(masks())
def test_finds_what_a_flood_fill_finds(mask_and_width: tuple[bytes, int]) -> None:
    mask, width = mask_and_width
    found = find_components(mask, width)
    cells = [frozenset((row, column) for row, start, end in component.runs for column in range(start, end)) for component in found]
    assert set(cells) == flood_fill(mask, width)
    assert [component.area for component in found] == [len(component) for component in cells]
    assert [component.area for component in found] == sorted((len(component) for component in cells), reverse=True)


def test_joins_cells_that_touch_by_a_corner() -> None:
    assert len(find_components(bytes([255, 0, 0, 255]), 2)) == 1
    assert len(find_components(bytes([255, 0, 0, 0, 0, 255]), 3)) == 2


def test_joins_arms_that_meet_below() -> None:
    assert len(find_components(bytes([255, 0, 255, 255, 0, 255, 255, 255, 255]), 3)) == 1


def test_finds_nothing_in_an_empty_mask() -> None:
    assert find_components(bytes(9), 3) == []
