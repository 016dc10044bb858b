"""What it costs to bring a picture to 28×28: processor time of one picture through `to_digit`, by kind of picture.

Run: .venv/bin/python -m benchmarks.digits.transform [--rounds 15] [--before CHECKOUT] [--record FILE]. Needs MNIST's files.
With --before, the code of another checkout (git worktree add) takes the same pictures in turns, and each kind has the ratio of the two.
"""

import argparse
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.harness import ROOT, describe_machine, summarize, write_record
from recipes.digits.dataset import load
from recipes.digits.golden.make import draw, photograph
from recipes.pictures.pixel_data import PNG_MAGIC
from tests.digits import encoded
from training.drawings.robustness import draw_pictures

EACH = 20  # pictures of a kind
UP = 2  # PNG's filter
WORKER = Path(__file__).with_name("transform_worker.py")


def draw_kinds() -> dict[str, list[bytes]]:
    """Return encoded pictures of each kind."""
    split = load().test.head(EACH)
    digits = split.inputs
    canvases = [draw(digit, right_px=35, down_px=35) for digit in digits]
    return {
        "28 px PNG": [encoded(Image.fromarray(digit), "PNG") for digit in digits],
        "28 px PNG, shifted": list(draw_pictures("shifted", split)),
        "140 px page, PNG": list(draw_pictures("canvas", split)),
        "280 px canvas, grey PNG": [encoded(canvas, "PNG") for canvas in canvases],
        "280 px canvas, RGBA PNG": [encoded(canvas.convert("RGBA"), "PNG") for canvas in canvases],
        "280 px canvas, as Chrome writes it": [encode_as_chrome(canvas) for canvas in canvases],
        "168 px pad, as Chrome writes it": [encode_as_chrome(canvas.resize((168, 168))) for canvas in canvases],
        "140 px photo, JPEG": list(draw_pictures("photo", split)),
        "280 px photo, JPEG": [encoded(photograph(digit), "JPEG", quality=85) for digit in digits],
        "4 Mpx photo, JPEG": [photograph_large(digits[0], 2000, 2000)],
        "12 Mpx photo, JPEG": [photograph_large(digits[0], 4000, 3000)],
    }


def photograph_large(digit: np.ndarray, width: int, height: int) -> bytes:
    """Return a phone's photo of a digit, with its sensor's grain."""
    photo = photograph(digit).resize((width, height), Image.Resampling.BICUBIC)
    grain = np.random.default_rng(0).normal(0, 7, (height, width))
    return encoded(Image.fromarray((np.asarray(photo) + grain).clip(0, 255).astype(np.uint8)).convert("RGB"), "JPEG", quality=85)


def encode_as_chrome(image: Image.Image) -> bytes:
    """Return an "L" image as toBlob of a canvas gives it: four colours, each row as its difference from the row above."""
    rows = np.asarray(image.convert("RGBA")).reshape(image.height, -1)
    above = np.vstack([np.zeros_like(rows[:1]), rows[:-1]])
    filtered = np.hstack([np.full((image.height, 1), UP, np.uint8), rows - above])
    header = struct.pack(">IIBBBBB", *image.size, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered.tobytes())), (b"IEND", b""))
    return PNG_MAGIC + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


class Worker:
    """A process that runs a checkout's transform over the pictures of a kind and says what each took."""

    def __init__(self, checkout: Path, pictures: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONSAFEPATH": "1"}
        command = [sys.executable, str(WORKER), str(pictures)]
        self._process = subprocess.Popen(command, env=environment, cwd=checkout, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def measure_cpu_us(self, kind: str) -> float:
        """Return the processor time of one picture of the kind, in µs."""
        assert self._process.stdin
        assert self._process.stdout
        print(kind, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def stop(self) -> None:
        self._process.communicate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    kinds = draw_kinds()
    checkouts = {"now": ROOT} | ({"before": options.before.resolve()} if options.before else {})
    rounds: dict[str, dict[str, list[float]]] = {kind: {name: [] for name in checkouts} for kind in kinds}
    with tempfile.TemporaryDirectory() as folder:
        for kind, pictures in kinds.items():
            (Path(folder) / kind).mkdir()
            for number, picture in enumerate(pictures):
                (Path(folder) / kind / f"{number}").write_bytes(picture)
        workers = {name: Worker(checkout, Path(folder)) for name, checkout in checkouts.items()}
        for _ in range(options.rounds):  # interleaved, so that a busy moment falls on all of them
            for kind in kinds:
                for name, worker in workers.items():
                    rounds[kind][name].append(worker.measure_cpu_us(kind))
        for worker in workers.values():
            worker.stop()
    figures = {kind: describe(measured) for kind, measured in rounds.items()}
    for kind, figure in figures.items():
        now = figure["now"]
        ratio = f" {figure['ratio']['median']:.2f} ({figure['ratio']['min']:.2f}-{figure['ratio']['max']:.2f}) |" if options.before else ""
        print(f"| {kind} | {now['median']:.0f} ({now['min']:.0f}-{now['max']:.0f}) |{ratio}")
    if options.record:
        write_record(options.record, {"machine": describe_machine(), "rounds": options.rounds, "cpu_us": figures})


def describe(measured: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    """Return each checkout's figures, and those of the ratio of before to now in the same round."""
    figures = {name: summarize(values) for name, values in measured.items()}
    if "before" in measured:
        ratios = [before / now for before, now in zip(measured["before"], measured["now"], strict=True)]
        figures["ratio"] = {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios)}
    return figures


if __name__ == "__main__":
    main()
