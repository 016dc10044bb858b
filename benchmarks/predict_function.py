"""What the predict function itself costs, without network and endpoint: a warm request by kind of input, and a start.

A start is a fresh interpreter with the built bundle and AWS's libraries, compiled like Lambda's: importing functions.predict.function,
which makes the client, and the first request by itself.
Both imports of AWS's client are timed beside each other, since the function chooses one.

Run: .venv/bin/python -m benchmarks.predict_function [--rounds 15] [--starts 15] [--record FILE]
"""

import argparse
import base64
import io
import json
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.harness import ROOT, describe_machine, make_scratch, summarize, write_record
from deployment.bundle import find_bundle
from deployment.bundle.build import build_bundle
from deployment.stages import settings_for
from functions.predict.config import Config
from functions.predict.handler import Handler
from functions.predict.service import Service
from functions.shared.endpoint.interface import EndpointResponse
from recipes.digits.golden.make import draw
from recipes.recipe import load
from tests.events import ID_KEY, event
from tests.fakes import FakeContext

ROUND_S = 0.3
GOLDEN = ROOT / "recipes/digits/golden"
PREDICTION = {"label": 7, "probability": 0.91, "probabilities": [0.01] * 7 + [0.91] + [0.01] * 2}
MODEL = {"name": "cnn", "version": "1.0.0+00000000"}
START = """
import time; began = time.perf_counter()
import functions.predict.function as function
imported = time.perf_counter()
from tests.events import ID_KEY, event
from tests.fakes import FakeContext, FakeEndpoint
function.handler._service._endpoint = FakeEndpoint()
request = event("POST", "/predictions", open({picture!r}, "rb").read(), "image/png")
began_request = time.perf_counter()
assert function.handler(request, FakeContext())["statusCode"] == 200
print((imported - began) * 1e3, (time.perf_counter() - began_request) * 1e3)
"""
CLIENT = "import time; began = time.perf_counter()\n{}\nprint((time.perf_counter() - began) * 1e3, 0)"
CLIENTS = {
    "botocore and a client": "import botocore.session; botocore.session.get_session().create_client('sagemaker-runtime')",
    "boto3 and a client": "import boto3; boto3.client('sagemaker-runtime')",
}


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
    canvas = encode(draw(digit, right_px=35, down_px=35))
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
        "npy, 1 instance": (1, post(write_npy(one), "application/x-npy")),
        "JSON, 100 instances": (100, post(json.dumps({"instances": batch.tolist()}), "application/json")),
        "CSV, 100 instances": (100, post(write_csv(batch), "text/csv")),
        "npy, 100 instances": (100, post(write_npy(batch), "application/x-npy")),
        "JSON, not a number": (1, post(json.dumps({"instances": [[*[0] * 783, "x"]]}), "application/json")),
    }


def write_csv(batch: np.ndarray) -> str:
    return "\n".join(",".join(map(str, row)) for row in batch.reshape(len(batch), -1))


def write_npy(batch: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, batch)
    return file.getvalue()


def encode(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def measure_warm_us(handler: Handler, request: dict[str, Any]) -> float:
    """Return the processor time of one event, in µs, over as many as fill a round; its log line goes nowhere."""
    stdout, sys.stdout = sys.stdout, io.StringIO()
    try:
        count, began_s = 0, time.process_time()
        while (used_s := time.process_time() - began_s) < ROUND_S:
            handler(request, FakeContext())
            count += 1
    finally:
        sys.stdout = stdout
    return used_s / count * 1e6


def copy_aws_libraries(folder: Path) -> Path:
    """Copy what Lambda's runtime brings into the folder, and compile it: an environment's own may not be."""
    for name in ("boto3", "botocore", "jmespath", "dateutil", "s3transfer", "urllib3", "six.py"):
        found = Path(sysconfig.get_path("purelib")) / name
        if found.is_dir():
            shutil.copytree(found, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(found, folder)
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(folder)], check=True)
    return folder


def measure_start_ms(program: str, path: Path, libraries: Path) -> list[float]:
    """Return the two times that a program in a fresh interpreter prints."""
    environment = {
        "PYTHONPATH": f"{path}:{libraries}:{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "ENDPOINT_NAME": "e",
        "ENDPOINT_KIND": "serverless",
        "RECIPE": "digits",
        "ID_KEY": ID_KEY,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    done = subprocess.run([sys.executable, "-S", "-c", program], env=environment, cwd=path, capture_output=True, text=True, check=True)
    return [float(figure) for figure in done.stdout.splitlines()[-1].split()]


def measure_starts(rounds: int) -> dict[str, list[float]]:
    """Return the times of each part of a start, in ms."""
    path = build_bundle(find_bundle(settings_for("local"), "predict"))
    measured: dict[str, list[float]] = {"import": [], "first request": [], **{name: [] for name in CLIENTS}}
    with make_scratch() as folder:
        libraries = copy_aws_libraries(folder)
        for number in range(rounds + 1):
            imported, first = measure_start_ms(START.format(picture=str(GOLDEN / "7.png")), path, libraries)
            figures = {"import": imported, "first request": first}
            for name, statement in CLIENTS.items():
                figures[name] = measure_start_ms(CLIENT.format(statement), path, libraries)[0]
            if number:  # the first one reads the files from the disk
                for name, figure in figures.items():
                    measured[name].append(figure)
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--starts", type=int, default=15)
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    record: dict[str, Any] = {"machine": describe_machine(), "rounds": options.rounds, "starts": options.starts}

    config = Config(endpoint_name="e", endpoint_kind="serverless", recipe="digits", id_key=ID_KEY)
    measured = {}
    for name, (count, request) in build_requests().items():
        measured[name] = Handler(config, Service(config, load("digits"), InstantEndpoint(count))), request
    rounds: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(options.rounds):  # interleaved, so that a busy moment falls on all of them
        for name, (handler, request) in measured.items():
            rounds[name].append(measure_warm_us(handler, request))
    record["warm_us"] = {name: summarize(figures) for name, figures in rounds.items()}
    record["start_ms"] = {name: summarize(figures) for name, figures in measure_starts(options.starts).items()}

    for kind in ("warm_us", "start_ms"):
        for name, figures in record[kind].items():
            print(f"| {name} | {figures['median']:.0f} ({figures['min']:.0f}-{figures['max']:.0f}) |")
    if options.record:
        write_record(options.record, record)


if __name__ == "__main__":
    main()
