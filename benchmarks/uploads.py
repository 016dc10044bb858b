"""The upload path on the local stack, beside the bare server fed the same rows: python -m benchmarks.uploads. Needs MNIST's files."""

import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import urllib3
from PIL import Image

from local.run_state import RunState
from local.stack import down, up
from recipes import npy
from recipes.digits.dataset import load

ROWS, ROUNDS, PHOTOS = 10_000, 3, 15
CHUNK_ROWS, IN_FLIGHT = 1_275, 2  # what the function sends: 1,000,000 bytes, two at once


def main() -> None:
    pixels = load().test.inputs.tobytes()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INFERSTACK_STATE_DIR"] = folder
        state = up(port=int(sys.argv[1]) if len(sys.argv) > 1 else 6100, context={"transform_over_mb": "2000", "upload_timeout_s": "300"})
        try:
            measured = measure(state, pixels)
        finally:
            down()
    print(json.dumps(measured, indent=2))


def measure(state: RunState, pixels: bytes) -> dict[str, Any]:
    rows = [pixels[at : at + 784] for at in range(0, ROWS * 784, 784)]
    kinds = {
        "npy": npy.write(pixels[: ROWS * 784], (ROWS, 28, 28)),
        "csv": b"\n".join(b",".join(b"%d" % value for value in row) for row in rows),
        "zip": build_zip(rows),
    }
    server = find_server_url(state)
    warm = upload(state, "warm.npy", npy.write(pixels[: 100 * 784], (100, 28, 28)))
    assert warm["state"] == "succeeded"
    rounds: dict[str, list[float]] = {name: [] for name in ("bare server", *kinds)}
    for _ in range(ROUNDS):
        rounds["bare server"].append(ROWS / measure_bare(server, pixels))
        for name, content in kinds.items():
            job = upload(state, f"rows.{name}", content)
            assert (job["state"], job["summary"]["succeeded"]) == ("succeeded", ROWS), job
            rounds[name].append(ROWS / job["summary"]["processing_s"])
    bare_rate = statistics.median(rounds["bare server"])
    result: dict[str, Any] = {
        "rows": ROWS,
        "images_per_s": {
            name: {"median": round(statistics.median(v)), "min": round(min(v)), "max": round(max(v))} for name, v in rounds.items()
        },
        "ratio_to_bare_server": {name: round(statistics.median(v) / bare_rate, 3) for name, v in rounds.items()},
    }
    result["photo_12_mpx"] = measure_photos(state, rows)
    result["memory"] = measure_memory(state, pixels)
    return result


def measure_bare(server: str, pixels: bytes) -> float:
    """Return the seconds the server takes for the rows in the chunks that the function would send."""
    bodies = []
    for at in range(0, ROWS, CHUNK_ROWS):
        count = min(CHUNK_ROWS, ROWS - at)
        bodies.append(npy.write(pixels[at * 784 : (at + count) * 784], (count, 28, 28)))
    pool = urllib3.PoolManager(maxsize=IN_FLIGHT)

    def ask(body: bytes) -> None:
        answer = pool.request(
            "POST", f"{server}/invocations", body=body, headers={"content-type": "application/x-npy", "accept": "application/json"}
        )
        assert answer.status == 200
        json.loads(answer.data)

    started = time.perf_counter()
    with ThreadPoolExecutor(IN_FLIGHT) as threads:
        list(threads.map(ask, bodies))
    return time.perf_counter() - started


def measure_photos(state: RunState, rows: list[bytes]) -> dict[str, Any]:
    """Return how long it takes from the beginning of a 12-megapixel photo's upload until its job is finished, in seconds."""
    page = Image.effect_noise((4000, 3000), 8).point(lambda level: 200 + (level - 128) // 2)
    for index in range(10):
        digit = Image.frombytes("L", (28, 28), rows[index]).resize((280, 280), Image.Resampling.BICUBIC)
        ink = Image.new("L", digit.size, 30)
        page.paste(ink, (150 + 380 * index, 1300), digit)
    out = io.BytesIO()
    page.convert("RGB").save(out, "JPEG", quality=88)
    upload(state, "warm.jpg", out.getvalue())
    seconds, found = [], 0
    for _ in range(PHOTOS):
        started = time.perf_counter()
        job = upload(state, "photo.jpg", out.getvalue(), every_s=0.01)
        seconds.append(time.perf_counter() - started)
        found = job["summary"]["rows"]
    ordered = sorted(seconds)
    return {
        "n": PHOTOS,
        "bytes": len(out.getvalue()),
        "digits_found": found,
        "p50_s": round(statistics.median(ordered), 3),
        "p95_s": round(ordered[int(0.95 * (len(ordered) - 1))], 3),
        "max_s": round(ordered[-1], 3),
    }


def measure_memory(state: RunState, pixels: bytes) -> dict[str, Any]:
    """Return the function's peak resident set by rows, each after a start of its own: the handler in a process, over the stack's own S3."""
    peaks = {}
    for rows in (1_000, 10_000, 100_000):
        block = pixels[: 10_000 * 784]
        body = npy.write((block * (rows // 10_000 or 1))[: rows * 784], (rows, 28, 28))
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.upload_memory", str(rows)],
            input=body,
            capture_output=True,
            check=True,
            env={**os.environ, **read_function_env(state)},
        )
        peaks[str(rows)] = json.loads(done.stdout.splitlines()[-1])
    flat = max(peak["peak_mb"] for peak in peaks.values()) / min(peak["peak_mb"] for peak in peaks.values())
    return {"peak_by_rows": peaks, "largest_to_smallest": round(flat, 3)}


def read_function_env(state: RunState) -> dict[str, str]:
    """Return the deployed function's own environment, and where AWS is."""
    client = boto3.client(
        "lambda",
        endpoint_url=state.s3_endpoint,
        region_name=state.aws["AWS_REGION"],
        aws_access_key_id=state.aws["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=state.aws["AWS_SECRET_ACCESS_KEY"],
    )
    (found,) = [f for f in client.list_functions()["Functions"] if f["Handler"] == "functions.process_upload.function.handler"]
    return {**state.aws, **found["Environment"]["Variables"], "PYTHONPATH": ".:lambda"}


def find_server_url(state: RunState) -> str:
    """Return where the endpoint's model server listens: the one process of ours with its port in its environment."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = dict(line.split("=", 1) for line in (folder / "environ").read_text().split("\0") if "=" in line)
            command = (folder / "cmdline").read_text()
            group = os.getpgid(int(folder.name))
        except (OSError, ValueError):
            continue
        if "serving" in command and "SAGEMAKER_BIND_TO_PORT" in environment and group == state.pid:
            return f"http://127.0.0.1:{environment['SAGEMAKER_BIND_TO_PORT']}"
    raise RuntimeError("no model server is running")


def build_zip(rows: list[bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for number, row in enumerate(rows):
            picture = io.BytesIO()
            Image.frombytes("L", (28, 28), row).save(picture, "PNG")
            archive.writestr(f"{number:05}.png", picture.getvalue())
    return out.getvalue()


def upload(state: RunState, name: str, content: bytes, *, every_s: float = 0.05) -> dict[str, Any]:
    request = Request(f"{state.api_url}/jobs", data=json.dumps({"name": name}).encode(), headers={"content-type": "application/json"})
    with urlopen(request) as answer:
        job = json.load(answer)
    form = {**job["upload"]["fields"], "file": ("x", content)}
    posted = urllib3.request("POST", job["upload"]["url"], fields=form)
    assert posted.status == 204, posted.data
    deadline = time.monotonic() + 280
    while time.monotonic() < deadline:
        with urlopen(f"{state.api_url}/jobs/{job['id']}") as answer:
            found: dict[str, Any] = json.load(answer)
        if found["state"] in {"succeeded", "failed"}:
            return found
        time.sleep(every_s)
    raise TimeoutError(name)


if __name__ == "__main__":
    main()
