"""Draws docs/pictures/scale-light.svg and scale-dark.svg: what a month costs by requests a second, and what a step does to instances.

`make pictures` runs it. It holds no figure: scale/ computes them, and the picture changes with its files.
"""

from collections.abc import Callable, Sequence
from html import escape
from math import log10
from pathlib import Path
from random import Random

from deployment.stages import settings_for
from scale.bill import add_up, list_lines
from scale.load import Load
from scale.simulation.autoscaling import Autoscaler
from scale.simulation.fleet import count_needed, simulate_flow
from scale.surge import make_policy
from scale.ways import find_way, list_ways

FOLDER = Path(__file__).parent
WIDTH, HEIGHT, TOP, FLOOR = 1000, 400, 70, 340
FONT = "system-ui, -apple-system, 'Segoe UI', 'Open Sans', sans-serif"
LIGHT = {
    "text": "#1d2733", "quiet": "#4a5568", "grid": "#d5dae3", "serverless": "#3d4db8", "cpu": "#a85b00", "gpu": "#1d7a46",
    "zero": "#8a3aa8", "tutorial": "#b3261e", "needed": "#1d2733", "instances": "#a85b00",
}  # fmt: skip
DARK = {
    "text": "#eef1f7", "quiet": "#b9c2d0", "grid": "#3a4254", "serverless": "#9aa8ff", "cpu": "#f0b060", "gpu": "#6fd39a",
    "zero": "#d9a2f0", "tutorial": "#ff8f86", "needed": "#eef1f7", "instances": "#f0b060",
}  # fmt: skip
TITLE = "What a load costs, and how instances follow it"
DESCRIPTION = (
    "On the left, dollars a month of SageMaker and of what asks it, by requests a second, for five ways to run the endpoint: "
    "serverless costs least up to some tens of requests a second, instances beyond that. On the right, the instances that are needed and "
    "that serve, by the minute, after the requests have tripled at once and after they have fallen again."
)
PROD = settings_for("prod")
DASHES = {"serverless": "", "cpu": "", "gpu": "8 4", "zero": "2 4", "tutorial": "12 3 2 3"}
STEP_S, DOWN_S, END_S, LOW_S, HIGH_S = 600, 2400, 5400, 40_000.0, 120_000.0
Point = tuple[float, float]


def compute_costs() -> dict[str, list[Point]]:
    """Return dollars of a month by requests a second, for what differs: SageMaker and Lambda; the tutorial's while it holds."""
    rates = [10 ** (step / 8) for step in range(-16, 41)]
    return {
        way.kind: [
            (rate_s, add_up([line for line in list_lines(way, Load(rate_s), PROD) if line.service in {"SageMaker", "Lambda"}]))
            for rate_s in rates
            if way.kind != "tutorial" or rate_s <= way.requests_s
        ]
        for way in list_ways(PROD)
    }


def follow_step() -> tuple[list[Point], list[Point]]:
    """Return the instances that are needed and those that serve, by the minute."""
    way = find_way(PROD, "cpu")
    policy = make_policy(way, PROD, most=40)

    def rate(at_s: float) -> float:
        return HIGH_S if STEP_S <= at_s < DOWN_S else LOW_S

    scaler = Autoscaler(policy, count_needed(LOW_S, policy.target_per_min))
    random = Random(1)  # noqa: S311 - it draws arrivals
    course = simulate_flow(rate, scaler, per_s=way.requests_s, patience_s=8, duration_s=END_S, random=random)
    needed = [(minute, float(count_needed(rate(60 * minute), policy.target_per_min))) for minute in range(len(course.instances))]
    return needed, [(minute, float(count)) for minute, count in enumerate(course.instances)]


def draw(colours: dict[str, str]) -> str:
    """Return the picture as SVG."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title about"',
        f' font-family="{FONT}">',
        f'<title id="title">{escape(TITLE)}</title><desc id="about">{escape(DESCRIPTION)}</desc>',
        *_draw_costs(colours),
        *_draw_step(colours),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _text(x: float, y: float, text: str, colour: str, *, size: int = 14, anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{colour}" font-size="{size}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(points: Sequence[Point], place: Callable[[Point], Point], colour: str, dash: str = "") -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, points))
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}" stroke-linejoin="round"/>'


def _draw_costs(colours: dict[str, str]) -> list[str]:
    left, right = 70, 430

    def place(point: Point) -> Point:
        rate_s, usd = point
        x = left + (log10(rate_s) + 2) / 7 * (right - left)
        return x, FLOOR - (log10(max(usd, 0.1)) + 1) / 7 * (FLOOR - TOP)

    parts = [_text(left - 50, 30, "SageMaker and Lambda, $ a month", colours["text"], size=16)]
    for power in range(-1, 7, 1):
        y = place((1, 10.0**power))[1]
        parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="{colours["grid"]}"/>')
        if power % 2 == 0:
            parts.append(_text(left - 8, y + 5, f"{10**power:,}" if power < 6 else "1 M", colours["quiet"], anchor="end"))
    for power in range(-2, 6):
        label = f"{10.0**power:g}" if power < 3 else f"{10 ** (power - 3)}k"
        parts.append(_text(place((10.0**power, 1))[0], FLOOR + 20, label, colours["quiet"], anchor="middle"))
    parts.append(_text((left + right) / 2, FLOOR + 42, "requests a second", colours["quiet"], anchor="middle"))
    for row, (kind, points) in enumerate(compute_costs().items()):
        parts.append(_line(points, place, colours[kind], DASHES[kind]))
        y = TOP + 12 + 22 * row
        parts.append(f'<path d="M{left + 12} {y - 5}h34" stroke="{colours[kind]}" stroke-width="2.5" stroke-dasharray="{DASHES[kind]}"/>')
        parts.append(_text(left + 54, y, kind, colours["text"]))
    return parts


def _draw_step(colours: dict[str, str]) -> list[str]:
    left, right = 560, 970
    needed, instances = follow_step()
    most = max(count for _, count in (*needed, *instances)) + 1

    def place(point: Point) -> Point:
        return left + point[0] * 60 / END_S * (right - left), FLOOR - point[1] / most * (FLOOR - TOP)

    heading = f"{LOW_S / 1000:g}k, then {HIGH_S / 1000:g}k requests a second: instances"
    parts = [_text(left - 40, 30, heading, colours["text"], size=16)]
    for count in range(0, int(most) + 1, 2):
        y = place((0, count))[1]
        parts += [
            f'<path d="M{left} {y:.1f}H{right}" stroke="{colours["grid"]}"/>',
            _text(left - 8, y + 5, str(count), colours["quiet"], anchor="end"),
        ]
    for minute in range(0, END_S // 60 + 1, 15):
        parts.append(_text(place((minute, 0))[0], FLOOR + 20, str(minute), colours["quiet"], anchor="middle"))
    parts.append(_text((left + right) / 2, FLOOR + 42, "minutes", colours["quiet"], anchor="middle"))
    parts.append(_line(_make_steps(needed), place, colours["needed"], "4 4"))
    parts.append(_line(_make_steps(instances), place, colours["instances"]))
    for row, (name, label, dash) in enumerate((("needed", "needed", "4 4"), ("instances", "that serve", ""))):
        y = TOP + 12 + 22 * row
        parts.append(f'<path d="M{right - 130} {y - 5}h34" stroke="{colours[name]}" stroke-width="2.5" stroke-dasharray="{dash}"/>')
        parts.append(_text(right - 88, y, label, colours["text"]))
    return parts


def _make_steps(points: Sequence[Point]) -> list[Point]:
    """Return the corners of a line that keeps each value for its minute."""
    return [corner for x, y in points for corner in ((x, y), (x + 1, y))]


def main() -> None:
    """Write both pictures."""
    for name, colours in (("light", LIGHT), ("dark", DARK)):
        (FOLDER / f"scale-{name}.svg").write_text(draw(colours))


if __name__ == "__main__":
    main()
