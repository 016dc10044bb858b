"""Hostile input on purpose: each file of the corpus, what takes seconds included, then so many mutants a run, through what reads them.

Status 1 if anything escaped, died or went over its bounds. A mutant is made by its number: --first shows ones that nobody has seen yet.
--climb makes them of those that took longest: mutants of seeds find what crashes, and hardly what takes long.
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.harness import write_record
from tests.fuzz import record
from tests.fuzz.corpus import archives, documents, models, others, pictures, tables
from tests.fuzz.probe import Batch, Probe
from tests.fuzz.seeds import RUNS, Run

CORPUS = {room.__name__.rpartition(".")[2]: room for room in (pictures, others, archives, tables, documents, models)}
BATCH = 1_000
WORST_SHOWN = 6  # of each room, by either
FAULTS = ("crashes", "escapes", "server_errors", "over_limits")
MAX_MUTANT_CPU_MS = 1_000 * record.MAX_CPU_S
MAX_CLIMB_CPU_MS = 2_000  # a mutant has 64 kB at most


def main() -> int:
    options = read_options()
    document: dict[str, Any] = {"corpus": {}, "runs": {}}
    if options.record and options.record.exists():
        document = json.loads(options.record.read_text())
    document["limits"] = describe_limits()
    for name in options.only or [*CORPUS, *RUNS]:
        if name in CORPUS:
            part, found = "corpus", measure_corpus(name)
        else:
            top = options.climb / name.replace("/", "-") if options.climb else None
            part, found = "runs", run(RUNS[name], options.first, options.mutants, top)
        document[part][name] = found
        print(name, json.dumps({key: value for key, value in found.items() if key != "dearest"}), flush=True)
        document["total"] = summarize(document)
        if options.record:
            write_record(options.record, document)
    return 1 if any(document["total"][fault] for fault in FAULTS) else 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=100_000, help="of each run's seeds")
    parser.add_argument("--first", type=int, default=0, help="the number of the first mutant")
    parser.add_argument("--climb", type=Path, metavar="FOLDER", help="make mutants of the slowest inputs, and write the slowest there")
    parser.add_argument(
        "--only", nargs="+", choices=[*CORPUS, *RUNS], metavar="PART", help=f"{', '.join(CORPUS)}, or a run of tests/fuzz/seeds.py"
    )
    parser.add_argument("--record", type=Path, help="of a run in parts too: what it has of other parts stays")
    return parser.parse_args()


def describe_limits() -> dict[str, float]:
    return {
        "function_memory_mb": record.MAX_MEMORY_MB,
        "model_memory_mb": record.MAX_MODEL_MEMORY_MB,
        "cpu_s": record.MAX_CPU_S,
        "row_cpu_s": record.MAX_ROW_CPU_S,
    }


def measure_corpus(name: str) -> dict[str, Any]:
    """Return what a room of the corpus costs; each costly file has a process of its own, so that its memory is its own."""
    cases, is_model = CORPUS[name].list_cases(), name == "models"
    probe = Probe("models" if is_model else "functions")
    outcomes: Counter[str] = Counter()
    faults, costs = [], []
    for case in cases:
        if case.is_costly:
            probe.close()
            probe = Probe("functions")
        verdict = probe.measure(case.target, case.make())
        outcomes[verdict.outcome] += 1
        faults += [f"{case.name}: {fault}" for fault in record.find_faults(verdict, is_model=is_model, has_many=case.has_many)]
        costs.append({"file": case.name, "outcome": verdict.outcome, "cpu_ms": round(1000 * verdict.cpu_s), "memory_mb": verdict.memory_mb})
    probe.close()
    by_cpu = sorted(costs, key=lambda cost: -cost["cpu_ms"])[:WORST_SHOWN]
    by_memory = sorted(costs, key=lambda cost: -cost["memory_mb"])[:WORST_SHOWN]
    dearest = {cost["file"]: cost for cost in (*by_cpu, *by_memory)}
    return {"files": len(costs), "outcomes": dict(outcomes), "faults": faults, "dearest": list(dearest.values())}


def run(target: Run, start: int, count: int, climb: Path | None = None) -> dict[str, Any]:
    """Return what becomes of so many mutants of a run's seeds, from a number on.

    Args:    climb: where to write the input that took longest, if each batch is to begin with the slowest of the one before.
    """
    probe, started_s = Probe(target.room), time.monotonic()
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    worst_cpu_s = memory_mb = 0.0
    seeds = target.seeds
    pending = [(first, min(BATCH, start + count - first)) for first in range(start, start + count, BATCH)]
    while pending:
        first, size = pending.pop()
        batch = probe.fuzz(target.target, seeds, first, size, is_climb=climb is not None)
        if batch is None and size > 1:  # one of them killed it: which?
            pending += [(first, size // 2), (first + size // 2, size - size // 2)]
            continue
        batch = batch or Batch(Counter(crashed=1), [(first, {})], 0.0, first, 0.0, 0)
        seeds = batch.slowest if climb and batch.slowest else seeds
        outcomes += batch.outcomes
        faults += [f"mutant {number}: {detail.get('error', 'crash')}" for number, detail in batch.faults]
        worst_cpu_s, memory_mb = max(worst_cpu_s, batch.worst_cpu_s), max(memory_mb, batch.memory_mb)
    probe.close()
    if climb:
        climb.parent.mkdir(parents=True, exist_ok=True)
        climb.write_bytes(seeds[0])
    return {
        "first": start,
        "climbs": climb is not None,
        "mutants": sum(outcomes.values()),
        "answered": outcomes["answered"],
        "refused": outcomes["refused"],
        "crashes": outcomes["crashed"],
        "escapes": outcomes["escaped"],
        "server_errors": sum("ServerError" in fault for fault in faults),
        "faults": faults[:20],
        "worst_cpu_ms": round(1000 * worst_cpu_s, 1),
        "worst_memory_mb": memory_mb,
        "wall_s": round(time.monotonic() - started_s, 1),
    }


def summarize(document: dict[str, Any]) -> dict[str, Any]:
    runs, rooms = document["runs"], document["corpus"].values()
    over = [each for name, each in runs.items() if each["worst_memory_mb"] > limit_mb(name) or each["worst_cpu_ms"] > limit_cpu_ms(each)]
    return {
        "corpus_files": sum(each["files"] for each in rooms),
        "mutants": sum(each["mutants"] for each in runs.values()),
        "crashes": sum(each["crashes"] for each in runs.values()) + sum(each["outcomes"].get("crashed", 0) for each in rooms),
        "escapes": sum(each["escapes"] for each in runs.values()) + sum(each["outcomes"].get("escaped", 0) for each in rooms),
        "server_errors": sum(each["server_errors"] for each in runs.values()),
        "over_limits": len(over) + sum(len(each["faults"]) for each in rooms),
        "worst_cpu_ms": max((each["worst_cpu_ms"] for each in runs.values()), default=0),
        "worst_memory_mb": max((each["worst_memory_mb"] for each in runs.values()), default=0),
    }


def limit_cpu_ms(each: dict[str, Any]) -> float:
    return MAX_CLIMB_CPU_MS if each.get("climbs") else MAX_MUTANT_CPU_MS


def limit_mb(name: str) -> int:
    return record.MAX_MEMORY_MB if RUNS[name].room == "functions" else record.MAX_MODEL_MEMORY_MB


if __name__ == "__main__":
    raise SystemExit(main())
