"""Connected components of a small mask, in plain Python: runs of a row joined with the runs they touch in the row above."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Component:
    """Cells that touch, diagonals included: their runs as (row, first column, column after the last), and how many cells there are."""

    runs: list[tuple[int, int, int]] = field(default_factory=list)
    area: int = 0


def components(mask: bytes, width: int) -> list[Component]:
    """Return the components of a mask of bytes, 0 is background, largest first."""
    parent: list[int] = []
    runs: list[tuple[int, int, int]] = []
    above: list[int] = []
    for row in range(len(mask) // width):
        line = mask[row * width : (row + 1) * width]
        current: list[int] = []
        column = 0
        while (start := _find_ink(line, column)) < width:
            end = line.find(0, start)
            end = width if end < 0 else end
            index = len(runs)
            runs.append((row, start, end))
            parent.append(index)
            current.append(index)
            for other in above:
                _, other_start, other_end = runs[other]
                if other_start <= end and start <= other_end:  # touching, also by a corner
                    parent[_root(parent, index)] = _root(parent, other)
            column = end
        above = current
    found: dict[int, Component] = {}
    for index, run in enumerate(runs):
        component = found.setdefault(_root(parent, index), Component())
        component.runs.append(run)
        component.area += run[2] - run[1]
    return sorted(found.values(), key=lambda component: -component.area)


def _find_ink(line: bytes, column: int) -> int:
    return len(line) - len(line[column:].lstrip(b"\0"))


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index
