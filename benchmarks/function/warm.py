"""What the predict function itself costs, without network and endpoint: a warm request by kind of input. Its start: `compare`.

Run: .venv/bin/python -m benchmarks.function.warm [--rounds 15] [--record FILE]
"""

import argparse
import base64
import io
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.harness import ROOT, describe_machine, summarize, write_record
from functions.predict.handler import Handler
from functions.predict.service import Service
from functions.shared.endpoint.interface import EndpointResponse
from recipes.digits.golden.make import draw
from recipes.recipe import load
from tests.arrays import npy_of
from tests.digits import encoded
from tests.events import ID_KEY, event
from tests.fakes import FakeContext

ROUND_S, READ_CLOCK_EVERY = 0.3, 20  # events: a look at the clock takes 0.6 µs
GOLDEN = ROOT / "recipes/digits/golden"
PREDICTION = {"label": 7, "probability": 0.91, "probabilities": [0.01] * 7 + [0.91] + [0.01] * 2}
MODEL = {"name": "cnn", "version": "1.0.0+00000000"}


class InstantEndpoint:
    """An endpoint that responds at once, always the same."""

    def __init__(self, count: int) -> None:
        body = json.dumps({"predictions": [PREDICTION] * count, "model": MODEL}).encode()
        self._response = EndpointResponse(body, "main")

    def invoke(self, *_: Any, **__: Any) -> EndpointResponse:
        return self._response


def build_requests() -> dict[str, tuple[int, dict[str, Any]]]:
    """Return the instances and the event of each kind of input."""
    digit = np.asarray(Image.open(GOLDEN / "7.png"))
    canvas = encoded(draw(digit, right_px=35, down_px=35))
    one = np.stack([digit])
    batch = np.repeat(one, 100, axis=0)  # drawn as digits are: noise is looked at twice

    def post(body: bytes | str, content_type: str) -> dict[str, Any]:
        return event("POST", "/predictions", body, content_type)

    return {
        "28 px PNG": (1, post((GOLDEN / "7.png").read_bytes(), "image/png")),
        "280 px canvas, PNG": (1, post(canvas, "image/png")),
        "280 px photo, JPEG": (1, post((GOLDEN / "photo.jpg").read_bytes(), "image/jpeg")),
        "JSON, image in base64": (1, post(json.dumps({"image": base64.b64encode(canvas).decode()}), "application/json")),
        "JSON, 1 instance": (1, post(json.dumps({"instances": [digit.tolist()]}), "application/json")),
        "CSV, 1 instance": (1, post(write_csv(one), "text/csv")),
        "npy, 1 instance": (1, post(npy_of(one), "application/x-npy")),
        "JSON, 100 instances": (100, post(json.dumps({"instances": batch.tolist()}), "application/json")),
        "CSV, 100 instances": (100, post(write_csv(batch), "text/csv")),
        "npy, 100 instances": (100, post(npy_of(batch), "application/x-npy")),
        "JSON, not a number": (1, post(json.dumps({"instances": [[*[0] * 783, "x"]]}), "application/json")),
    }


def write_csv(batch: np.ndarray) -> str:
    return "\n".join(",".join(map(str, row)) for row in batch.reshape(len(batch), -1))


def measure_warm_us(handler: Handler, request: dict[str, Any]) -> float:
    """Return the processor time of one event, in µs, over as many as fill a round; its log line goes nowhere."""
    stdout, sys.stdout = sys.stdout, io.StringIO()
    try:
        count, context, began_s = 0, FakeContext(), time.process_time()
        while (used_s := time.process_time() - began_s) < ROUND_S:
            for _ in range(READ_CLOCK_EVERY):
                handler(request, context)
            count += READ_CLOCK_EVERY
    finally:
        sys.stdout = stdout
    return used_s / count * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    record: dict[str, Any] = {"machine": describe_machine(), "rounds": options.rounds}

    measured = {}
    for name, (count, request) in build_requests().items():
        measured[name] = Handler(Service(load("digits"), InstantEndpoint(count), id_key=ID_KEY)), request
    rounds: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(options.rounds):  # interleaved, so that a busy moment falls on all of them
        for name, (handler, request) in measured.items():
            rounds[name].append(measure_warm_us(handler, request))
    record["warm_us"] = {name: summarize(figures) for name, figures in rounds.items()}
    for name, figures in record["warm_us"].items():
        print(f"| {name} | {figures['median']:.0f} ({figures['min']:.0f}-{figures['max']:.0f}) |")
    if options.record:
        write_record(options.record, record)


if __name__ == "__main__":
    main()
