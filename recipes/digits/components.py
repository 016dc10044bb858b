"""Connected components of a small mask, in plain Python: runs of a row joined with the runs they touch in the row above."""

import re
from dataclasses import dataclass, field

_RUN = re.compile(rb"[^\0]+")


@dataclass(slots=True)
class Component:
    """Cells that touch, diagonals included: their runs as (row, first column, column after the last), and how many cells there are."""

    runs: list[tuple[int, int, int]] = field(default_factory=list)
    area: int = 0


def find_components(mask: bytes, width: int) -> list[Component]:
    """Return the components of a mask of bytes, 0 is background, largest first."""
    parent: list[int] = []
    runs: list[tuple[int, int, int]] = []
    above: list[int] = []
    for row in range(len(mask) // width):
        current: list[int] = []
        first = 0  # of the runs above, the first that this row may still touch
        offset = row * width
        for ink in _RUN.finditer(mask, offset, offset + width):
            start, end = ink.start() - offset, ink.end() - offset
            index = len(runs)
            runs.append((row, start, end))
            parent.append(index)
            current.append(index)
            while first < len(above) and runs[above[first]][2] < start:
                first += 1
            touching = first
            while touching < len(above) and runs[above[touching]][1] <= end:  # also by a corner
                parent[_find_root(parent, index)] = _find_root(parent, above[touching])
                touching += 1
        above = current
    found: dict[int, Component] = {}
    for index, run in enumerate(runs):
        component = found.setdefault(_find_root(parent, index), Component())
        component.runs.append(run)
        component.area += run[2] - run[1]
    return sorted(found.values(), key=lambda component: -component.area)


def _find_root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index
