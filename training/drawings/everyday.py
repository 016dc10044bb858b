"""Things of everyday as a hand draws them, in a box of about 1 × 1; none of those that the tables measure on."""

from collections.abc import Callable, Mapping

import numpy as np

from training.drawings.digits import Strokes
from training.drawings.pen import Points, Random, arc, curve

Thing = Strokes | Callable[[Random], Strokes]


def _round(x: float, y: float, across: float, along: float, random: Random) -> Points:
    """Return an oval as a hand closes it."""
    start = random.uniform(0, 360)
    return arc(x, y, across, along, start, start + random.uniform(345, 380))


def _scallops(random: Random, count: int, across: float, along: float) -> Points:
    t = np.linspace(0, 2 * np.pi, 24 * count)
    swell = 1 + random.uniform(0.12, 0.3) * np.abs(np.sin(count * t / 2))
    return np.stack([0.5 + across * swell * np.cos(t), 0.5 + along * swell * np.sin(t)], 1)


def _draw_cloud(random: Random) -> Strokes:
    return [_scallops(random, int(random.integers(5, 9)), 0.45, 0.28)]


def _draw_blossom(random: Random) -> Strokes:
    petals = int(random.integers(4, 8))
    t = np.linspace(0, 2 * np.pi, 40 * petals)
    radius = 0.28 + 0.2 * np.cos(petals * t)
    strokes: Strokes = [np.stack([0.5 + radius * np.cos(t), 0.35 + radius * np.sin(t)], 1)]
    if random.random() < 0.6:
        strokes.append(_round(0.5, 0.35, 0.1, 0.1, random))
    if random.random() < 0.6:
        strokes.append(curve([(0.5, 0.8), (0.52, 1.0), (0.48, 1.3)]))
    return strokes


def _draw_fruit(random: Random) -> Strokes:
    body = curve([(0.5, 0.2), (0.2, 0.1), (0.02, 0.45), (0.3, 0.98), (0.5, 0.92), (0.7, 0.98), (0.98, 0.45), (0.8, 0.1)], closed=True)
    strokes: Strokes = [body, curve([(0.5, 0.2), (0.52, 0.05), (0.6, -0.12)])]
    if random.random() < 0.6:
        strokes.append(curve([(0.54, 0), (0.7, -0.18), (0.9, -0.12), (0.7, 0.0)], closed=True))
    return strokes


def _draw_cherries(random: Random) -> Strokes:
    return [
        _round(0.2, 0.8, 0.2, 0.2, random),
        _round(0.8, 0.75, 0.2, 0.2, random),
        curve([(0.22, 0.6), (0.35, 0.2), (0.6, 0)]),
        curve([(0.78, 0.55), (0.72, 0.25), (0.6, 0)]),
    ]


def _draw_birds(random: Random) -> Strokes:
    strokes: Strokes = []
    for _ in range(random.integers(1, 4)):
        x, y, size = random.uniform(0, 0.7), random.uniform(0, 0.8), random.uniform(0.2, 0.4)
        wing = [(0, 0.3), (0.5, -0.1), (1, 0.35), (1.5, -0.1), (2, 0.3)]
        strokes += [curve([(x + size * a, y + size * b) for a, b in wing[:3]]), curve([(x + size * a, y + size * b) for a, b in wing[2:]])]
    return strokes


def _draw_ghost(random: Random) -> Strokes:
    hem = [(0.1 + 0.8 * at / 6, 1.0 if at % 2 else 0.88) for at in range(7)]
    body = np.concatenate([curve([(0.1, 0.88), (0.1, 0.35), (0.5, 0), (0.9, 0.35), (0.9, 0.88)]), hem[::-1]])
    return [body, _round(0.35, 0.4, 0.06, 0.08, random), _round(0.65, 0.4, 0.06, 0.08, random)]


def _draw_moon(random: Random) -> Strokes:
    horn = random.uniform(0.2, 0.5)
    return [np.concatenate([arc(0.5, 0.5, 0.5, 0.5, 60, 300), arc(0.5 + 0.25, 0.5, horn, 0.433, 270, 90)])]


def _draw_arrow(random: Random) -> Strokes:
    shaft = curve([(0, random.uniform(0, 1)), (0.3, random.uniform(0, 1)), (0.7, random.uniform(0.2, 0.8)), (1, 0.5)])
    return [shaft, [(0.75, 0.3), (1, 0.5), (0.78, 0.75)]]


def _draw_spring(random: Random) -> Strokes:
    turns = int(random.integers(3, 7))
    t = np.linspace(0, 2 * np.pi * turns, 30 * turns)
    return [np.stack([t / t[-1] + 0.1 * np.sin(t), 0.5 + random.uniform(0.12, 0.3) * np.cos(t)], 1)]


def _draw_eye(random: Random) -> Strokes:
    strokes: Strokes = [
        curve([(0, 0.5), (0.5, 0.15), (1, 0.5)]),
        curve([(0, 0.5), (0.5, 0.85), (1, 0.5)]),
        _round(0.5, 0.5, 0.17, 0.17, random),
    ]
    if random.random() < 0.5:
        strokes += [[(0.5 + 0.3 * side, 0.2), (0.5 + 0.4 * side, 0.0)] for side in (-1, 0, 1)]
    return strokes


def _draw_star(random: Random) -> Strokes:
    angles = np.deg2rad(-90 + 144 * np.arange(6))
    return [np.stack([0.5 + 0.5 * np.cos(angles), 0.5 + 0.5 * np.sin(angles)], 1) + random.normal(0, 0.03, (6, 2))]


def _draw_face(random: Random) -> Strokes:
    return [
        _round(0.5, 0.5, 0.5, 0.5, random),
        _round(0.3, 0.35, 0.07, 0.07, random),
        _round(0.7, 0.35, 0.07, 0.07, random),
        curve([(0.25, 0.65), (0.5, 0.82), (0.75, 0.65)]),
    ]


def _draw_worm(random: Random) -> Strokes:
    waves = int(random.integers(2, 5))
    t = np.linspace(0, 2 * np.pi * waves, 24 * waves)
    return [np.stack([t / t[-1], 0.5 + random.uniform(0.08, 0.25) * np.sin(t)], 1), _round(1.06, 0.5, 0.09, 0.09, random)]


_TIME = np.linspace(0, 1, 40)
_CUP = [(0.2, 0), (0.15, 0.4), (0.5, 0.55), (0.85, 0.4), (0.8, 0), (0.65, 0.2), (0.5, 0), (0.35, 0.2), (0.2, 0)]
_FINGERS = [
    (0.1 + 0.18 * at + x, low or high) for at, high in enumerate((0.35, 0.1, 0.0, 0.08, 0.4)) for x, low in ((0, 0), (0.1, 0), (0.14, 0.55))
]
EVERYDAY: Mapping[str, Thing] = {
    "cloud": _draw_cloud,
    "blossom": _draw_blossom,
    "fruit": _draw_fruit,
    "cherries": _draw_cherries,
    "kite": [
        [(0.5, 0), (0.15, 0.3), (0.45, 0.7), (0.85, 0.25), (0.5, 0)],
        [(0.5, 0), (0.45, 0.7)],
        [(0.15, 0.3), (0.85, 0.25)],
        np.stack([0.45 + 0.1 * np.sin(9 * _TIME), 0.7 + 0.6 * _TIME], 1),
    ],
    "candle": [
        curve([(0.5, 0), (0.38, 0.22), (0.5, 0.32), (0.62, 0.22)], closed=True),
        [(0.5, 0.32), (0.5, 0.42)],
        [(0.3, 1), (0.3, 0.42), (0.7, 0.42), (0.7, 1), (0.3, 1)],
        curve([(0.1, 1), (0.5, 1.1), (0.9, 1)]),
    ],
    "birds": _draw_birds,
    "ghost": _draw_ghost,
    "cactus": [
        curve([(0.4, 1), (0.4, 0.15), (0.5, 0), (0.6, 0.15), (0.6, 1)]),
        curve([(0.4, 0.65), (0.15, 0.6), (0.1, 0.3)]),
        curve([(0.6, 0.5), (0.85, 0.48), (0.9, 0.2)]),
        [(0, 1), (1, 1)],
    ],
    "moon": _draw_moon,
    "arrow": _draw_arrow,
    "spring": _draw_spring,
    "eye": _draw_eye,
    "hand": [curve([(0.2, 1), (0.15, 0.6), *_FINGERS, (0.8, 1)])],
    "star": _draw_star,
    "carrot": [
        curve([(0.2, 0.35), (0.5, 0.28), (0.8, 0.35), (0.5, 1.2), (0.2, 0.35)]),
        *(curve([(0.5, 0.3), (0.5 + 0.15 * side, 0.15), (0.5 + 0.3 * side, 0)]) for side in (-1, 0, 1)),
        [(0.3, 0.55), (0.5, 0.58)],
    ],
    "pretzel": [curve([(0.2, 0.95), (0.75, 0.45), (0.95, 0.15), (0.7, 0), (0.5, 0.3), (0.3, 0), (0.05, 0.15), (0.25, 0.45), (0.8, 0.95)])],
    "face": _draw_face,
    "tulip": [_CUP, [(0.5, 0.55), (0.5, 1.2)], curve([(0.5, 1.1), (0.8, 0.95), (0.9, 0.65), (0.6, 0.85), (0.5, 1.1)])],
    "shoe": [curve([(0.1, 0.1), (0.4, 0.1), (0.45, 0.45), (0.85, 0.6), (1, 0.85), (0.1, 0.85)], closed=True), [(0.1, 0.95), (1, 0.95)]],
    "bulb": [
        curve([(0.38, 0.75), (0.35, 0.6), (0.15, 0.35), (0.5, 0), (0.85, 0.35), (0.65, 0.6), (0.62, 0.75)]),
        *([(0.38, y), (0.62, y)] for y in (0.75, 0.85, 0.95)),
        [(0.4, 0.6), (0.45, 0.4), (0.5, 0.5), (0.55, 0.4), (0.6, 0.6)],
    ],
    "worm": _draw_worm,
}
