"""Hostile input on purpose: python -m benchmarks.fuzz [MUTANTS] [RUN…].

Each file of the corpus, what takes seconds included, then so many mutants a run, through what reads them. Prints and writes the record
after each run; status 1 if anything escaped, died or went over its bounds.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.harness import write_record
from tests.fuzz import record
from tests.fuzz.corpus import archives, documents, models, others, pictures, tables
from tests.fuzz.probe import Batch, Probe
from tests.fuzz.seeds import RUNS, Run

RECORD = Path(__file__).parent / "records/2026-11-29-fuzz/record.json"
MUTANTS, BATCH = 100_000, 1_000
WORST_SHOWN = 12


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MUTANTS
    names = sys.argv[2:] or ["corpus", *RUNS]
    document: dict[str, Any] = (
        json.loads(RECORD.read_text()) if RECORD.exists() else {"limits": describe_limits(), "corpus": {}, "runs": {}}
    )
    for name in names:
        if name == "corpus":
            document["corpus"] = measure_corpus()
            print("corpus", json.dumps({key: value for key, value in document["corpus"].items() if key != "dearest"}), flush=True)
        else:
            document["runs"][name] = run(RUNS[name], count)
            print(name, json.dumps(document["runs"][name]), flush=True)
        document["total"] = summarize(document)
        write_record(RECORD, document)
    return 1 if any(document["total"][fault] for fault in ("crashes", "escapes", "server_errors", "over_limits")) else 0


def describe_limits() -> dict[str, float]:
    return {
        "function_memory_mb": record.MAX_MEMORY_MB,
        "model_memory_mb": record.MAX_MODEL_MEMORY_MB,
        "cpu_s": record.MAX_CPU_S,
        "row_cpu_s": record.MAX_ROW_CPU_S,
    }


def measure_corpus() -> dict[str, Any]:
    """Return what the whole corpus costs; each costly file has a process of its own, so that its memory is its own."""
    rooms = (pictures, others, archives, tables, documents, models)
    cases = [(room.__name__.endswith("models"), case) for room in rooms for case in room.list_cases()]
    probes = {is_model: Probe("models" if is_model else "functions") for is_model in (False, True)}
    outcomes: Counter[str] = Counter()
    faults, costs = [], []
    for is_model, case in cases:
        if case.is_costly:
            probes[False].close()
            probes[False] = Probe("functions")
        verdict = probes[is_model].measure(case.target, case.make())
        outcomes[verdict.outcome] += 1
        faults += [f"{case.name}: {fault}" for fault in record.find_faults(verdict, is_model=is_model, has_many=case.has_many)]
        costs.append({"file": case.name, "outcome": verdict.outcome, "cpu_ms": round(1000 * verdict.cpu_s), "memory_mb": verdict.memory_mb})
    for probe in probes.values():
        probe.close()
    by_cpu = sorted(costs, key=lambda cost: -cost["cpu_ms"])[:WORST_SHOWN]
    by_memory = sorted(costs, key=lambda cost: -cost["memory_mb"])[:WORST_SHOWN]
    dearest = {cost["file"]: cost for cost in (*by_cpu, *by_memory)}
    return {"files": len(cases), "outcomes": dict(outcomes), "faults": faults, "dearest": list(dearest.values())}


def run(target: Run, count: int) -> dict[str, Any]:
    """Return what becomes of so many mutants of a run's seeds."""
    probe, started_s = Probe(target.room), time.monotonic()
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    worst_cpu_s = memory_mb = 0.0
    pending = [(first, min(BATCH, count - first)) for first in range(0, count, BATCH)]
    while pending:
        first, size = pending.pop()
        batch = probe.fuzz(target.target, target.seeds, first, size)
        if batch is None and size > 1:  # one of them killed it: which?
            pending += [(first, size // 2), (first + size // 2, size - size // 2)]
            continue
        batch = batch or Batch(Counter(crashed=1), [(first, {})], 0.0, first, 0.0, 0)
        outcomes += batch.outcomes
        faults += [f"mutant {number}: {detail.get('error', 'crash')}" for number, detail in batch.faults]
        worst_cpu_s, memory_mb = max(worst_cpu_s, batch.worst_cpu_s), max(memory_mb, batch.memory_mb)
    probe.close()
    return {
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
    runs, corpus = document["runs"].values(), document["corpus"]
    over = [name for name, each in document["runs"].items() if each["worst_memory_mb"] > limit_mb(name) or each["worst_cpu_ms"] > 20_000]
    return {
        "corpus_files": corpus.get("files", 0),
        "mutants": sum(each["mutants"] for each in runs),
        "crashes": sum(each["crashes"] for each in runs) + corpus.get("outcomes", {}).get("crashed", 0),
        "escapes": sum(each["escapes"] for each in runs) + corpus.get("outcomes", {}).get("escaped", 0),
        "server_errors": sum(each["server_errors"] for each in runs),
        "over_limits": len(over) + len(corpus.get("faults", [])),
        "worst_cpu_ms": max((each["worst_cpu_ms"] for each in runs), default=0),
        "worst_memory_mb": max((each["worst_memory_mb"] for each in runs), default=0),
    }


def limit_mb(name: str) -> int:
    return record.MAX_MEMORY_MB if RUNS[name].room == "functions" else record.MAX_MODEL_MEMORY_MB


if __name__ == "__main__":
    raise SystemExit(main())
