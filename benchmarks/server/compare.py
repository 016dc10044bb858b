"""Our server beside its peers: the same ONNX model, engine and instance, each peer as its own documentation recommends for production.

    make bench        two models, one worker, 1 and 32 connections: five minutes
    make bench-all    every model, one and two workers, 1 to 128 connections, and writes benchmarks/README.md's tables

All servers of a scene (a model and a number of workers) run at once and are loaded one at a time; each round loads every server at every
concurrency, in an order that changes, so that a noisy minute falls on all of them. A server whose answers are wrong is not measured.
"""

import argparse
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, describe_machine, make_scratch, write_record
from benchmarks.server.contenders import CONTENDERS, Contender
from benchmarks.server.process import Server, ServerFault
from benchmarks.server.questions import Asker, Question
from benchmarks.server.tables import format_bodies, format_scene, summarize_rounds, write_tables
from benchmarks.server.wrk import load_with_wrk

TREE = ROOT / ".build/benchmarks/tree"
MODELS = {
    "cnn": ROOT / "recipes/digits/pretrained",
    "tree": TREE,
    "linear": ROOT / "recipes/salary/pretrained",
    "densenet": ROOT / "recipes/natural_images/pretrained",
}
CROWD = 32  # questions asked at once, each with an answer of its own
MANY = 1000  # instances of a large body


def main() -> None:
    options = parse_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that the servers are stopped too
    make_tree()
    missing = [contender.name for contender in CONTENDERS if not contender.is_installed]
    contenders = [each for each in CONTENDERS if each.is_installed and (not options.only or each.name in options.only)]
    record: dict[str, Any] = {
        "machine": describe_machine(),
        "versions": {each.name: read_version(each) for each in contenders},
        "missing": missing,
        "rounds": options.rounds,
        "seconds": options.seconds,
        "scenes": {},
        "bodies": {},
    }
    for name in options.models:
        for workers in options.workers:
            scene = run_scene(name, workers, contenders, options)
            record["scenes"][f"{name}, {workers}"] = scene
            print(format_scene(f"{name}, {workers}", scene), flush=True)
            keep(options.record, record)
        if name in options.bodies:
            record["bodies"][name] = run_bodies(name, contenders, options)
            print(format_bodies(name, record["bodies"][name]), flush=True)
            keep(options.record, record)
    for name in missing:
        print(f"not measured: {name} is not installed; make setup-bench installs it")
    if options.tables:
        write_tables(ROOT / "benchmarks/README.md", [record], overview=True)


def keep(path: Path | None, record: dict[str, Any]) -> None:
    """Write what is measured so far: a run takes long, and may be stopped."""
    if path:
        write_record(path, record)
        write_tables(path.with_suffix(".md"), [record])


def parse_options() -> argparse.Namespace:
    """Return what to measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2], help="none: large bodies only")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 32, 128])
    parser.add_argument("--bodies", nargs="*", choices=MODELS, default=["cnn"], help="models that also get bodies of 1000 instances")
    parser.add_argument("--only", nargs="+", choices=[each.name for each in CONTENDERS])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="of each load; wrk takes whole ones")
    parser.add_argument("--tables", action="store_true", help="write benchmarks/README.md's tables")
    parser.add_argument("--record", type=Path)
    return parser.parse_args()


def make_tree() -> None:
    """Train the tutorial's XGBoost candidate on a part of MNIST, unless it is there: its trees are as deep and as many as of the whole."""
    if not (TREE / "model.onnx").exists():
        command = [str(ROOT / ".venv/bin/inferstack"), "train", "digits", "--candidate", "xgboost", "--limit", "5000", "--out", str(TREE)]
        subprocess.run(command, cwd=ROOT, check=True)


def read_version(contender: Contender) -> str:
    """Return the version of the contender's package."""
    code = f"from importlib.metadata import version; print(version({contender.package!r}))"
    python = ROOT / ".venvs" / contender.environment / "bin/python"
    version = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    return f"{contender.package} {version}"


@contextmanager
def start_all(model: str, workers: int, contenders: Sequence[Contender], faults: dict[str, str]) -> Iterator[dict[str, Server]]:
    """Give the contenders' servers, started one after the other; one that cannot be measured is told among the faults."""
    asker = Asker(MODELS[model])
    one, crowd = asker.draw(1), [asker.draw(1) for _ in range(CROWD)]
    with make_scratch() as folder, ExitStack() as stack:
        servers = {}
        for contender in contenders:
            server = contender.make(MODELS[model], workers, folder)
            stack.callback(server.stop)  # also where the start is broken off
            try:
                server.start(trust_limit(contender, asker.ask(one, contender.forms[0])))
                server.check([trust_limit(contender, asker.ask(each, contender.forms[0])) for each in crowd])
                servers[contender.name] = server
            except ServerFault as fault:
                note_fault(faults, contender.name, fault)
        yield servers


def trust_limit(contender: Contender, question: Question) -> Question:
    """Return the question with any answer right where the contender serves no model."""
    return replace(question, read=lambda _: question.expected) if contender.limit else question


def note_fault(faults: dict[str, str], name: str, fault: Exception) -> None:
    """Say by name what is not measured, and why; the end of a log has paths of this machine, and stays out of the record."""
    faults[name] = str(fault).splitlines()[0]
    print(f"NOT MEASURED: {fault}", flush=True)


def run_scene(model: str, workers: int, contenders: Sequence[Contender], options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of one model and number of workers: of each server and concurrency, a list of rounds."""
    faults: dict[str, str] = {}
    asker = Asker(MODELS[model])
    one = asker.draw(1)
    by_name = {contender.name: contender for contender in contenders}
    figures: dict[str, dict[str, list[dict[str, float]]]] = {}
    states: dict[str, dict[str, float]] = {}
    model_rates = []
    with start_all(model, workers, contenders, faults) as servers:
        questions = {name: trust_limit(by_name[name], asker.ask(one, by_name[name].forms[0])) for name in servers}
        for name, server in servers.items():
            figures[name] = {str(connections): [] for connections in options.connections}
            load_with_wrk(server, questions[name], 8, 1)
        for _ in range(options.rounds):
            model_rates.append(measure_model(asker, CROWD))
            for connections in options.connections:
                for name in random.sample(list(servers), len(servers)):
                    measured = load_with_wrk(servers[name], questions[name], connections, options.seconds)
                    figures[name][str(connections)].append(measured)
        for name, server in servers.items():
            rss, pss = server.measure_memory_mb()
            states[name] = {
                "first_answer_s": server.first_answer_s,
                "rss_mb": rss,
                "pss_mb": pss,
                "largest_rss_mb": server.find_largest_rss_mb(),
            }
            try:
                server.check([questions[name]] * 4)
            except ServerFault as fault:
                note_fault(faults, name, fault)
                del figures[name]
    summary = {name: {at: summarize_rounds(rounds) for at, rounds in by_at.items()} for name, by_at in figures.items()}
    return {"servers": states, "faults": faults, "model_core_s": model_rates, "summary": summary, "figures": figures}


def measure_model(asker: Asker, batch: int, *, least_s: float = 0.3) -> float:
    """Return how many instances a second of one core the model itself answers in batches."""
    instances = asker.draw(batch)
    asker.engine.predict(instances)
    answered, began_s = 0, time.process_time()
    while (used_s := time.process_time() - began_s) < least_s:
        asker.engine.predict(instances)
        answered += batch
    return answered / used_s


def run_bodies(model: str, contenders: Sequence[Contender], options: argparse.Namespace) -> dict[str, Any]:
    """Return instances a second in large bodies, of each server and form, and of the model itself in its own largest batches."""
    faults: dict[str, str] = {}
    asker = Asker(MODELS[model])
    many = asker.draw(MANY)
    rates: dict[str, dict[str, list[dict[str, float]]]] = {}
    bare = []
    measured = [contender for contender in contenders if not contender.limit and contender.name != "Inferstack, JSON"]
    with start_all(model, 1, measured, faults) as servers:
        questions = {}
        for contender in measured:
            for form in contender.forms if contender.name in servers else ():
                question = asker.ask(many, form)
                try:
                    servers[contender.name].check([question])
                    questions[contender.name, form] = question
                except ServerFault as fault:
                    note_fault(faults, f"{contender.name}, {form}", fault)
        for _ in range(options.rounds):
            bare.append(measure_model(asker, asker.engine.batch))
            for name, form in random.sample(list(questions), len(questions)):
                figures = load_with_wrk(servers[name], questions[name, form], 2, options.seconds)
                kept = {"images_s": MANY * figures["requests_s"], "images_core_s": MANY * figures["requests_core_s"]}
                rates.setdefault(name, {}).setdefault(form, []).append(kept)
    return {"faults": faults, "model_core_s": bare, "rates": rates}


if __name__ == "__main__":
    main()
