"""What it costs to bring a picture to 28×28: processor time of one picture through `to_digit`, by kind of picture.

Run: .venv/bin/python -m benchmarks.transform [--rounds 15] [--record FILE]
"""

import argparse
import io
import time
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.harness import describe_machine, summarize, write_record
from recipes.digits.golden.make import draw, photograph
from recipes.digits.transform import to_digit

GOLDEN = Path(__file__).resolve().parents[1] / "recipes/digits/golden"
ROUND_S = 0.3


def draw_pictures() -> dict[str, bytes]:
    """Return an encoded picture of each kind."""
    seven = Image.open(GOLDEN / "7.png")
    digit = np.asarray(seven)
    photo = photograph(digit).resize((2000, 2000), Image.Resampling.BICUBIC)
    grain = np.random.default_rng(0).normal(0, 7, (2000, 2000))
    photo = Image.fromarray((np.asarray(photo) + grain).clip(0, 255).astype(np.uint8)).convert("RGB")
    return {
        "28 px PNG": (GOLDEN / "7.png").read_bytes(),
        "280 px canvas, grey PNG": encode(draw(digit, right_px=35, down_px=35), "PNG"),
        "280 px canvas, RGBA PNG": encode(draw(digit, right_px=35, down_px=35).convert("RGBA"), "PNG"),
        "280 px photo, JPEG": encode(photograph(digit), "JPEG", quality=85),
        "4 Mpx photo, 1 MB JPEG": encode(photo, "JPEG", quality=88),
    }


def encode(image: Image.Image, format_: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def measure_cpu_us(picture: bytes) -> float:
    """Return the processor time of one picture, in µs, over as many as fill a round."""
    count, began_s = 0, time.process_time()
    while (used_s := time.process_time() - began_s) < ROUND_S:
        to_digit(picture)
        count += 1
    return used_s / count * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    measured = draw_pictures()
    rounds: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(options.rounds):  # interleaved, so that a busy moment falls on all of them
        for name, picture in measured.items():
            rounds[name].append(measure_cpu_us(picture))
    record = {
        "machine": describe_machine(),
        "rounds": options.rounds,
        "pictures": {name: {"bytes": len(picture), "cpu_us": summarize(rounds[name])} for name, picture in measured.items()},
    }
    for name, picture in record["pictures"].items():
        figures = picture["cpu_us"]
        print(f"| {name} | {picture['bytes']:,} | {figures['median']:.0f} ({figures['min']:.0f}-{figures['max']:.0f}) |")
    if options.record:
        write_record(options.record, record)


if __name__ == "__main__":
    main()
