"""Draws docs/pictures/architecture-light.svg and architecture-dark.svg: what asks, what answers, and what trains the model.

`make pictures` runs it. The picture is code, so that it changes in the commit that changes what it shows.
"""

from dataclasses import dataclass
from html import escape
from pathlib import Path

FOLDER = Path(__file__).parent
WIDTH, HEIGHT = 1000, 470
FONT = "system-ui, -apple-system, 'Segoe UI', 'Open Sans', sans-serif"
LIGHT = {
    "text": "#1d2733",
    "quiet": "#4a5568",
    "box": "#f3f5fb",
    "edge": "#3d4db8",
    "store": "#fdf4e7",
    "rim": "#a85b00",
    "line": "#4a5568",
}
DARK = {"text": "#eef1f7", "quiet": "#b9c2d0", "box": "#232a45", "edge": "#9aa8ff", "store": "#3a2c18", "rim": "#f0b060", "line": "#b9c2d0"}
TITLE = "How Inferstack works"
DESCRIPTION = (
    "A browser or an app sends a picture to the HTTP API; the predict function reads it and asks the SageMaker endpoint, which answers. "
    "A large photo or a batch goes to the uploads bucket, through a queue to the upload function, which asks the same endpoint and writes "
    "to the results bucket; the caller is told over the Event API. Raw data goes through a pipeline that prepares, trains, evaluates and "
    "registers a model; once somebody approves it, the rollout puts it behind the endpoint under a canary."
)


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the stack: its place, its name, and a line about it; a store of objects has rounder sides."""

    x: int
    y: int
    name: str
    about: str = ""
    width: int = 150
    is_store: bool = False


BOXES = (
    Box(20, 95, "browser, app", "or curl"),
    Box(235, 35, "HTTP API", "sign-in, throttle"),
    Box(450, 35, "predict", "Lambda: reads any picture", 190),
    Box(790, 95, "endpoint", "SageMaker, ONNX Runtime", 190),
    Box(235, 155, "uploads", "bucket: photos, batches", 170, is_store=True),
    Box(470, 155, "process upload", "Lambda, behind a queue", 190),
    Box(470, 265, "results", "bucket: predictions.jsonl", 190, is_store=True),
    Box(235, 265, "Event API", "tells when it is done", 170),
    Box(20, 375, "raw data", "dump bucket", is_store=True),
    Box(235, 375, "training pipeline", "prepare, train, evaluate, gate", 215),
    Box(515, 375, "model registry", "you approve a version", 185),
    Box(790, 375, "rollout", "canary, alarms, rollback", 190),
)
BOX_HEIGHT = 62
# Each arrow runs along straight lines.
ARROWS = (
    "M170 115 H200 V66 H229",
    "M385 66 H444",
    "M640 66 H700 V116 H784",
    "M170 137 H200 V186 H229",
    "M405 186 H464",
    "M660 186 H700 V136 H784",
    "M565 217 V259",
    "M510 217 V241 H320 V259",
    "M235 296 H95 V163",
    "M170 406 H229",
    "M450 406 H509",
    "M700 406 H784",
    "M885 375 V163",
)
LABELS = ((174, 58, "predict"), (174, 208, "upload"), (708, 108, "arrays"), (708, 158, "rows"), (104, 250, "push"), (893, 275, "new model"))


def draw(colors: dict[str, str]) -> str:
    """Return the picture as SVG in these colours."""
    named = 'role="img" aria-labelledby="title about"'
    line = colors["line"]
    tip = '<marker id="tip" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {named} font-family="{FONT}">',
        f'<title id="title">{TITLE}</title>',
        f'<desc id="about">{escape(DESCRIPTION)}</desc>',
        f'<defs>{tip}<path d="M0 0 L10 5 L0 10 z" fill="{line}"/></marker></defs>',
        *(f'<path d="{path}" fill="none" stroke="{line}" stroke-width="1.6" marker-end="url(#tip)"/>' for path in ARROWS),
        *(draw_box(box, colors) for box in BOXES),
        *(f'<text x="{x}" y="{y}" font-size="13" fill="{colors["quiet"]}">{words}</text>' for x, y, words in LABELS),
    ]
    return "\n".join([*parts, "</svg>", ""])


def draw_box(box: Box, colors: dict[str, str]) -> str:
    """Return a box with its two lines of text."""
    fill, edge = (colors["store"], colors["rim"]) if box.is_store else (colors["box"], colors["edge"])
    middle, corner = box.x + box.width / 2, 28 if box.is_store else 8
    name = f'font-size="16" font-weight="600" fill="{colors["text"]}">{box.name}</text>'
    return (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{BOX_HEIGHT}" rx="{corner}" fill="{fill}" stroke="{edge}"/>'
        f'<text x="{middle:g}" y="{box.y + 27}" text-anchor="middle" {name}'
        f'<text x="{middle:g}" y="{box.y + 47}" text-anchor="middle" font-size="13" fill="{colors["quiet"]}">{box.about}</text>'
    )


def main() -> None:
    """Write both."""
    for name, colors in (("light", LIGHT), ("dark", DARK)):
        (FOLDER / f"architecture-{name}.svg").write_text(draw(colors), encoding="utf-8")


if __name__ == "__main__":
    main()
