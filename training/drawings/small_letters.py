"""Small letters as a hand writes them, in a box of 1 × 1; without those that are a digit's shape."""

from training.drawings.digits import Strokes
from training.drawings.everyday import Thing
from training.drawings.pen import Random, arc, curve


def _write_a(random: Random) -> Strokes:
    """Return a round with a stem at its side, which ends in a tail to the right."""
    low, right, tail = random.uniform(0.88, 1.0), random.uniform(0.68, 0.8), random.uniform(0.05, 0.3)
    bowl = curve([(right, random.uniform(0.1, 0.25)), (0.45, 0), (0.08, 0.45), (0.3, low), (right, random.uniform(0.5, 0.75))])
    stem = curve(
        [(right, random.uniform(-0.05, 0.1)), (right, 0.75), (right + 0.5 * tail, 1.0), (right + tail + 0.05, random.uniform(0.75, 0.95))]
    )
    if random.random() < 0.25:  # as it is printed
        top = curve([(0.15, 0.15), (0.45, 0), (0.75, 0.2), (0.75, 0.85), (0.85 + tail, 1.0)])
        return [top, curve([(0.75, 0.45), (0.3, 0.45), (0.1, 0.72), (0.35, 0.98), (0.75, 0.75)])]
    return [bowl, stem]


def _write_c(random: Random) -> Strokes:
    start = random.uniform(30, 60)
    return [arc(0.5, 0.5, random.uniform(0.35, 0.5), 0.5, 360 - start, start)]


def _write_e(random: Random) -> Strokes:
    return [
        curve(
            [(0.1, random.uniform(0.5, 0.65)), (0.6, 0.5), (0.85, 0.25), (0.5, 0), (0.12, 0.5), (0.5, 1), (0.95, random.uniform(0.7, 0.85))]
        )
    ]


def _write_f(random: Random) -> Strokes:
    stem = curve([(random.uniform(0.7, 0.95), 0.1), (0.6, 0), (0.45, 0.3), (0.45, 1.0)])
    return [stem, [(0.15, 0.4), (random.uniform(0.7, 0.9), random.uniform(0.36, 0.44))]]


def _write_h(random: Random) -> Strokes:
    arch = curve([(0.15, random.uniform(0.6, 0.95)), (0.45, 0.42), (0.75, 0.6), (0.75, 1), (random.uniform(0.75, 1.0), 0.95)])
    if random.random() < 0.4:  # with a loop
        return [curve([(0.0, 0.7), (0.3, 0.15), (0.22, 0), (0.12, 0.3), (0.15, 1)]), arch]
    return [[(0.15, 0), (0.15, 1)], arch]


def _write_n(random: Random) -> Strokes:
    count = int(random.integers(1, 3))
    strokes: Strokes = [[(0.0, 0.05), (0.0, 1)]]
    for at in range(count):
        strokes.append(curve([(at * 0.6, 0.6), (at * 0.6 + 0.3, 0.05), (at * 0.6 + 0.6, 0.35), (at * 0.6 + 0.6, 1)]))
    return strokes


def _write_u(random: Random) -> Strokes:
    return [curve([(0.1, 0), (0.12, 0.7), (0.4, 1), (0.75, 0.6), (0.8, 0)]), curve([(0.8, 0), (0.8, 0.8), (1.0, random.uniform(0.85, 1))])]


_K: Strokes = [[(0.15, 0), (0.15, 1)], curve([(0.75, 0.35), (0.4, 0.6), (0.15, 0.65)]), curve([(0.35, 0.6), (0.6, 0.8), (0.85, 1)])]
# An a is taken for a 9 most often.
SMALL_LETTERS: tuple[Thing, ...] = (_write_a, _write_a, _write_c, _write_e, _write_f, _write_h, _write_n, _K, _write_u)
