"""Head of line: how long a single image and a health check wait while two clients keep sending 1000 images a request.

.venv/bin/python -m benchmarks.hol --rounds 5 --record benchmarks/records/<date>-server/hol.json
"""

import argparse
import http.client
import json
import statistics
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.harness import (
    NPY,
    PRETRAINED,
    Server,
    build_mms,
    build_ours,
    build_wrk_command,
    describe_machine,
    make_scratch,
    summarize,
    write_bodies,
    write_record,
)


def measure(server: Server, heavy: Path, one: bytes, seconds: float) -> dict[str, float]:
    """Return p50 and p99 of a single image and of /ping in ms, and the large bodies' throughput, with both going on at once."""
    command, env = build_wrk_command(server, heavy, 2, seconds + 1)
    wrk = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    time.sleep(0.5)
    waits: dict[str, list[float]] = {"one": [], "ping": []}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    end_s = time.perf_counter() + seconds
    while time.perf_counter() < end_s:
        for kind, values in waits.items():
            began_s = time.perf_counter()
            if kind == "ping":
                connection.request("GET", "/ping")
            else:
                connection.request("POST", "/invocations", one, {"content-type": NPY})
            connection.getresponse().read()
            values.append((time.perf_counter() - began_s) * 1e3)
            time.sleep(0.005)
    connection.close()
    output = wrk.communicate()[0]
    load = json.loads(next(line for line in output.splitlines() if line.startswith("FIGURES ")).removeprefix("FIGURES "))
    figures = {"large_images_s": 1000 * (load["requests"] - load["refused"]) / load["duration_us"] * 1e6}
    for kind, values in waits.items():
        figures |= {f"{kind}_p50_ms": statistics.median(values), f"{kind}_p99_ms": sorted(values)[int(len(values) * 0.99)]}
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--model", type=Path, default=PRETRAINED)
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    with make_scratch() as folder, ExitStack() as stack:
        paths = write_bodies(folder)
        servers = [build_ours(1, options.model, folder), build_mms(1, options.model, folder)]
        for server in servers:
            server.start(paths[1].read_bytes())
            stack.callback(server.stop)
        rounds: dict[str, list[dict[str, float]]] = {server.name: [] for server in servers}
        for number in range(options.rounds):
            for server in servers[:: 1 if number % 2 else -1]:
                rounds[server.name].append(measure(server, paths[1000], paths[1].read_bytes(), options.seconds))
                print(number, server.name, {key: round(value, 2) for key, value in rounds[server.name][-1].items()}, flush=True)
    summary = {name: {key: summarize([measured[key] for measured in figures]) for key in figures[0]} for name, figures in rounds.items()}
    print("| server | image p50 ms | image p99 ms | /ping p50 ms | /ping p99 ms | large bodies, images/s |\n|---|---|---|---|---|---|")
    for name, measured in summary.items():
        cells = [f"{measured[key]['median']:.1f}" for key in ("one_p50_ms", "one_p99_ms", "ping_p50_ms", "ping_p99_ms")]
        print("| " + " | ".join([name, *cells, f"{measured['large_images_s']['median']:.0f}"]) + " |")
    if options.record:
        record = {
            "machine": describe_machine(),
            "rounds": options.rounds,
            "seconds": options.seconds,
            "summary": summary,
            "figures": rounds,
        }
        write_record(options.record, record)


if __name__ == "__main__":
    main()
