"""The model of scale/ beside a measured run: rates of each recipe's server, and its latency under an open-loop load.

A server is measured in a closed loop (one connection, then 32) and with large bodies; from its processor time follow what a batch and what
a row take. With these two figures alone scale/simulation predicts the latency of an open loop, which is then measured.

.venv/bin/python -m benchmarks.server.scale --record benchmarks/records/<date>-scale/record.json    two quiet cores, under four minutes
"""

import argparse
import os
import statistics
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.harness import ROOT, describe_machine, make_scratch, write_record
from benchmarks.server.contenders import CONTENDERS, INFERSTACK
from benchmarks.server.open_loop import OpenLoop
from benchmarks.server.process import Server
from benchmarks.server.questions import Asker, Question
from benchmarks.server.wrk import load_with_wrk
from recipes.recipe import list_names, load
from scale.simulation.arrivals import draw_arrivals
from scale.simulation.queue import find_percentile, simulate_batches

CONNECTIONS = 32
UTILISATIONS = (0.1, 0.3, 0.5, 0.7)
MODELLED = ("digits", "natural_images")  # a small model, which batches, and a large one, of which each request is an inference
LARGE_BYTES = 1_000_000  # a request of the upload path
MOST_PER_S = 6_000  # what the client of the open loop can send without being late itself


def calibrate(server: Server, questions: tuple[Question, Question], rows: int, seconds: int) -> dict[str, float]:
    """Return microseconds of one process: of a batch, of each request in it, of each row of a large body, and around a lone request."""
    alone = load_with_wrk(server, questions[0], 1, seconds)
    crowd = load_with_wrk(server, questions[0], CONNECTIONS, seconds)
    large = load_with_wrk(server, questions[1], 2, seconds)
    alone_us, crowd_us = 1e6 / alone["requests_core_s"], 1e6 / crowd["requests_core_s"]
    batch_us = max(0.0, (alone_us - crowd_us) / (1 - 1 / CONNECTIONS))
    return {
        "batch_us": batch_us,
        "request_us": alone_us - batch_us,
        "row_us": 1e6 / large["requests_core_s"] / rows,
        "around_us": max(0.0, alone["p50_ms"] * 1e3 - alone_us),
        "crowd_requests_s": crowd["requests_s"],
    }


def compare(server: Server, question: Question, rate: dict[str, float], seconds: int, seed: int) -> list[dict[str, float]]:
    """Return, for each utilisation, what was predicted and what was measured, in milliseconds."""
    batch_s, request_s, around_s = (rate[name] / 1e6 for name in ("batch_us", "request_us", "around_us"))
    rows = []
    for utilisation in UTILISATIONS:
        rate_s = min(MOST_PER_S, utilisation / request_s if batch_s < request_s else utilisation / (batch_s + request_s))
        arrivals = list(draw_arrivals(rate_s, seconds, Random(seed)))
        expected = [around_s + stay for stay in simulate_batches(arrivals, batch_s=batch_s, row_s=request_s)]
        client = OpenLoop(server.url, question.body, question.headers)
        measured = client.run(arrivals)
        client.close()
        rows.append({"utilisation": utilisation, "requests_s": rate_s, "n": len(arrivals), "refused": client.refused})
        for name, values in (("predicted", expected), ("measured", measured)):
            rows[-1] |= {f"{name}_p{percent}_ms": 1e3 * find_percentile(values, percent) for percent in (50, 99)}
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="of a measurement")
    parser.add_argument("--record", type=Path)
    arguments = parser.parse_args()
    ours = next(contender for contender in CONTENDERS if contender.name == INFERSTACK)
    cores = sorted(os.sched_getaffinity(0))
    record: dict[str, Any] = {"machine": describe_machine(), "rates": {}, "open_loop": {}}
    with make_scratch() as scratch:
        for recipe in list_names():
            large = load(recipe).count_per_request(LARGE_BYTES)
            model = ROOT / f"recipes/{recipe}/pretrained"
            asker = Asker(model)
            questions = (asker.ask(asker.draw(1), "npy"), asker.ask(asker.draw(large), "npy"))
            folder = scratch / recipe
            folder.mkdir()
            server = ours.make(model, 1, folder)
            server.command = ["taskset", "-c", str(cores[-1]), *server.command]  # the client has the other core
            server.start(questions[0])
            rates = [calibrate(server, questions, large, arguments.seconds) for _ in range(arguments.rounds)]
            middle = {name: round(statistics.median(rate[name] for rate in rates), 2) for name in rates[0]}
            record["rates"][recipe] = {"rows": large, "median": middle, "rounds": rates}
            print(recipe, middle, flush=True)
            if recipe in MODELLED:
                rounds = [compare(server, questions[0], middle, arguments.seconds, seed) for seed in range(arguments.rounds)]
                record["open_loop"][recipe] = rounds
                for at in zip(*rounds, strict=True):
                    print({name: round(statistics.median(row[name] for row in at), 3) for name in at[0]}, flush=True)
            server.stop()
    if arguments.record:
        write_record(arguments.record, record)


if __name__ == "__main__":
    main()
