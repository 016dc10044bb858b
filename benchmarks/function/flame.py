"""Draws where the processor time of a request goes in the predict function, and of its cold start: an icicle each, by samples of the stack.

.venv/bin/python -m benchmarks.function.flame OUT.svg [--before CHECKOUT] [--starts 20] [--requests 2000]

A process looks at its own stack each millisecond, and adds the processor time that it used since it last looked: so nothing counts that
waits for a core, or for the endpoint, a process beside it that answers a constant. (A timer of processor time is asked every 4 ms only, and
misses what sleeps in between.) Looking makes it slower, so how long the whole takes is measured without. Time inside C belongs to the
function that called it.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import PIL
from PIL import Image

from benchmarks.function.compare import serve
from benchmarks.harness import ROOT, find_free_port
from tests.events import ID_KEY, event

GOLDEN = ROOT / "recipes/digits/golden/7.png"
PACKAGES = Path(PIL.__file__).parents[1]
PROGRAM = """
import _signal, os, sys, time
stacks, looked_s = {{}}, 0
def sample(_, frame):
    global looked_s
    used_s = time.process_time() - looked_s
    names = []
    while frame:
        names.append(f"{{frame.f_globals.get('__name__')}}:{{frame.f_code.co_qualname}}")
        frame = frame.f_back
    stack = ";".join(reversed(names))
    stacks[stack] = stacks.get(stack, 0) + used_s
    looked_s = time.process_time()
def begin():
    global looked_s, began_s
    looked_s = began_s = time.process_time()
    _signal.setitimer(_signal.ITIMER_REAL, {every_s}, {every_s})
_signal.signal(_signal.SIGALRM, sample)
class Context:
    aws_request_id = function_name = invoked_function_arn = "any"
    memory_limit_in_mb = "1024"
    def get_remaining_time_in_millis(self): return 29_000
event, out, sys.stdout = {event!r}, sys.stdout, open(os.devnull, "w")
if not {requests}:
    begin()
from functions.predict.function import handler
assert handler(event, Context())["statusCode"] == 200
if {requests}:
    for _ in range(20): handler(event, Context())
    begin()
    for _ in range({requests}): handler(event, Context())
_signal.setitimer(_signal.ITIMER_REAL, 0)
used_s = time.process_time() - began_s
import json
print(json.dumps([used_s, stacks]), file=out, flush=True)
"""
WIDTH, ROW, LEAST, LETTER = 1000, 17, 2.0, 5.7  # pixels
MOST_ROWS = 11
COLOURS = {"functions": "#c9cffb", "recipes": "#dcd3f7", "PIL": "#bfe6cd", "AWS": "#f6d5a8", "loading": "#e3e6ec", "Python": "#d3d9e3"}
LEGEND = {
    **{"functions": "functions/", "recipes": "recipes/", "PIL": "Pillow", "AWS": "AWS's client, or ours"},
    **{"loading": "finding and loading modules", "Python": "Python's library"},
}
AWS = ("botocore", "urllib3", "jmespath", "dateutil", "s3transfer", "boto3", "functions.shared.aws", "functions.shared.endpoint")


class Frame(NamedTuple):
    """A part of the stack.

    Args:    label: what is written on it.
             kind: whose it is, one of COLOURS.
    """

    label: str
    kind: str


class Part:
    """The time of a frame and of those that it called."""

    def __init__(self) -> None:
        self.ms = 0.0
        self.children: dict[Frame, Part] = {}

    def add(self, frames: list[Frame], ms: float) -> None:
        self.ms += ms
        if frames:
            self.children.setdefault(frames[0], Part()).add(frames[1:], ms)


def read_stack(stack: str) -> list[Frame]:
    """Return the frames that are shown: of other people's packages one each, and of the search for modules only its end."""
    frames: list[Frame] = []
    for name in stack.split(";"):
        module, _, function = name.partition(":")
        package = module.partition(".")[0]
        is_import = function == "<module>"
        if module == "__main__":
            continue
        if package in {"importlib", "zipimport"} or module.startswith("_frozen_importlib"):
            frame = Frame("load", "loading")
        elif module.startswith(AWS):
            frame = Frame(_name(module, function), "AWS")
        elif package in {"functions", "recipes"}:
            frame = Frame(_name(module, function), package)
        else:
            frame = Frame(f"{'import ' * is_import}{package}", package if package in COLOURS else "Python")
        if frames and frames[-1].kind == "loading":
            frames.pop()
        if not frames or frames[-1] != frame:
            frames.append(frame)
    return frames


def _name(module: str, function: str) -> str:
    if function == "<module>":
        return f"import {module.removeprefix('functions.')}"
    return f"{module.rpartition('.')[2]}.{function.replace('.<locals>', '').removesuffix('.__call__')}"


def sample(checkout: Path, request: dict[str, Any], environment: dict[str, str], *, starts: int, requests: int) -> Part:
    """Return the parts of a start, or of a request.

    Args:    requests: of each process; none for its start.
    """
    variables = {**environment, "PYTHONPATH": f"{checkout}:{checkout / 'lambda'}:{PACKAGES}"}
    used_s, stacks = 0.0, Counter[str]()
    for every_s in (0, 0.001) * starts:
        command = [sys.executable, "-S", "-c", PROGRAM.format(event=request, requests=requests, every_s=every_s)]
        done = subprocess.run(command, env=variables, cwd="/", capture_output=True, text=True, check=True)
        one_s, found = json.loads(done.stdout)
        used_s += 0 if every_s else one_s
        stacks.update(found)
    whole, all_ms = Part(), used_s * 1e3 / starts / max(1, requests)
    for stack, looked_s in stacks.items():
        whole.add(read_stack(stack), looked_s / stacks.total() * all_ms)
    return whole


def draw(panels: list[tuple[str, float, Part]]) -> str:
    """Return the picture as SVG.

    Args:    panels: of each its title, the most milliseconds of those that it is compared with, and its parts.
    """
    parts, left, top = [], 0.0, 40
    for kind, name in LEGEND.items():
        parts.append(f'<rect x="{left:.1f}" y="10" width="12" height="12" fill="{COLOURS[kind]}"/>{_text(left + 17, 20, name)}')
        left += 40 + len(name) * LETTER
    for title, most_ms, whole in panels:
        ms = whole.ms
        figure = f"{ms:.0f} ms" if ms >= 10 else f"{ms * 1e3:.0f} µs"
        parts.append(_text(0, top + 12, f"{title}: {figure}", size=14, weight=600))
        parts.append(f'<rect x="0" y="{top + 19}" width="{WIDTH * ms / most_ms:.1f}" height="3" fill="#3d4db8"/>')
        boxes = list(_draw_part(whole, 0, top + 26, WIDTH, 0))
        parts += [box for _, box in boxes]
        top += 44 + ROW * (1 + max((depth for depth, _ in boxes), default=0))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 0 {WIDTH + 16} {top}" font-family="system-ui, sans-serif">'
    return "\n".join([head, f'<rect x="-8" width="{WIDTH + 16}" height="{top}" fill="#fff"/>', *parts, "</svg>", ""])


def _draw_part(part: Part, left: float, top: float, width: float, depth: int) -> Iterator[tuple[int, str]]:
    for frame, child in sorted(part.children.items(), key=lambda each: -each[1].ms):
        wide = width * child.ms / part.ms
        if wide < LEAST or depth == MOST_ROWS:
            continue
        share = f"<title>{escape(frame.label)}</title>"
        fill = f'fill="{COLOURS[frame.kind]}" stroke="#fff" stroke-width=".7"'
        box = f'<rect x="{left:.1f}" y="{top:g}" width="{wide:.1f}" height="{ROW}" {fill}>{share}</rect>'
        letters = int((wide - 6) / LETTER)
        label = frame.label if len(frame.label) <= letters else frame.label[: letters - 1] + "…" if letters > 3 else ""
        yield depth, box + (_text(left + 3, top + 12, label) if label else "")
        yield from _draw_part(child, left, top + ROW, wide, depth + 1)
        left += wide


def _text(x: float, y: float, text: str, *, size: int = 11, weight: int = 400) -> str:
    return f'<text x="{x:.1f}" y="{y:g}" font-size="{size}" font-weight="{weight}" fill="#1d2733">{escape(text)}</text>'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--before", type=Path, help="another checkout of this repository")
    parser.add_argument("--starts", type=int, default=20)
    parser.add_argument("--requests", type=int, default=2000)
    options = parser.parse_args()
    checkouts = {"before": options.before.resolve(), "now": ROOT} if options.before else {"now": ROOT}
    port = find_free_port()
    server = multiprocessing.Process(target=serve, args=(port, ""), daemon=True)
    server.start()
    environment = {
        **{"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": f"http://localhost:{port}"},
        **{"ENDPOINT_NAMES": "e", "ENDPOINT_KIND": "serverless", "RECIPES": "digits", "ID_KEY": ID_KEY},
        **{"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "x"},
    }
    picture = event("POST", "/predictions", GOLDEN.read_bytes(), "image/png")
    numbers = event("POST", "/predictions", json.dumps({"instances": [np.asarray(Image.open(GOLDEN)).tolist()]}), "application/json")
    for request in (picture, numbers):
        request["requestContext"]["http"] |= {"sourceIp": "192.0.2.1", "userAgent": "any"}
    kinds = {"A cold start": (picture, options.starts, 0), "A digit as PNG": (picture, 1, options.requests)}
    kinds |= {"A digit as JSON": (numbers, 1, options.requests)}
    panels = []
    for checkout in checkouts.values():
        sample(checkout, picture, environment, starts=1, requests=0)  # what it imports is compiled then, and read from the disk
    for title, (request, starts, requests) in kinds.items():
        found = {name: sample(each, request, environment, starts=starts, requests=requests) for name, each in checkouts.items()}
        most_ms = max(whole.ms for whole in found.values())
        for name, whole in found.items():
            print(f"{title}, {name}: {whole.ms:.3f} ms", flush=True)
            panels.append((f"{title}, {name}" if len(found) > 1 else title, most_ms, whole))
    server.terminate()
    options.out.write_text(draw(panels))


if __name__ == "__main__":
    main()
