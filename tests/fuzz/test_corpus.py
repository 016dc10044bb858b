"""Each hostile file through what reads its kind, in a process of its own: it is answered or refused in words, within bounds.

What takes seconds is tried by `make fuzz`, which also mutates files a hundred thousand times.
"""

from importlib import import_module

import pytest

from tests.fuzz import record
from tests.fuzz.probe import Probe

FEWEST = {"pictures": 200, "others": 200, "archives": 150, "tables": 200, "documents": 100, "models": 200}


# A test a room and not a test a file: making the files takes seconds, and each process would make them all to know their names.
@pytest.mark.parametrize("room", FEWEST)
def test_answers_or_refuses_each_file(room: str) -> None:
    is_model = room == "models"
    cases = [case for case in import_module(f"tests.fuzz.corpus.{room}").list_cases() if not case.is_costly]
    probe = Probe("models" if is_model else "functions")
    faults = {case.name: record.find_faults(probe.measure(case.target, case.make()), is_model=is_model) for case in cases}
    probe.close()
    assert {name: found for name, found in faults.items() if found} == {}
    assert len(faults) >= FEWEST[room]
