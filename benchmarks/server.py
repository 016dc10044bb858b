"""Our server beside sagemaker-inference + multi-model-server: one image a request, the same model, engine, parser and renderer.

    .venv/bin/python -m benchmarks.server --rounds 5 --record benchmarks/records/<date>-server/record.json

All servers run at once and are loaded one at a time; each round loads every server at every concurrency, in an order that changes, so that
a noisy minute falls on all of them. Needs wrk (Debian: apt-get install wrk), java, and the peer's environment (benchmarks/README.md).
"""

import argparse
import random
from contextlib import ExitStack
from pathlib import Path

from benchmarks.harness import (
    PRETRAINED,
    build_mms,
    build_ours,
    describe_machine,
    load_with_wrk,
    make_scratch,
    summarize,
    write_bodies,
    write_record,
)

CONCURRENCIES = (1, 8, 32, 128)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--model", type=Path, default=PRETRAINED)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    figures: dict[str, dict[int, list[dict[str, float]]]] = {}
    starts: dict[str, dict[str, float]] = {}
    with make_scratch() as folder, ExitStack() as stack:
        body = write_bodies(folder)[1]
        servers = [build(workers, options.model, folder) for workers in options.workers for build in (build_ours, build_mms)]
        for server in servers:
            server.start(body.read_bytes())
            stack.callback(server.stop)
            figures[server.name] = {concurrency: [] for concurrency in CONCURRENCIES}
        for server in servers:
            load_with_wrk(server, body, 8, 1)
        for number in range(options.rounds):
            for concurrency in CONCURRENCIES:
                for server in random.sample(servers, len(servers)):
                    measured = load_with_wrk(server, body, concurrency, options.seconds)
                    figures[server.name][concurrency].append(measured)
                    print(
                        number,
                        f"{server.name:22s} c{concurrency:<4d}",
                        {key: round(value, 2) for key, value in measured.items()},
                        flush=True,
                    )
        for server in servers:
            rss, pss = server.measure_memory_mb()
            starts[server.name] = {"first_answer_s": server.first_answer_s, "rss_mb": rss, "pss_mb": pss}
    summary = {
        name: {
            concurrency: {
                key: summarize([measured[key] for measured in rounds])
                for key in ("requests_s", "requests_core_s", "p50_ms", "p99_ms", "errors")
            }
            for concurrency, rounds in by_concurrency.items()
        }
        for name, by_concurrency in figures.items()
    }
    print(format_table(summary, options.workers))
    if options.record:
        record = {
            "machine": describe_machine(),
            "rounds": options.rounds,
            "seconds": options.seconds,
            "servers": starts,
            "summary": summary,
            "figures": figures,
        }
        write_record(options.record, record)


def format_table(summary: dict[str, dict[int, dict[str, dict[str, float]]]], workers: list[int]) -> str:
    """Return the figures as Markdown: medians, with least and greatest in brackets."""
    columns = ("workers", "connections", "server", "requests/s", "times", "requests/core-s", "times", "p50 ms", "p99 ms", "errors")
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for count in workers:
        peer = summary[f"multi-model-server, {count}"]
        for concurrency in CONCURRENCIES:
            for name in (f"inferstack, {count}", f"multi-model-server, {count}"):
                measured = summary[name][concurrency]
                rate, p99 = measured["requests_s"], measured["p99_ms"]
                per_core, peer_per_core = measured["requests_core_s"]["median"], peer[concurrency]["requests_core_s"]["median"]
                times = rate["median"] / max(peer[concurrency]["requests_s"]["median"], 1)
                cells = [
                    str(count),
                    str(concurrency),
                    name.partition(",")[0],
                    f"{rate['median']:.0f} ({rate['min']:.0f}-{rate['max']:.0f})",
                    f"{times:.1f}",
                    f"{per_core:.0f}",
                    f"{per_core / peer_per_core:.1f}",
                    f"{measured['p50_ms']['median']:.2f}",
                    f"{p99['median']:.1f} ({p99['min']:.1f}-{p99['max']:.1f})",
                    f"{measured['errors']['max']:.0f}",
                ]
                lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
