"""Mutants of what each reader reads: a few here, a hundred thousand each by `make fuzz`."""

from collections.abc import Iterator

import pytest

from tests.fuzz.mutate import mutate
from tests.fuzz.probe import Probe
from tests.fuzz.seeds import RUNS

MUTANTS = 40


@pytest.fixture(scope="module")
def probes() -> Iterator[dict[str, Probe]]:
    probes = {room: Probe(room) for room in ("functions", "models")}
    yield probes
    for probe in probes.values():
        probe.close()


@pytest.mark.parametrize("name", RUNS)
def test_answers_or_refuses_mutants(probes: dict[str, Probe], name: str) -> None:
    run = RUNS[name]
    batch = probes[run.room].fuzz(run.target, run.seeds, 0, MUTANTS)
    assert batch
    assert (batch.faults, sum(batch.outcomes.values())) == ([], MUTANTS)


@pytest.mark.parametrize("name", RUNS)
def test_seeds_are_read(probes: dict[str, Probe], name: str) -> None:
    run = RUNS[name]
    verdicts = [probes[run.room].measure(run.target, seed) for seed in run.seeds]
    assert "answered" in {verdict.outcome for verdict in verdicts}


def test_makes_the_same_mutants_of_the_same_numbers() -> None:
    seeds = RUNS["uploads"].seeds
    first, second = ([mutate(seeds, number) for number in range(200)] for _ in range(2))
    assert first == second
    assert len(set(first) - set(seeds)) > 150


def test_notices_the_end_of_the_process() -> None:
    probe = Probe("broken")
    assert probe.measure("kill", b"").outcome == "crashed"
    assert probe.measure("raise", b"").outcome == "escaped"
    assert probe.measure("answer", b"").outcome == "answered"
    probe.close()
