"""Head of line: how long a single image and a health check wait while two clients keep sending 1000 images a request.

.venv/bin/python -m benchmarks.server.head_of_line --rounds 5 --record benchmarks/records/<date>-servers/hol.json
"""

import argparse
import http.client
import statistics
import subprocess
import time
from pathlib import Path

from benchmarks.harness import describe_machine, summarize, write_record
from benchmarks.server.compare import MANY, MODELS, start_all
from benchmarks.server.contenders import CONTENDERS
from benchmarks.server.process import Server
from benchmarks.server.questions import Asker, Question
from benchmarks.server.wrk import build_wrk_command, read_figures

NAMES = ("Inferstack", "multi-model-server", "FastAPI, raw", "LitServe")  # what reads 1000 instances in one body, npy or JSON


def measure(server: Server, heavy: Question, one: Question, seconds: float) -> dict[str, float]:
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
                connection.request("POST", server.path, one.body, dict(one.headers))
            connection.getresponse().read()
            values.append((time.perf_counter() - began_s) * 1e3)
            time.sleep(0.005)
    connection.close()
    output = wrk.communicate()[0]
    load = read_figures(output)
    figures = {"large_images_s": MANY * (load["requests"] - load["refused"]) / load["duration_us"] * 1e6}
    for kind, values in waits.items():
        figures |= {f"{kind}_p50_ms": statistics.median(values), f"{kind}_p99_ms": sorted(values)[int(len(values) * 0.99)]}
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--model", choices=MODELS, default="cnn")
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    contenders = [contender for contender in CONTENDERS if contender.name in NAMES and contender.is_installed]
    asker, faults = Asker(MODELS[options.model]), dict[str, str]()
    instances = asker.draw(MANY)
    with start_all(options.model, 1, contenders, faults) as servers:
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in servers}
        for number in range(options.rounds):
            for contender in contenders[:: 1 if number % 2 else -1]:
                if contender.name in servers:
                    heavy, one = (asker.ask(each, contender.forms[0]) for each in (instances, instances[:1]))
                    rounds[contender.name].append(measure(servers[contender.name], heavy, one, options.seconds))
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
            "faults": faults,
            "summary": summary,
            "figures": rounds,
        }
        write_record(options.record, record)


if __name__ == "__main__":
    main()
