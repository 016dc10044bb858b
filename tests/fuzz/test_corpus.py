"""Each hostile file through what reads its kind, in a process of its own: it is answered or refused in words, within bounds.

What takes seconds is tried by `make fuzz`, which also mutates files a hundred thousand times.
"""

from collections.abc import Iterator

import pytest

from tests.fuzz import record
from tests.fuzz.corpus import archives, models, pictures, tables
from tests.fuzz.probe import Probe

CASES = {case.name: case for room in (pictures, archives, tables) for case in room.list_cases() if not case.is_costly}
MODELS = {case.name: case for case in models.list_cases()}


@pytest.fixture(scope="module")
def functions() -> Iterator[Probe]:
    probe = Probe("functions")
    yield probe
    probe.close()


@pytest.fixture(scope="module")
def readers() -> Iterator[Probe]:
    probe = Probe("models")
    yield probe
    probe.close()


def test_is_a_corpus() -> None:
    assert len(CASES) + len(MODELS) >= 300


@pytest.mark.parametrize("name", CASES)
def test_answers_or_refuses_what_is_uploaded_or_sent(functions: Probe, name: str) -> None:
    case = CASES[name]
    assert record.find_faults(functions.measure(case.target, case.make())) == []


@pytest.mark.parametrize("name", MODELS)
def test_reads_or_refuses_models_and_data(readers: Probe, name: str) -> None:
    case = MODELS[name]
    assert record.find_faults(readers.measure(case.target, case.make()), is_model=True) == []
