"""Mutants of what each reader reads: a few here, a hundred thousand each by `make fuzz`."""

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Any

import pytest

from tests.fuzz import probe as probe_module
from tests.fuzz.mutate import mutate
from tests.fuzz.probe import Probe

MUTANTS = 40
ROOMS = ("functions", "models")


@pytest.fixture(scope="module")
def runs() -> dict[str, Any]:
    """The runs by name. As cases of tests they would be made by each process, which takes seconds."""
    from tests.fuzz.seeds import RUNS

    assert {run.room for run in RUNS.values()} == set(ROOMS)
    return RUNS


@pytest.fixture(scope="module", params=ROOMS)
def probe(request: pytest.FixtureRequest) -> Iterator[tuple[str, Probe]]:
    """A room, and the process that reads what its runs are of."""
    probe = Probe(request.param)
    yield request.param, probe
    probe.close()


def test_answers_or_refuses_mutants(probe: tuple[str, Probe], runs: dict[str, Any]) -> None:
    room, process = probe
    batches = {name: process.fuzz(run.target, run.seeds, 0, MUTANTS) for name, run in runs.items() if run.room == room}
    assert [name for name, batch in batches.items() if batch is None] == []  # of one the process died
    assert {name: batch.faults for name, batch in batches.items() if batch and batch.faults} == {}
    assert {sum(batch.outcomes.values()) for batch in batches.values() if batch} == {MUTANTS}


def test_seeds_are_read(probe: tuple[str, Probe], runs: dict[str, Any]) -> None:
    room, process = probe
    verdicts = {name: {process.measure(run.target, seed).outcome for seed in run.seeds} for name, run in runs.items() if run.room == room}
    assert [name for name, outcomes in verdicts.items() if "answered" not in outcomes] == []


def test_makes_the_same_mutants_of_the_same_numbers() -> None:
    from tests.fuzz.seeds import RUNS

    seeds = RUNS["uploads"].seeds
    first, second = ([mutate(seeds, number) for number in range(200)] for _ in range(2))
    assert first == second
    assert len(set(first) - set(seeds)) > 150


def test_climbs_to_what_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_module, "_time", lambda _, content: (float(len(content)), "answered", {}))
    seeds = [b"1" * 100]
    with TemporaryFile() as log:
        plain, climb = (probe_module._fuzz(None, log, seeds, 0, 200, is_climb) for is_climb in (False, True))
    assert climb.worst_cpu_s > 2 * plain.worst_cpu_s
    assert [len(content) for content in climb.slowest] == sorted(map(len, climb.slowest), reverse=True)
    assert len(climb.slowest[0]) == climb.worst_cpu_s


def test_notices_the_end_of_the_process() -> None:
    probe = Probe("broken")
    assert probe.measure("kill", b"").outcome == "crashed"
    assert probe.measure("raise", b"").outcome == "escaped"
    assert probe.measure("answer", b"").outcome == "answered"
    probe.close()
