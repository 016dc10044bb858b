"""Connected components of a small mask, in plain Python: runs of a row joined with the runs they touch in the row above."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Component:
    """Cells that touch, diagonals included: their runs as (row, first column, column after the last), and how many cells there are."""

    runs: list[tuple[int, int, int]] = field(default_factory=list)
    area: int = 0


def find_components(mask: bytes, width: int) -> list[Component]:
    """Return the components of a mask of bytes, 0 is background and 255 ink, largest first."""
    parent: list[int] = []
    runs: list[tuple[int, int, int]] = []
    above, current = range(0), range(0)  # the runs of the row above, and of this one
    first = last_row = 0  # of the runs above, the first that this row may still touch
    at = mask.find(255)  # which skips empty paper faster than any other way
    while at >= 0:
        row, start = divmod(at, width)
        border = at - start + width
        end_at = mask.find(0, at, border)
        end = width if end_at < 0 else start + end_at - at
        index = len(runs)
        if row != last_row:
            above = current if row == last_row + 1 else range(0)
            current = range(index, index)
            first, last_row = above.start, row
        runs.append((row, start, end))
        parent.append(index)
        current = range(current.start, index + 1)
        while first < above.stop and runs[first][2] < start:
            first += 1
        touching = first
        while touching < above.stop and runs[touching][1] <= end:  # also by a corner
            parent[_find_root(parent, index)] = _find_root(parent, touching)
            touching += 1
        at = mask.find(255, border if end_at < 0 else end_at)
    found: dict[int, Component] = {}
    for index, run in enumerate(runs):
        root = _find_root(parent, index)
        component = found.get(root)
        if component is None:
            component = found[root] = Component()
        component.runs.append(run)
        component.area += run[2] - run[1]
    return sorted(found.values(), key=lambda component: -component.area)


def _find_root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index
