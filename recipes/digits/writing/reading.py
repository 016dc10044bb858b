"""In what order a page's digits are read: line by line from the top, each line from the left."""

from recipes.digits.writing.part import Part

SLOPE_REACH = 3.0  # heights to the right in which a digit's neighbour is looked for
MAX_SLOPE = 0.15  # eight degrees and a half


def find_lines(parts: list[Part]) -> list[list[Part]]:
    """Return the lines of digits from the top, each from the left; they may slope by a few degrees."""
    slope = _estimate_slope(parts)

    def across(part: Part) -> float:
        return (part.top + part.bottom) / 2 - slope * (part.left + part.right) / 2

    lines: list[list[Part]] = []
    total, largest = 0.0, 0  # of the last line: the rows of its digits, and the size of its largest
    for part in sorted(parts, key=across):
        if not lines or across(part) - total / len(lines[-1]) >= 0.5 * max(part.size, largest):
            lines.append([])
            total, largest = 0.0, 0
        lines[-1].append(part)
        total, largest = total + across(part), max(largest, part.size)
    return [sorted(line, key=lambda part: part.left + part.right) for line in lines]


def _estimate_slope(parts: list[Part]) -> float:
    """Return the median slope from each digit to its nearest neighbour on the right, 0 where there are none."""
    slopes = []
    # Twice the middles and the sizes, once a part: it is compared with all that begin within three heights of it.
    places = [(part.left + part.right, part.top + part.bottom, part.size) for part in sorted(parts, key=lambda part: part.left)]
    for index, (x, y, size) in enumerate(places):
        nearest: tuple[int, int] | None = None
        for other_x, other_y, other_size in places[index + 1 :]:
            across = other_x - x
            if across > 2 * (SLOPE_REACH * size + other_size):
                break
            down = other_y - y
            if across > 0 and abs(down) < min(size, other_size) and (nearest is None or across < nearest[0]):
                nearest = across, down
        if nearest is not None:
            slopes.append(nearest[1] / nearest[0])
    if len(slopes) < 2:
        return 0.0
    return max(-MAX_SLOPE, min(MAX_SLOPE, sorted(slopes)[len(slopes) // 2]))
