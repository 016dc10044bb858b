"""The upload path on the local stack, beside the bare server fed the same rows: python -m benchmarks.uploads.compare. Needs MNIST's files.

`--beside CHECKOUT` measures the stack of another checkout, which has its environments, in the same rounds: as before a change.
"""

import argparse
import io
import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import urllib3
from PIL import Image

from benchmarks.harness import ROOT, describe_machine, make_scratch, write_record
from benchmarks.uploads.stack import build_uploads, find_server_url, run_stack, time_push, upload
from local.run_state import RunState
from recipes import npy
from recipes.digits.dataset import load

CHUNK_ROWS, IN_FLIGHT = 1_275, 2  # what the function sends: 1,000,000 bytes, two at once


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--photos", type=int, default=15)
    parser.add_argument("--linear", type=int, nargs="*", default=[], metavar="ROWS")
    parser.add_argument("--upload-memory-mb", default="1769", help="3538 is two cores")
    parser.add_argument("--port", type=int, default=6100)
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    pixels = load().test.inputs.tobytes()
    checkouts = {"now": ROOT, **({"before": options.beside.resolve()} if options.beside else {})}
    context = {"transform_over_mb": "2000", "upload_timeout_s": "300", "upload_memory_mb": options.upload_memory_mb}
    with make_scratch() as scratch, ExitStack() as stacks:
        states = {}
        for number, (name, checkout) in enumerate(checkouts.items()):
            (folder := scratch / name).mkdir()
            states[name] = stacks.enter_context(run_stack(checkout, folder, options.port + 10 * number, context))
        measured = measure(states, pixels, options)
    record = {"machine": describe_machine(), **measured}
    print(json.dumps(record, indent=2))
    if options.record:
        write_record(options.record, record)


def measure(states: dict[str, RunState], pixels: bytes, options: argparse.Namespace) -> dict[str, Any]:
    count = options.rows
    rows = [pixels[at : at + 784] for at in range(0, count * 784, 784)]
    kinds = build_uploads(rows)
    server = find_server_url(states["now"])
    for state in states.values():
        assert upload(state, "warm.npy", npy.write(pixels[: 100 * 784], (100, 28, 28)))["state"] == "succeeded"
    rounds: dict[str, list[float]] = {"bare server": [], **{f"{kind} {name}": [] for kind in kinds for name in states}}
    for _ in range(options.rounds):
        rounds["bare server"].append(count / measure_bare(server, pixels, count))
        for kind, content in kinds.items():
            for name, state in states.items():
                job = upload(state, f"rows.{kind}", content)
                assert (job["state"], job["summary"]["succeeded"]) == ("succeeded", count), job
                rounds[f"{kind} {name}"].append(count / job["summary"]["processing_s"])
    bare_rate = statistics.median(rounds["bare server"])
    return {
        "rows": count,
        "images_per_s": {
            name: {"median": round(statistics.median(v)), "min": round(min(v)), "max": round(max(v))} for name, v in rounds.items()
        },
        "ratio_to_bare_server": {name: round(statistics.median(v) / bare_rate, 3) for name, v in rounds.items()},
        "linear": {str(each): measure_linear(states["now"], pixels, each) for each in options.linear},
        "photo_12_mpx_from_last_byte_to_push": measure_photos(states, rows, options.photos),
    }


def measure_bare(server: str, pixels: bytes, count: int) -> float:
    """Return the seconds the server takes for the rows in the chunks that the function would send."""
    bodies = []
    for at in range(0, count, CHUNK_ROWS):
        length = min(CHUNK_ROWS, count - at)
        bodies.append(npy.write(pixels[at * 784 : (at + length) * 784], (length, 28, 28)))
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


def measure_linear(state: RunState, pixels: bytes, count: int) -> dict[str, float]:
    """Return the seconds and the rate of an npy of so many rows."""
    block = pixels[: 10_000 * 784]
    content = npy.write((block * (count // 10_000 or 1))[: count * 784], (count, 28, 28))
    summary = upload(state, "rows.npy", content)["summary"]
    assert summary["succeeded"] == count
    return {"seconds": summary["processing_s"], "images_per_s": round(count / summary["processing_s"])}


def measure_photos(states: dict[str, RunState], rows: list[bytes], count: int) -> dict[str, Any]:
    """Return how long it takes from the last byte of a 12-megapixel photo until a page is told that its job is finished, in seconds."""
    page = Image.effect_noise((4000, 3000), 8).point(lambda level: 200 + (level - 128) // 2)
    for index in range(10):
        digit = Image.frombytes("L", (28, 28), rows[index]).resize((280, 280), Image.Resampling.BICUBIC)
        ink = Image.new("L", digit.size, 30)
        page.paste(ink, (150 + 380 * index, 1300), digit)
    out = io.BytesIO()
    page.convert("RGB").save(out, "JPEG", quality=88)
    content, seconds, found = out.getvalue(), {name: list[float]() for name in states}, 0
    for number in range(count + 1):
        for name, state in states.items():
            passed_s, told = time_push(state, "photo.jpg", content)
            found = told["rows"]
            if number:
                seconds[name].append(passed_s)
    result: dict[str, Any] = {"n": count, "bytes": len(content), "digits_found": found}
    for name, each in seconds.items():
        ordered = sorted(each)
        p95_s = ordered[int(0.95 * (len(ordered) - 1))]
        result[name] = {"p50_s": round(statistics.median(ordered), 3), "p95_s": round(p95_s, 3), "max_s": round(ordered[-1], 3)}
    return result


if __name__ == "__main__":
    main()
