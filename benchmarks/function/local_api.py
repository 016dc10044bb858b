"""Warm latency of one 28×28 PNG through the running local stack, and where it goes: the API, SageMaker's runtime, the server itself.

Start the stack (`make up`), then:  .venv/bin/python -m benchmarks.function.local_api [--record FILE]
"""

import argparse
import http.client
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from benchmarks.harness import ROOT, describe_machine, write_record
from deployment.paths import state_dir
from local.run_state import RunState, read_state
from recipes import npy
from recipes.digits.transform import to_digit

PNG = (ROOT / "recipes/digits/golden/7.png").read_bytes()


def build_caller(url: str, path: str, body: bytes, headers: dict[str, str]) -> Callable[[], float]:
    """Return a function that asks once on a connection kept open, and returns how many milliseconds that took."""
    address = urlparse(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)

    def ask() -> float:
        started = time.perf_counter()
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        elapsed_ms = (time.perf_counter() - started) * 1000
        assert response.status == 200, answer
        return elapsed_ms

    return ask


def read_server_port(state: RunState) -> int:
    """Return the port of the endpoint's server: its log says it."""
    log = state_dir() / f"logs/{state.endpoint}-AllTraffic-1.log"
    return int(next(line["port"] for line in map(json.loads, log.read_text().splitlines()) if line["message"] == "listening"))


def build_signature() -> dict[str, str]:
    """Return what makes the emulator take a request for SageMaker's."""
    scope = "inferstack-local/20261121/us-east-1/sagemaker/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--requests", type=int, default=100, help="in a round, of each kind")
    parser.add_argument("--record", type=Path)
    arguments = parser.parse_args()
    state = read_state()
    if state is None:
        sys.exit("no local stack is running: `make up`")
    body = npy.write(to_digit(PNG), (1, 28, 28))
    pixels = {"content-type": "application/x-npy", "accept": "application/json"}
    kinds = {
        "API": build_caller(state.api_url, "/predictions", PNG, {"content-type": "image/png"}),
        "SageMaker runtime": build_caller(
            state.s3_endpoint, f"/endpoints/{state.endpoint}/invocations", body, {**pixels, **build_signature()}
        ),
        "server": build_caller(f"http://127.0.0.1:{read_server_port(state)}", "/invocations", body, pixels),
    }
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for ask in kinds.values():
        for _ in range(50):
            ask()
    for _ in range(arguments.rounds):
        for name, ask in kinds.items():
            times[name] += [ask() for _ in range(arguments.requests)]
    summary: dict[str, Any] = {name: _summarize(values) for name, values in times.items()}
    print("| one PNG through | n | p50 ms | p99 ms | most ms |\n|---|---|---|---|---|")
    for name, figures in summary.items():
        print(f"| {name} | {figures['n']} | {figures['p50_ms']} | {figures['p99_ms']} | {figures['max_ms']} |")
    if arguments.record:
        write_record(arguments.record, {"machine": describe_machine(), "summary": summary})


def _summarize(values: list[float]) -> dict[str, float]:
    cut = statistics.quantiles(values, n=100)
    return {"n": len(values), "p50_ms": round(cut[49], 2), "p99_ms": round(cut[98], 2), "max_ms": round(max(values), 2)}


if __name__ == "__main__":
    main()
